/**
 * The metrics of a contest: percentiles of response and service time, throughput, and ratios of violations, each with its
 * change, its interval and its verdict. They are judged together, so a verdict that is not `same` has to hold after Holm's
 * correction for their number: with thirteen metrics at 5 % each, every second comparison of equals would find something.
 */

import type { MetricChange } from '../../bench/model/comparison.ts';
import { metricOf } from '../../bench/model/metrics.ts';
import type { Interval as Second } from '../../bench/model/result.ts';
import { runIdentity } from '../run-identity.ts';
import { differenceOf, type Estimate } from '../statistics/bootstrap.ts';
import type { Chance } from '../statistics/chance.ts';
import { type ChangeVerdict, changeOf, holm, logMargin, verdictOn } from '../statistics/change.ts';
import { latencyChanges } from '../statistics/latency-change.ts';
import { estimateMean } from '../statistics/mean.ts';
import { type RunCount, ratioChange } from '../statistics/ratio-change.ts';
import type { ComparedRun } from './side.ts';

export const PERCENTILES = [50, 90, 99, 99.9] as const;

/** Chance of a false alarm that is accepted, over all metrics of a contest. */
const LEVEL = 0.05;

export interface ContestOptions {
  readonly smallestEffect: number;
  readonly smallestRatio: number;
  readonly chance: Chance;
  readonly resamples?: number;
}

type Unadjusted = Omit<MetricChange, 'adjustedP'>;

/** Of a metric that one of the sides does not have. */
const UNKNOWN = {
  base: null,
  candidate: null,
  change: null,
  difference: null,
  p: null,
  verdict: 'cannot tell',
} as const;

/** All metrics of candidate against base. */
export function metricsOf(
  base: readonly ComparedRun[],
  candidate: readonly ComparedRun[],
  options: ContestOptions,
): MetricChange[] {
  const metrics = [
    ...latencyMetrics('response', base, candidate, options),
    ...latencyMetrics('service', base, candidate, options),
    throughputMetric(base, candidate, options.smallestEffect),
    ...RATIOS.map((ratio) => ratioMetric(ratio, base, candidate, options.smallestRatio)),
  ];
  return adjusted(areTheSame(base, candidate) ? metrics.map(unchanged) : metrics);
}

/** Whether both sides are the very same runs: then nothing differs, and no chance is involved in that. */
export function areTheSame(base: readonly ComparedRun[], candidate: readonly ComparedRun[]): boolean {
  const identities = (runs: readonly ComparedRun[]) =>
    runs
      .map(({ result }) => runIdentity(result))
      .sort()
      .join('\n');
  return identities(base) === identities(candidate);
}

function unchanged(metric: Unadjusted): Unadjusted {
  if (metric.base === null || metric.base !== metric.candidate) return metric;
  const nothing = { estimate: 0, interval: { low: 0, high: 0 } };
  return { ...metric, change: nothing, difference: nothing, p: 1, verdict: 'same' };
}

function adjusted(metrics: readonly Unadjusted[]): MetricChange[] {
  // Where neither side has an event no outcome could have told them apart: nothing was tested (Tarone 1990).
  const judged = metrics.filter(({ p, base, candidate }) => p !== null && !(base === 0 && candidate === 0));
  const ps = new Map(holm(judged.map(({ p }) => p!)).map((p, index) => [judged[index]!.id, p]));
  return metrics.map((metric) => {
    const adjustedP = ps.get(metric.id) ?? metric.p;
    return { ...metric, adjustedP, verdict: confirmed(metric.verdict, adjustedP) };
  });
}

function confirmed(verdict: ChangeVerdict, adjustedP: number | null): ChangeVerdict {
  const isChange = verdict === 'better' || verdict === 'worse';
  return isChange && (adjustedP ?? 1) > LEVEL ? 'cannot tell' : verdict;
}

/** What a metric is called, by the catalogue. */
function named(id: string): Pick<MetricChange, 'id' | 'label' | 'unit'> {
  const { label, unit } = metricOf(id);
  return { id, label, unit } as Pick<MetricChange, 'id' | 'label' | 'unit'>;
}

