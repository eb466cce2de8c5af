/** Fault files: what they come to, and every way in which they can be wrong, each with its remedy. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { attempted } from '../model/failure.ts';
import { FAULT_ACTIONS } from '../model/fault.ts';
import { parseFaults } from '../model/fault-list.ts';
import { parsePlan, readFaultFile } from './plan-file.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-faults-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string): string {
  const file = path.join(folder, `${readdirSync(folder).length}.yaml`);
  writeFileSync(file, text);
  return file;
}

const sentencesOf = (value: unknown) =>
  parseFaults(value).problems.map(({ path: place, message }) => `${place.join('.')}: ${message}`);

function problemsOf(parse: () => unknown): readonly string[] {
  const found: string[] = [];
  attempted(parse, found);
  return found;
}

test('a fault says everything, or gets the defaults', () => {
  const { plan, problems } = parseFaults([
    { where: 'ingest', do: 'reorder', at: '10s' },
    {
      name: 'echo fails',
      where: 'function',
      do: 'error',
      at: '1m',
      for: '250ms',
      ratio: 0.5,
      function: 'EchoFunction',
      when: 'after',
    },
  ]);
  assert.deepEqual(problems, []);
  const common = { ratePerSecond: null, shard: null, status: 500 };
  assert.deepEqual(plan.faults, [
    {
      ...common,
      name: '1 ingest reorder',
      where: 'ingest',
      do: 'reorder',
      atMs: 10_000,
      forMs: null,
      ratio: 1,
      delayMs: 1_000,
      functionId: null,
      when: 'before',
    },
    {
      ...common,
      name: 'echo fails',
      where: 'function',
      do: 'error',
      atMs: 60_000,
      forMs: 250,
      ratio: 0.5,
      delayMs: 0,
      functionId: 'EchoFunction',
      when: 'after',
    },
  ]);
});

test('faults without a name are numbered by kind, and never take a name that is given', () => {
  const drop = { where: 'ingest', do: 'drop', at: '0s' };
  const { plan } = parseFaults([
    drop,
    { ...drop, name: '2 ingest drop' },
    drop,
    { ...drop, where: 'delivery' },
  ]);
  const names = plan.faults.map(({ name }) => name);
  assert.deepEqual(names, ['1 ingest drop', '2 ingest drop', '3 ingest drop', '1 delivery drop']);
});

test('every site can do what the plan says it can, and nothing else', () => {
  const all = [...new Set(Object.values(FAULT_ACTIONS).flat())];
  for (const [where, actions] of Object.entries(FAULT_ACTIONS)) {
    for (const action of all) {
      const delay = ['delay', 'slow'].includes(action) ? { delay: '1s' } : {};
      const { problems } = parseFaults([{ where, do: action, at: '0s', ...delay }]);
      const isAllowed = (actions as readonly string[]).includes(action);
      assert.equal(problems.length === 0, isAllowed, `${where} ${action}: ${JSON.stringify(problems)}`);
      if (!isAllowed) assert.equal(problems[0]!.message, `where: ${where} can do ${actions.join(', ')} only`);
    }
  }
});

test('every problem is told at once, with its field and what to do', () => {
  assert.deepEqual(
    sentencesOf([
      { where: 'ingest', do: 'drop', at: '10', ratio: 2, fro: '3s' },
      { where: 'nowhere', do: 'drop', at: '1s' },
      { where: 'delivery', do: 'delay', at: '1s', rate: '5/s', shard: 0 },
      { where: 'connection', do: 'kill', at: '1s', rate: 5, ratio: 0.5, status: 500 },
      { name: 'a', where: 'gateway', do: 'stall', at: '1s', for: '0s', ratio: 1 },
      { name: 'a', where: 'function', do: 'slow', at: '1s', when: 'after', function: 7 },
    ]),
    [
      "0.at: '10' is not a duration such as 30s, 5m or 250ms",
      '0.ratio: must be a number from 0 to 1',
      '0.fro: there is no such setting; did you mean for?',
      '1.where: must be one of ingest, delivery, shard, function, callback, connection, gateway',
      '2.rate: means something to where: connection only; leave it out',
      '2.shard: means something to where: ingest or shard only; leave it out',
      '2.delay: is needed for do: delay, such as 200ms',
      '3.status: means something to where: callback only; leave it out',
      '3.rate: excludes ratio: give one of them',
      '4.for: must be at least 1ms',
      '5.function: must be the logical id of a function, such as EchoFunction',
      "5.name: 'a' is the name of another fault; give it its own",
    ],
  );
});

test('a file that is none, or has no list, says so', () => {
  const first = (file: string) => problemsOf(() => parsePlan({ faults: file }, {}))[0]!;
  assert.match(first(path.join(folder, 'missing.yaml')), /^faults: .*missing.yaml does not exist/);
  assert.match(first(fileWith('faults: [')), /^faults: .* is neither YAML nor JSON/);
  assert.match(first(fileWith('faults: yes please')), /^faults: must be a list of faults/);
  assert.match(
    first(fileWith('{faults: [{where: ingest, do: drop, at: 1s}], stage: local}')),
    /^faults: there is no such setting beside faults: stage/,
  );
});

test('a list of no faults is refused, in a plan and in a file', () => {
  const none = /^faults: lists none; add one, such as .*, or leave it out$/;
  for (const faults of [[], { faults: [] }, fileWith('faults: []'), fileWith('[]')])
    assert.match(problemsOf(() => parsePlan({ faults }, {}))[0]!, none);
  for (const empty of ['', '# nothing yet', 'faults:'])
    assert.match(problemsOf(() => parsePlan({ faults: fileWith(empty) }, {}))[0]!, /^faults: must be a list/);
});

test('every bundled fault plan is valid and is found by its name', () => {
  const names = readdirSync(fileURLToPath(new URL('../plans/faults/', import.meta.url)));
  assert.ok(names.length >= 3, `${names.length} plans`);
  for (const file of names) {
    const { plan, problems } = parseFaults(readFaultFile(path.basename(file, '.yaml')));
    assert.deepEqual([file, problems, plan.faults.length > 0], [file, [], true]);
  }
});

test('a plan file may carry faults or the path of a file, and the flag wins', () => {
  const list = [{ where: 'ingest', do: 'drop', at: '1s' }];
  const file = fileWith('faults: [{where: delivery, do: drop, at: 2s}]');
  const sites = (plan: ReturnType<typeof parsePlan>) => plan.plan.faults?.faults.map(({ where }) => where);
  assert.equal(parsePlan({}, {}).plan.faults, null);
  assert.deepEqual(sites(parsePlan({ faults: list }, {})), ['ingest']);
  assert.deepEqual(sites(parsePlan({ faults: file }, {})), ['delivery']);
  assert.deepEqual(sites(parsePlan({ faults: list }, { faults: file })), ['delivery']);
});

test('problems of faults stand among those of the plan, by their path', () => {
  const faults = [{ where: 'ingest', do: 'drop', at: '1s', ratio: -1 }];
  assert.deepEqual(
    problemsOf(() => parsePlan({ faults, connections: 0 }, {})),
    ['connections: must be at least 1', 'faults.0.ratio: must be a number from 0 to 1'],
  );
  assert.match(
    problemsOf(() => parsePlan({ faults: 5 }, {}))[0]!,
    /^faults: must be a list of faults, or a file/,
  );
});

test('only the local stage has faults, wherever they were asked for', () => {
  const faults = [{ where: 'ingest', do: 'drop', at: '1s' }];
  for (const given of [
    () => parsePlan({ faults }, { stage: 'ws://127.0.0.1:1' }),
    () => parsePlan({}, { faults: 'lossy', stage: 'my-stack' }),
  ])
    assert.match(problemsOf(given)[0]!, /^faults: only the local stage is configured here/);
});
