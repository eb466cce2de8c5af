/** What became of faults, from seconds made by hand: every expected figure can be computed in the head. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHistogram, quantilesOf, sparseOf } from '../measure/histogram.ts';
import { HistogramSum } from '../measure/histogram-sum.ts';
import { expectedRecords, type RunRecord } from '../measure/record.ts';
import { Rollup, type RunSecond } from '../measure/rollup.ts';
import { emptySecond } from '../measure/second.ts';
import { emptyTally } from '../measure/tally.ts';
import { emptyFaultTally, type Fault, PLAIN_FAULT } from '../model/fault.ts';
import { planWith } from '../sim/testing/plan.ts';
import { faultOutcomesOf } from './fault-outcome.ts';
import { warningsFor } from './warning.ts';

const STALL: Fault = {
  ...PLAIN_FAULT,
  name: 'stall',
  where: 'gateway',
  do: 'stall',
  atMs: 5_000,
  forMs: 2_000,
};

interface Made {
  /** Messages that arrive in the second; 1,000 are sent in each. */
  readonly delivered?: number;
  readonly ms?: number;
  readonly lost?: number;
}

/** A second in which every answer takes the same time. */
function second(index: number, sent: number, { delivered = sent, ms = 100, lost = 0 }: Made): RunSecond {
  const histogram = newHistogram(32);
  if (delivered > 0) histogram.recordValueWithCount(ms * 1000, delivered);
  const response = new HistogramSum();
  if (delivered > 0) response.add(sparseOf(histogram)!);
  const measured = { ...emptyTally(), sent, delivered };
  return { ...emptySecond(index), due: sent, lost, measured, connections: 1, histograms: { response } };
}

/** A run of as many seconds as are given; those that are null are ordinary. */
function recordOf(made: readonly (Made | null)[], faults: readonly Fault[], perSecond = 1000): RunRecord {
  const seconds = made.map((one, index) => second(index, perSecond, one ?? {}));
  const record = {
    plan: planWith({ faults: { faults } }),
    rollup: { seconds: () => seconds },
    measuredFromMs: 1_000_000,
    measuredMs: made.length * 1000,
    trafficEndedAtMs: 1_000_000 + made.length * 1000 + 2_000,
    faultTallies: faults.map((fault, index) => ({ ...emptyFaultTally(fault), touched: index + 1 })),
  };
  return record as unknown as RunRecord;
}

const calm = (count: number): null[] => Array(count).fill(null);

/** Two seconds without an answer, then one with all that waited, then one that is still slow. */
const STALLED: readonly (Made | null)[] = [
  ...calm(5),
  { delivered: 0 },
  { delivered: 0 },
  { delivered: 2_500, ms: 1_500 },
  { delivered: 1_500, ms: 600 },
  ...calm(6),
];

test('recovery is counted from the end of the fault, in whole seconds', () => {
  const [outcome] = faultOutcomesOf(recordOf(STALLED, [STALL]))!;
  assert.deepEqual(outcome, {
    fault: STALL,
    fromMs: 5_000,
    untilMs: 7_000,
    tally: { touched: 1, lost: null, duplicated: null, reordered: null },
    recovery: { backlogMs: 2_000, p99Ms: 2_000, p99BeforeMs: outcome!.recovery!.p99BeforeMs },
  });
  assert.ok(Math.abs(outcome!.recovery!.p99BeforeMs - 100) < 0.2, `${outcome!.recovery!.p99BeforeMs}`);
});

test('a pipeline that is as before when the fault ends took no time', () => {
  const { recovery } = faultOutcomesOf(recordOf(calm(12), [STALL]))![0]!;
  assert.deepEqual([recovery?.backlogMs, recovery?.p99Ms], [0, 0]);
});

test('messages that were lost do not stay in the backlog for ever', () => {
  const lossy = [...calm(5), { delivered: 400, lost: 600 }, { delivered: 400, lost: 600 }, ...calm(6)];
  assert.equal(faultOutcomesOf(recordOf(lossy, [STALL]))![0]!.recovery?.backlogMs, 0);
  const kept = lossy.map((one) => one && { ...one, lost: 0 });
  assert.equal(faultOutcomesOf(recordOf(kept, [STALL]))![0]!.recovery?.backlogMs, null);
});