function latencyMetrics(
  series: 'response' | 'service',
  base: readonly ComparedRun[],
  candidate: readonly ComparedRun[],
  { smallestEffect, chance, resamples }: ContestOptions,
): Unadjusted[] {
  const changes = latencyChanges({
    base: base.map((run) => run[series]),
    candidate: candidate.map((run) => run[series]),
    percentiles: PERCENTILES,
    smallestEffect,
    chance: chance.fork(series),
    ...(resamples === undefined ? {} : { resamples }),
  });
  return changes.map(({ percentile, baseMs, candidateMs, change, differenceMs, p, verdict }) => ({
    ...named(`latency.${series}.p${String(percentile).replace('.', '')}`),
    base: baseMs,
    candidate: candidateMs,
    change,
    difference: differenceMs,
    p,
    verdict,
  }));
}

/** Whole seconds of the measured window, the drain left out. */
function measuredSeconds({ result }: ComparedRun): readonly Second[] {
  const whole = Math.floor(result.plan.durationMs / 1000);
  return result.intervals.filter(({ second }) => second >= 0 && second < whole);
}

function throughputMetric(
  base: readonly ComparedRun[],
  candidate: readonly ComparedRun[],
  smallestEffect: number,
): Unadjusted {
  const of = (runs: readonly ComparedRun[]): Estimate | null =>
    estimateMean(runs.map((run) => measuredSeconds(run).map(({ delivered }) => delivered)));
  const [first, second] = [of(base), of(candidate)];
  const metric = metricOf('throughput.deliveredPerSecond');
  if (first === null || second === null) return { ...named(metric.id), ...UNKNOWN };
  const change = changeOf(differenceOf(first, second));
  const { low, high } = change.interval;
  const [before, after] = [Math.exp(first.log), Math.exp(second.log)];
  return {
    ...named(metric.id),
    base: before,
    candidate: after,
    change: {
      estimate: Math.expm1(change.estimate),
      interval: { low: Math.expm1(low), high: Math.expm1(high) },
    },
    difference: {
      estimate: after - before,
      interval: { low: before * Math.expm1(low), high: before * Math.expm1(high) },
    },
    p: change.p,
    verdict: verdictOn(change, logMargin(smallestEffect), metric.better),
  };
}

interface Ratio {
  readonly id: string;
  count(run: ComparedRun): RunCount;
}

/** Counts of a run whose seconds the result has. */
function bySecond(name: 'reordered' | 'duplicated' | 'unexpected'): (run: ComparedRun) => RunCount {
  return ({ result: { messages, intervals } }) => {
    const { unexpected } = messages;
    const count =
      name === 'unexpected' ? Object.values(unexpected).reduce((sum, kind) => sum + kind, 0) : messages[name];
    const seconds = intervals.map((second) => ({ count: second[name], of: second.delivered }));
    return { count, of: messages.delivered, seconds };
  };
}

function lost(run: ComparedRun): RunCount {
  const { messages } = run.result;
  const sent = new Map(measuredSeconds(run).map(({ second, sent: of }) => [second, of]));
  const seconds = run.lostBySecond?.map((count, second) => ({ count, of: sent.get(second) ?? 0 })) ?? null;
  return { count: messages.lost, of: messages.sent, seconds };
}

const RATIOS: readonly Ratio[] = [
  { id: 'ordering.lossRatio', count: lost },
  { id: 'ordering.duplicatedRatio', count: bySecond('duplicated') },
  { id: 'ordering.reorderedRatio', count: bySecond('reordered') },
  { id: 'messages.unexpected', count: bySecond('unexpected') },
];

function ratioMetric(
  { id, count }: Ratio,
  base: readonly ComparedRun[],
  candidate: readonly ComparedRun[],
  smallestDifference: number,
): Unadjusted {
  const found = ratioChange({
    base: base.map(count),
    candidate: candidate.map(count),
    smallestDifference,
    better: metricOf(id).better,
  });
  if (found === null) return { ...named(id), ...UNKNOWN };
  const { difference, p, verdict } = found;
  return {
    ...named(id),
    base: found.base,
    candidate: found.candidate,
    change: difference,
    difference,
    p,
    verdict,
  };
}
