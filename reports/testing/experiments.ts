/**
 * A capacity search and a sweep for golden texts, of which no two figures are equal. What follows from figures – answer, cost,
 * recommendation – is worked out as the product does it.
 */
import { answerOf, type CapacityProbe, type CapacityResult } from '../../bench/judge/capacity.ts';
import { capacityCost } from '../../bench/judge/capacity-cost.ts';
import { recommend } from '../../bench/judge/sweep/recommendation.ts';
import type { ValidityVerdict } from '../../bench/model/result.ts';
import type { SweepCell, SweepResult, SweepRun } from '../../bench/model/sweep.ts';
import { Distinct } from './distinct.ts';
import { clock, environment, LOCAL, PLAN } from './experiment-parts.ts';

const SLO = 'latency.response.p99 < 250';

type Step = readonly [phase: CapacityProbe['phase'], rate: number, verdict: CapacityProbe['verdict']];

const STEPS: readonly Step[] = [
  ['warm-up', 53, 'not judged'],
  ['bracket', 107, 'held'],
  ['bracket', 214, 'held'],
  ['bracket', 428, 'failed'],
  ['bisect', 303, 'held'],
  ['bisect', 361, 'invalid'],
  ['second look', 428, 'failed'],
  ['bisect', 361, 'failed'],
  ['confirm', 303, 'held'],
  ['confirm', 303, 'held'],
];

function probesOf(): CapacityProbe[] {
  const digits = new Distinct();
  return STEPS.map(([phase, ratePerSecond, verdict], index): CapacityProbe => {
    const [p50 = 0, p99 = 0, max = 0] = digits.rising(3, verdict === 'failed' ? 300 : 20);
    const isBad = verdict === 'failed' || verdict === 'invalid';
    return {
      ...{ index, phase, startedAt: clock(index), ratePerSecond, p50, p99, max, verdict },
      offeredPerSecond: ratePerSecond - 0.5 - index / 10,
      deliveredPerSecond: ratePerSecond - 3.1 - index,
      slos: [{ expression: SLO, value: p99, ok: !isBad }],
      validity: verdict === 'invalid' ? 'invalid' : 'valid',
      limitedBy: verdict === 'failed' ? 'stage' : verdict === 'invalid' ? 'driver' : null,
      reasons: isBad ? [`${SLO}: it was ${p99}`, `reason of probe ${index}`] : [],
      directory: `probes/${String(index).padStart(2, '0')}-${ratePerSecond}`,
      tookMs: 18_000 + index * 1100,
      drainedAfterMs: isBad ? 2000 + index * 310 : 0,
      cost: {
        total: digits.next(0.01),
        perMillionRoundTrips: digits.next(1),
        perMonth: digits.next(1000),
        ...{ pricesAsOf: '2026-01-17', basis: 'as on AWS' },
      },
    };
  });
}

/** A search that found its answer. */
export function distinctCapacity(): CapacityResult {
  const probes = probesOf();
  const answer = answerOf(probes, { end: 'found', confirmations: 1 });
  return {
    ...{ schema: 1, kind: 'capacity', id: 'capacity-of-distinct-numbers', name: 'distinct', partial: false },
    ...{
      startedAt: clock(0),
      endedAt: clock(11),
      plan: PLAN,
      environment,
      stage: LOCAL,
      slos: [SLO],
      probes,
      answer,
    },
    search: {
      ...{ minRatePerSecond: 53, maxRatePerSecond: 977_000, precision: 0.17, confirmations: 1 },
      ...{ maxProbes: 41, budgetMs: 1_860_000, probeDurationMs: null },
    },
    cost: capacityCost(probes, answer.ratePerSecond),
  };
}

const VARY: SweepResult['vary'] = [
  { name: 'ShardCount', kind: 'parameter', values: ['1', '3', '9'] },
  { name: 'BatchSize', kind: 'parameter', values: ['16', '100'] },
];
const GOALS = ['latency.response.p99 < 930', 'messages.lost < 96'];

function sweptRun(digits: Distinct, id: string, repeat: number, index: number): SweepRun {
  const common = {
    repeat,
    startedAt: clock(index * 2 + repeat),
    tookMs: 20_000 + index * 1300 + repeat * 170,
  };
  if (index === 5 && repeat === 2) return { ...common, status: 'failed', error: 'the stage did not answer' };
  const [p50 = 0, p90 = 0, p99 = 0] = digits.rising(3, 100);
  const [s50 = 0, s90 = 0, s99 = 0] = digits.rising(3, 50);
  const delivered = Math.round(digits.next(10_000));
  const lost = Math.round(digits.next(10));
  const reordered = Math.round(digits.next(10));
  const verdict: ValidityVerdict =
    index === 4 && repeat === 1 ? 'invalid' : repeat === 2 ? 'unknown' : 'valid';
  return {
    ...common,
    ...{ status: 'done', directory: `cells/${id}/${repeat}` },
    figures: {
      ...{ verdict, response: { p50, p90, p99 }, service: { p50: s50, p90: s90, p99: s99 } },
      offeredPerSecond: digits.next(300),
      deliveredPerSecond: digits.next(200),
      ...{
        delivered,
        lost,
        lossRatio: lost / (delivered + lost),
        reordered,
        reorderedRatio: reordered / delivered,
      },
      costUsd: digits.next(0.01),
      perMillionRoundTripsUsd: digits.next(1),
      perMonthUsd: digits.next(300),
      goals: [
        { expression: GOALS[0]!, value: p99, ok: p99 < 930 },
        { expression: GOALS[1]!, value: lost, ok: lost < 96 },
      ],
    },
  };
}

/** A sweep of six cells, twice each; a run failed, and one is invalid. */
export function distinctSweep(): SweepResult {
  const digits = new Distinct(11);
  const settings = VARY[0]!.values.flatMap((ShardCount) =>
    VARY[1]!.values.map((BatchSize) => ({ ShardCount, BatchSize })),
  );
  const cells = settings.map((cell, index): SweepCell => {
    const id = `ShardCount-${cell.ShardCount}_BatchSize-${cell.BatchSize}`;
    return {
      id,
      settings: cell,
      plan: PLAN,
      runs: [1, 2].map((repeat) => sweptRun(digits, id, repeat, index)),
    };
  });
  return {
    ...{ schema: 1, kind: 'sweep', id: 'sweep-of-distinct-numbers', startedAt: clock(0), endedAt: clock(29) },
    ...{
      partial: false,
      name: 'distinct',
      plan: PLAN,
      place: 'local',
      stackPrefix: null,
      vary: VARY,
      repeats: 2,
    },
    ...{ orderSeed: 71, goals: GOALS, environment, stage: LOCAL, cells, stacks: ['kept-stack'] },
    cost: { spentUsd: 0.773, estimatedUsd: 0.919 },
    recommendation: recommend({ cells, goals: GOALS, repeats: 2 }),
  };
}
