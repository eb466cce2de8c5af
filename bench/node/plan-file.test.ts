import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { attempted } from '../model/failure.ts';
import { isStackStage } from '../model/stage-name.ts';
import { temporaryDirectory } from '../testing/cli.ts';
import { parsePlan, readPlanFile } from './plan-file.ts';

function problems(parse: () => unknown): readonly string[] {
  const found: string[] = [];
  attempted(parse, found);
  return found;
}

test('every bundled plan is valid', () => {
  const folder = new URL('../plans/', import.meta.url);
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
    // Settings of a sweep are the sweep's; with them a plan is no run's.
    const {
      vary: _vary,
      repeats: _repeats,
      goal: _goal,
      ...plan
    } = readPlanFile(fileURLToPath(new URL(name, folder)));
    parsePlan(plan, {});
  }
});

test('the quick plan is what the documentation promises', () => {
  const { plan } = parsePlan(
    readPlanFile(fileURLToPath(new URL('../plans/quick.yaml', import.meta.url))),
    {},
  );
  assert.deepEqual(plan.load, { kind: 'open', ratePerSecond: 500, arrival: 'constant' });
  assert.deepEqual(
    [plan.connections, plan.durationMs, plan.trace, plan.stage, plan.profile],
    [1000, 20_000, true, 'local', 'aws'],
  );
});

test('flags win over the file, and a rate replaces an in-flight number and the other way round', () => {
  const { plan } = parsePlan({ connections: 5, rate: '10/s' }, { connections: '7', duration: '1.5m' });
  assert.deepEqual([plan.connections, plan.durationMs], [7, 90_000]);
  assert.deepEqual(parsePlan({ rate: 10 }, { inFlight: '2' }).plan.load, { kind: 'closed', inFlight: 2 });
  assert.equal(parsePlan({ inFlight: 2 }, { rate: '9' }).plan.load.kind, 'open');
});

test('every problem is reported at once, each with its field', () => {
  const found = problems(() =>
    parsePlan(
      {},
      {
        connections: 'many',
        rate: '-3',
        duration: '30',
        arrival: 'sometimes',
        payloadBytes: '10',
        threshold: ['p99 < 5', 'latency.response.p98 < 5'],
        stage: 'http://example.com',
        conections: '5',
        parameter: ['ShardCount'],
      },
    ),
  );
  const fields = found.map((problem) => problem.split(':')[0]);
  const expected = [
    'arrival',
    'conections',
    'connections',
    'duration',
    'parameter',
    'payloadBytes',
    'rate',
    'stage',
    'threshold',
  ];
  assert.deepEqual([...new Set(fields)].sort(), expected);
});

const ARN =
  'arn:aws:cloudformation:eu-west-1:123456789012:stack/my-stack/0a1b2c3d-0000-1111-2222-333344445555';

test('a stage may be the name or the ARN of a stack, in a region or that of the environment', () => {
  const { plan } = parsePlan(
    {},
    { stage: 'my-stack', region: 'eu-west-1', threshold: 'metrics.errors.sum == 0' },
  );
  assert.deepEqual([plan.stage, plan.region], ['my-stack', 'eu-west-1']);
  assert.equal(parsePlan({ stage: ARN }, {}).plan.region, null);
  assert.equal(isStackStage(plan), true);
  for (const stage of ['local', 'ws://127.0.0.1:1', 'WSS://x.example'])
    assert.equal(isStackStage({ stage }), false, stage);
});

test('what is neither a stack, nor a URL, nor local is refused by all three', () => {
  for (const stage of ['my_stack', '1stack', 'x'.repeat(129), 'arn:aws:s3:::bucket', 'a b']) {
    const [problem] = problems(() => parsePlan({}, { stage }));
    assert.match(problem ?? '', /^stage: .*neither 'local', nor a ws:.*nor the name of a stack/, stage);
  }
});

