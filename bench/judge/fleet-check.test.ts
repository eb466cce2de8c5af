/** What is said of a fleet that was not all there, or not all the time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGolden } from '../../reports/testing/golden.ts';
import type { FleetFacts, WorkerFacts } from '../model/fleet-facts.ts';
import type { RunResult } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { fleetCheck, withFleetCheck } from './fleet-check.ts';

const worker = (index: number, facts: Partial<WorkerFacts> = {}) =>
  ({ index, latenessMs: 0, interruption: null, ...facts }) as WorkerFacts;

const fleet = (workers: readonly WorkerFacts[], facts: Partial<FleetFacts> = {}) =>
  ({
    of: workers.length,
    missing: [],
    rejected: [],
    clockSpreadMs: 3,
    workers,
    ...facts,
  }) as unknown as FleetFacts;

const RUN = {
  plan: planWith({ durationMs: 10_000, load: { kind: 'open', ratePerSecond: 100, arrival: 'constant' } }),
  messages: { scheduled: 1_000 } as RunResult['messages'],
  stage: { region: null } as RunResult['stage'],
};

test('a fleet whose workers surely drove at different times is invalid, and what the load was is told', () => {
  const apart = (clocksApartMs: number) =>
    fleetCheck(fleet([worker(0), worker(1)], { clocksApartMs, clockSpreadMs: clocksApartMs + 20 }), RUN);
  assert.equal(apart(500).verdict, 'valid');
  assert.equal(apart(501).verdict, 'invalid');
  assert.equal(
    apart(5_000).evidence,
    '2 of 2 workers reported; they drove at least 5.0 s apart (bound 5.0 % of the window): all of them together for at most 5.0 of 10 s, and the load was 66.7/s on average, not 100/s; each was ready at the agreed start by its own clock; their clocks are at least 5000.00 ms and at most 5020.00 ms apart',
  );
  assert.match(apart(20_000).evidence, /together for at most 0\.0 of 10 s, and the load was 33\.3\/s/);
});

test('a worker that came later than the warm-up and a twentieth of the window makes the run invalid', () => {
  const plan = { ...RUN.plan, warmupMs: 2_000 };
  const late = (latenessMs: number) =>
    fleetCheck(fleet([worker(0), worker(1, { latenessMs })], { clocksApartMs: 0 }), { ...RUN, plan }).verdict;
  assert.deepEqual([50, 2_500, 2_501].map(late), ['valid', 'unknown', 'invalid']);
});

test('bounds that leave the clocks wide apart or together cast doubt and prove nothing', () => {
  const wide = fleet([worker(0), worker(1)], { clocksApartMs: 0, clockSpreadMs: 5_000 });
  assert.equal(fleetCheck(wide, RUN).verdict, 'unknown');
});

test('workers that ran different programs are told', () => {
  const { verdict, evidence } = fleetCheck(
    fleet([worker(0), worker(1)], { programs: ['0.1.0, Node v20', '0.2.0, Node v20'] }),
    RUN,
  );
  assert.equal(verdict, 'unknown');
  assert.match(evidence, /; they ran different programs: 0\.1\.0, Node v20 \| 0\.2\.0, Node v20$/);
});

test('a fleet that was all there is valid', () => {
  const { verdict, evidence } = fleetCheck(fleet([worker(0), worker(1)]), RUN);
  assert.equal(verdict, 'valid');
  assert.match(evidence, /^2 of 2 workers reported; all were ready at the agreed start; .* 3\.00 ms apart$/);
});

test('a worker that stopped early is told: what was left of its share is in no count', () => {
  const { evidence } = fleetCheck(fleet([worker(0), worker(1, { interruption: 'interrupted' })]), RUN);
  assert.match(evidence, /; 1 worker stopped early, and what was left of the share was never scheduled;/);
});

test('a saturated driver of a fleet with a late worker may be the lateness, and the advice says whose', () => {
  const result = {
    warnings: [
      { code: 'driverSaturated', text: 'x', advice: 'lower the rate' },
      { code: 'other', text: 'y', advice: 'z' },
    ],
    validity: { verdict: 'invalid', checks: [] },
    ...RUN,
  } as unknown as RunResult;
  const advices = (workers: readonly WorkerFacts[]) =>
    withFleetCheck(result, fleet(workers)).warnings.map(({ advice }) => advice);
  assert.deepEqual(advices([worker(0), worker(1)]), ['lower the rate', 'z']);
  const [first, second] = advices([worker(0), worker(1, { latenessMs: 7_840 })]);
  assert.match(
    first ?? '',
    /^First see whether it is the late start of worker 1: .* Otherwise: lower the rate$/,
  );
  assert.equal(second, 'z');
});

test('workers in another region than the stack’s are warned of with both, and an unknown region is said where there is a stack', () => {
  const ran = (engine: FleetFacts['engine'], region: string | null) => {
    const facts = fleet([worker(0)], engine === undefined ? {} : { engine });
    const stage = { region } as RunResult['stage'];
    const result = { ...RUN, stage, validity: { checks: [] }, warnings: [] } as unknown as RunResult;
    const { warnings, validity } = withFleetCheck(result, facts);
    return [
      warnings.map(({ code, text }) => `${code}: ${text}`),
      validity.checks[0]!.evidence.split('; ')[3],
    ];
  };
  const batch = { name: 'aws-batch', job: '1', region: 'us-east-1' };
  const slurm = { name: 'slurm', job: '1' };
  assert.deepEqual(ran(batch, 'eu-west-1'), [
    [
      'fleetElsewhere: The workers are in us-east-1, and the stack is in eu-west-1: the way between the two regions is in every latency.',
    ],
    'they ran in us-east-1, and the stack is in eu-west-1',
  ]);
  assert.deepEqual(ran(batch, 'us-east-1'), [[], undefined]);
  assert.deepEqual(ran(slurm, 'eu-west-1'), [[], 'in which region they ran is not known']);
  assert.deepEqual(ran(batch, null), [[], undefined], 'a URL');
  assert.deepEqual(ran(undefined, 'eu-west-1'), [[], undefined], 'workers that nobody submitted');
});

test('whatever was wrong with a fleet is told, and how bad it is', () => {
  const rejected = (...verdicts: string[]) =>
    verdicts.map((verdict) => ({ verdict })) as unknown as FleetFacts['rejected'];
  const engine = (region?: string) => ({ engine: { region } }) as unknown as Partial<FleetFacts>;
  const deployed = { ...RUN, stage: { region: 'eu-west-1' } as RunResult['stage'] };
  const closed = { ...RUN, plan: planWith({ durationMs: 10_000, load: { kind: 'closed', inFlight: 1 } }) };
  const two = [worker(0), worker(1)];
  const late = (...ms: number[]) => ms.map((latenessMs, index) => worker(index, { latenessMs }));
  const interruption = 'SIGINT' as unknown as WorkerFacts['interruption'];
  const cases: [FleetFacts, Parameters<typeof fleetCheck>[1]][] = [
    [fleet(two), RUN],
    [fleet(two, { of: 3, missing: [2] }), RUN],
    [fleet(two, { rejected: rejected('conflict', 'copy') }), RUN],
    [fleet(two, { rejected: rejected('conflict', 'conflict') }), RUN],
    [fleet(two, { rejected: rejected('copy') }), RUN],
    [fleet([worker(0), worker(1, { interruption })]), RUN],
    [fleet(late(100, 0)), RUN],
    [fleet(late(101, 350, 120)), RUN],
    [fleet(two, { clockSpreadMs: null }), RUN],
    [fleet(two, { clockSpreadMs: 1000 }), RUN],
    [fleet(two, { clockSpreadMs: 1001 }), RUN],
    [fleet(two, { clocksApartMs: 0, clockSpreadMs: 5 }), RUN],
    [fleet(two, { clocksApartMs: 2, clockSpreadMs: 5 }), RUN],
    [fleet(two, { clocksApartMs: 900, clockSpreadMs: 950 }), closed],
    [fleet(two, { programs: ['one'] }), RUN],
    [fleet(two, { programs: ['one', 'two'] }), RUN],
    [fleet(two, engine('us-east-1')), deployed],
    [fleet(two, engine('eu-west-1')), deployed],
    [fleet(two, engine()), deployed],
    [fleet(two, engine('us-east-1')), RUN],
  ];
  const lines = cases.map(([facts, run]) => JSON.stringify(fleetCheck(facts, run)));
  const result = (code: string) =>
    ({
      ...deployed,
      warnings: [{ code, text: 'text', advice: 'advice' }],
      validity: { verdict: 'valid', checks: [{ name: 'x', verdict: 'valid', evidence: '' }] },
    }) as unknown as RunResult;
  const advised = [late(101, 0), late(0, 101, 150), late(100)].flatMap((workers) =>
    ['driverSaturated', 'other'].map((code) =>
      withFleetCheck(result(code), fleet(workers, engine('us-east-1'))),
    ),
  );
  assertGolden('fleet-checks', [
    ...lines,
    ...advised.map(({ warnings, validity }) => JSON.stringify({ warnings, validity })),
  ]);
});
