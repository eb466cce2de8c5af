/** What differs between settings, path by path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../bench/model/result.ts';
import { fixture } from '../testing/fixture.ts';
import { differencesBetween, disagreements, settingsOf } from './settings.ts';

const { result } = fixture('valid');
const ENVIRONMENT = { node: 'v20', os: 'Linux', cpus: 2, version: '1.0', commit: 'abc', threads: 3 };
const STAGE = { kind: 'local', region: null, profile: 'calibrated', parameters: { ShardCount: '2' } };

function run(changes: object = {}): RunResult {
  return {
    ...result,
    stage: { ...STAGE, name: 'here', notes: ['n'] },
    environment: { ...ENVIRONMENT, host: 'me' },
    plan: {
      stage: 'ws://here/',
      name: 'x',
      connections: 7,
      load: { kind: 'open', ratePerSecond: 50 },
      faults: null,
    },
    ...changes,
  } as unknown as RunResult;
}

const told = (settings: ReturnType<typeof settingsOf>) =>
  [...settings].map(([path, { text, exact }]) => (text === exact ? [path, text] : [path, text, exact]));

test('the settings of a run are its plan, its stage and its environment, each by its path', () => {
  assert.deepEqual(told(settingsOf(run())), [
    ['schema', String(result.schema)],
    ['plan.connections', '7'],
    ['plan.load.kind', 'open'],
    ['plan.load.ratePerSecond', '50'],
    ['plan.faults', '(none)'],
    ['stage.kind', 'local'],
    ['stage.region', 'null'],
    ['stage.profile', 'calibrated'],
    ['stage.parameters.ShardCount', '2'],
    ...Object.entries(ENVIRONMENT).map(([name, value]) => [`environment.${name}`, String(value)]),
  ]);
  const elsewhere = run({ stage: { ...STAGE, kind: 'url', parameters: {} } });
  const settings = Object.fromEntries(told(settingsOf(elsewhere)));
  assert.deepEqual([settings['plan.stage'], settings['stage.parameters']], ['ws://here/', '{}']);
});

test('what can’t be compared comes first, and what is alike not at all', () => {
  const base = run();
  const plan = { ...base.plan, trace: true, connections: 9, name: 'y' };
  const other = run({
    ...{ schema: 99, plan, stage: { ...STAGE, kind: 'aws' }, environment: { ...ENVIRONMENT, cpus: 4 } },
  });
  const schema = String(result.schema);
  assert.deepEqual(differencesBetween([base], [other]), [
    { setting: 'schema', isIncomparable: true, base: schema, candidate: '99' },
    { setting: 'plan.connections', isIncomparable: true, base: '7', candidate: '9' },
    { setting: 'stage.kind', isIncomparable: true, base: 'local', candidate: 'aws' },
    { setting: 'environment.cpus', isIncomparable: false, base: '2', candidate: '4' },
    { setting: 'plan.trace', isIncomparable: false, base: '(none)', candidate: 'true' },
  ]);
  assert.deepEqual(differencesBetween([base], [run()]), []);
});

test('a name in the environment or the stage that a plan has too can be compared', () => {
  const at = (connections: string) => run({ stage: { ...STAGE, parameters: { connections } } });
  assert.deepEqual(
    differencesBetween([at('1')], [at('2')]).map(({ setting, isIncomparable }) => [setting, isIncomparable]),
    [['stage.parameters.connections', false]],
  );
});

test('several values of a side are told in order, and each once', () => {
  const of = (...cpus: number[]) => cpus.map((each) => run({ environment: { ...ENVIRONMENT, cpus: each } }));
  assert.deepEqual(differencesBetween(of(8, 4, 8), of(2)), [
    { setting: 'environment.cpus', isIncomparable: false, base: '4 and 8', candidate: '2' },
  ]);
  assert.deepEqual(differencesBetween(of(8, 4), of(4, 8)), []);
});

test('runs of one side disagree in what any of them has otherwise than the first', () => {
  const of = (cpus: number, node = 'v20') => run({ environment: { ...ENVIRONMENT, cpus, node } });
  assert.deepEqual(disagreements([]), []);
  assert.deepEqual(disagreements([of(1)]), []);
  assert.deepEqual(disagreements([of(1), of(1), of(2), of(1, 'v22'), of(3)]), [
    { setting: 'environment.cpus', isIncomparable: false, base: '1', candidate: '3' },
    { setting: 'environment.node', isIncomparable: false, base: 'v20', candidate: 'v22' },
  ]);
});