test('a region must be one, belongs to stacks only, and must not contradict the ARN', () => {
  const first = (flags: Record<string, unknown>) => problems(() => parsePlan({}, flags))[0] ?? '';
  assert.match(first({ stage: 'my-stack', region: 'Ireland' }), /^region: must be the name of a region/);
  assert.match(first({ region: 'eu-west-1' }), /^region: only a stage that is given by the name/);
  assert.match(first({ stage: 'ws://127.0.0.1:1', region: 'eu-west-1' }), /^region: only/);
  assert.match(first({ stage: ARN, region: 'us-east-1' }), /^region: the stack's ARN says eu-west-1/);
  assert.equal(first({ stage: ARN, region: 'eu-west-1' }), '');
});

test('a deployed stack is not configured by a run', () => {
  const flags = { stage: 'my-stack', parameter: ['ShardCount=4'], template: 'x.yaml', profile: 'ideal' };
  const fields = problems(() => parsePlan({}, flags)).map((problem) => problem.split(':')[0]);
  assert.deepEqual(fields, ['parameter', 'template', 'profile']);
});

test('settings that exclude each other or belong to another stage are refused', () => {
  assert.match(problems(() => parsePlan({}, { rate: 1, inFlight: 1 }))[0]!, /exclude each other/);
  assert.match(
    problems(() => parsePlan({}, { stage: 'ws://127.0.0.1:1', profile: 'aws' }))[0]!,
    /only the local stage/,
  );
  assert.match(problems(() => parsePlan({}, { connections: 2, threads: 3 }))[0]!, /3 threads can't share 2/);
  assert.match(
    problems(() => parsePlan({}, { stage: 'ws://user:secret@127.0.0.1:1' }))[0]!,
    /holds a password/,
  );
});

test('header values are kept out of the plan, and out of the complaint about a bad one', () => {
  const { plan, headers } = parsePlan({}, { header: ['Authorization: Bearer s3cret', 'X-Other: 1'] });
  assert.deepEqual(headers, { Authorization: 'Bearer s3cret', 'X-Other': '1' });
  assert.deepEqual(plan.headerNames, ['Authorization', 'X-Other']);
  assert.ok(!JSON.stringify(plan).includes('s3cret'));
  const [complaint] = problems(() => parsePlan({}, { header: ['Bearer s3cret\n'] }));
  assert.ok(complaint !== undefined && !complaint.includes('s3cret'));
});

test('a plan file that is missing, no map or no YAML is refused by its name', () => {
  assert.match(problems(() => readPlanFile('/nowhere/plan.yaml'))[0]!, /nowhere/);
  const here = fileURLToPath(import.meta.url);
  assert.match(problems(() => readPlanFile(here))[0]!, /plan-file\.test\.ts/);
});

test('every threshold, parameter and header that is wrong is named, not only the first', () => {
  const found = problems(() => parsePlan({}, { threshold: ['a', 'b'], parameter: ['c', 'd'], rate: 'x' }));
  const fields = found.map((problem) => problem.split(':')[0]).sort();
  assert.deepEqual(fields, ['parameter', 'parameter', 'rate', 'threshold', 'threshold']);
});

test('what JavaScript would take for a number is not one', () => {
  for (const connections of [[3], true, null, '', '3.5', '1e3', {}]) {
    assert.equal(problems(() => parsePlan({ connections }, {})).length, 1, JSON.stringify(connections));
  }
});

test('a payload that API Gateway would cut the connection for is refused on the local stage only', () => {
  assert.match(
    problems(() => parsePlan({}, { payloadBytes: '32769' }))[0]!,
    /payloadBytes: API Gateway closes/,
  );
  assert.equal(problems(() => parsePlan({}, { payloadBytes: '32769', stage: 'ws://127.0.0.1:1' })).length, 0);
});

test('connections are not opened again, churned or placed unless asked', () => {
  const { plan } = parsePlan({}, {});
  assert.deepEqual([plan.reconnect, plan.churnPerSecond, plan.localAddresses], [false, 0, []]);
  const asked = parsePlan(
    { churn: '20/s' },
    { reconnect: true, localAddress: ['10.0.0.1, 10.0.0.2', '::1'] },
  );
  assert.deepEqual(
    [asked.plan.reconnect, asked.plan.churnPerSecond, asked.plan.localAddresses],
    [true, 20, ['10.0.0.1', '10.0.0.2', '::1']],
  );
});

test('churn above the connect rate, and addresses that are none, are problems', () => {
  assert.deepEqual(
    problems(() => parsePlan({}, { churn: '600', localAddress: '10.0.0.1,home' })),
    ["localAddress: 'home' is not an IP address"],
  );
  assert.match(
    problems(() => parsePlan({}, { churn: '600' }))[0]!,
    /^churn: 600\/s can't be opened again at a connectRate of 500\/s/,
  );
});

test('a fault that would begin after the measurement, and the plan of a sweep, are refused with what to do', () => {
  const faults = [{ where: 'ingest', do: 'drop', at: '22s' }];
  assert.deepEqual(
    problems(() => parsePlan({ faults, duration: '20s' }, {})),
    [
      "faults: '1 ingest drop' begins 22 s after the start of measurement, which lasts 20 s; raise the duration, or begin earlier",
    ],
  );
  assert.deepEqual(
    problems(() => parsePlan({ vary: ['rate=1,2'], repeats: 2 } as never, {})),
    ["vary: this is the plan of a sweep; run it with 'bench sweep'"],
  );
});

test('values of a query are kept out of the plan and its problems, and those of the environment are joined', () => {
  const stage = 'ws://127.0.0.1:1/p?token=s3cret&room=7';
  const environment = { BENCH_HEADERS: 'X-Key: k3y\nCookie: a=1', BENCH_QUERY: 'token=other' };
  const plain = parsePlan({ stage }, {}, { environment: {} });
  assert.deepEqual(
    [plain.plan.stage, plain.query],
    ['ws://127.0.0.1:1/p?token=…&room=…', 'token=s3cret&room=7'],
  );
  const joined = parsePlan(
    { stage: plain.plan.stage.replace('room=…', 'room=7') },
    { header: 'Cookie: b=2' },
    { environment },
  );
  assert.equal(joined.query, 'token=other&room=7');
  assert.deepEqual(joined.headers, { 'X-Key': 'k3y', Cookie: 'a=1; b=2' });
  assert.ok(!JSON.stringify([plain.plan, joined.plan]).includes('s3cret'));
  for (const bad of [`${stage}#x`, stage.replace('ws:', 'http:'), `my stack?token=s3cret`])
    assert.ok(
      !problems(() => parsePlan({ stage: bad }, {}))
        .join()
        .includes('s3cret'),
    );
});

test('a mask that was copied from a report is no value', () => {
  assert.match(
    problems(() => parsePlan({ stage: 'ws://127.0.0.1:1/?token=…' }, {}, { environment: {} }))[0]!,
    /^stage: the value of 'token' in its query is a mask; .*BENCH_QUERY/,
  );
});

test('names that every object has are parameters and headers like any other', () => {
  const { plan, headers } = parsePlan(
    {},
    { parameter: ['__proto__=1', 'toString=2'], header: ['__proto__: x'] },
  );
  assert.deepEqual(Object.entries(plan.parameters), [
    ['__proto__', '1'],
    ['toString', '2'],
  ]);
  assert.deepEqual(Object.entries(headers), [['__proto__', 'x']]);
});

test('what the reader of YAML warns of is not printed, for the line may hold a secret', async () => {
  const { path: place, remove } = temporaryDirectory();
  const warned: string[] = [];
  const hear = ({ message }: Error) => warned.push(message);
  process.on('warning', hear);
  try {
    writeFileSync(path.join(place, 'plan.yaml'), 'stage: !!secret ws://h/?token=SECRET\n');
    assert.deepEqual(readPlanFile(path.join(place, 'plan.yaml')), { stage: 'ws://h/?token=SECRET' });
    await new Promise(setImmediate);
    assert.deepEqual(warned, []);
  } finally {
    process.off('warning', hear);
    remove();
  }
});

test('on a stack connections are opened at 400/s unless something else is said', () => {
  const arn = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/demo/0';
  const rateOn = (file: object, flags: object = {}) =>
    parsePlan({ ...file }, { ...flags }).plan.connectRatePerSecond;
  assert.deepEqual(
    [{ stage: 'demo' }, { stage: arn }, { stage: 'local' }, {}, { stage: 'ws://127.0.0.1:1' }].map((file) =>
      rateOn(file),
    ),
    [400, 400, 500, 500, 500],
  );
  assert.equal(rateOn({ stage: 'local' }, { stage: 'demo' }), 400);
  assert.deepEqual(
    [rateOn({ stage: 'demo', connectRate: 450 }), rateOn({}, { stage: 'demo', connectRate: '10/s' })],
    [450, 10],
  );
});