test('a p99 that does not stay down for three seconds is not back', () => {
  const relapsing = [...calm(7), { ms: 300 }, null, null, { ms: 300 }, null, null];
  assert.equal(faultOutcomesOf(recordOf(relapsing, [STALL]))![0]!.recovery?.p99Ms, null);
  assert.equal(faultOutcomesOf(recordOf([...relapsing, null], [STALL]))![0]!.recovery?.p99Ms, 4_000);
});

test('up to a tenth above is as before, more is not', () => {
  const after = (ms: number) => [...calm(7), ...Array<Made>(4).fill({ ms })];
  assert.equal(faultOutcomesOf(recordOf(after(109), [STALL]))![0]!.recovery?.p99Ms, 0);
  assert.equal(faultOutcomesOf(recordOf(after(112), [STALL]))![0]!.recovery?.p99Ms, null);
});

test('with too few arrivals for a p99 a lower percentile stands in and is named', () => {
  const of = (perSecond: number) => faultOutcomesOf(recordOf(calm(12), [STALL], perSecond))![0]!.recovery;
  assert.deepEqual(
    [1_000, 999, 100, 99, 20].map((perSecond) => of(perSecond)?.percentile),
    [undefined, 'p90', 'p90', 'p50', 'p50'],
  );
  assert.equal(of(19), null);
});

test('without an end, without a beginning, or with too little before or after there is no recovery to tell', () => {
  const outcomeOf = (settings: Partial<Fault>) => {
    const { fromMs, untilMs, recovery } = faultOutcomesOf(
      recordOf(calm(12), [{ ...STALL, ...settings }]),
    )![0]!;
    return [fromMs, untilMs, recovery === null];
  };
  assert.deepEqual(outcomeOf({ forMs: null }), [5_000, null, true]);
  assert.deepEqual(outcomeOf({ atMs: 60_000 }), [null, null, true]);
  assert.deepEqual(outcomeOf({ atMs: 2_999 }), [2_999, 4_999, true]);
  assert.deepEqual(outcomeOf({ atMs: 11_500 }), [11_500, 13_500, true]);
  assert.deepEqual(outcomeOf({ atMs: 11_500, forMs: 5_000 }), [11_500, null, true]);
});

test('a run without a plan of faults has no outcomes, and a stage that could not say has none to count', () => {
  const record = recordOf(calm(12), []);
  assert.equal(faultOutcomesOf({ ...record, plan: planWith({}) }), undefined);
  const { faultTallies: _, ...silent } = recordOf(calm(12), [STALL]);
  assert.equal(faultOutcomesOf(silent)![0]!.tally, null);
});

test('what faults take from the stream at ingest, and add to it, is expected of its metrics', () => {
  const tally = { touched: 9, lost: 5, duplicated: 2, reordered: 0 };
  const faults = (['ingest', 'delivery'] as const).map((where) => ({ ...STALL, where, do: 'drop' }) as const);
  const rollup = new Rollup();
  rollup.measured.sent = 100;
  const plan = planWith({ faults: { faults } });
  assert.equal(expectedRecords({ rollup, probes: 1, plan, faultTallies: [tally, tally] }), 98);
  assert.equal(expectedRecords({ rollup, probes: 1, plan }), 101);
});

test('a run with faults warns that its figures are those of a faulty stage', () => {
  const rollup = new Rollup();
  const latency = { response: quantilesOf(rollup.histograms.response) };
  const warnings = (faults: readonly Fault[]) =>
    warningsFor(
      {
        plan: planWith({ faults: { faults } }),
        environment: {},
        rollup,
        interruption: null,
      } as unknown as RunRecord,
      latency,
    ).filter(({ code }) => code === 'faultyStage');
  assert.match(
    warnings([STALL])[0]!.text,
    /made to fail on purpose: stall\. The figures are those of a faulty/,
  );
  assert.deepEqual(warnings([]), []);
});
