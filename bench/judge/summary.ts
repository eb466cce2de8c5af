/** From a run's record to its result: the sums become figures, the figures are judged. Pure. */

import { MICROS_PER_MILLI, newHistogram, quantilesOf, supportedValue } from '../measure/histogram.ts';
import { withCompleteness } from '../measure/metrics-completeness.ts';
import { expectationOfRecord, expectedRecords, type RunRecord } from '../measure/record.ts';
import { Rollup, type RunSecond, sum } from '../measure/rollup.ts';
import type { Tally } from '../measure/tally.ts';
import type { Plan } from '../model/plan.ts';
import { INTERVAL_COUNTS, type Interval, type MessageCounts, type RunResult } from '../model/result.ts';
import { driverHealthOf } from './driver-validity.ts';
import { faultOutcomesOf } from './fault-outcome.ts';
import { hopBudgetOf } from './hop-budget.ts';
import { lossesOfRecord } from './losses.ts';
import { upperBound95 } from './ordering-bound.ts';
import { orderingDetailOf } from './ordering-detail.ts';
import { judgeThresholds, type Threshold } from './threshold.ts';
import { judgeValidity } from './validity.ts';
import { warningsFor } from './warning.ts';

/** The result of a run, thresholds judged. */
export function summarise(record: RunRecord, thresholds: readonly Threshold[]): RunResult {
  const figures = figuresOf(record);
  const driver = driverHealthOf(record);
  const faults = faultOutcomesOf(record);
  const losses = lossesOfRecord(record);
  return {
    schema: 1,
    id: record.id,
    name: record.plan.name,
    startedAt: new Date(record.startedAtMs).toISOString(),
    endedAt: new Date(record.endedAtMs).toISOString(),
    measuredFrom: new Date(record.measuredFromMs).toISOString(),
    partial: record.interruption !== null,
    plan: record.plan,
    environment: record.environment,
    ...(driver === null ? {} : { driver }),
    stage: record.stage,
    ...figures,
    ...(faults === undefined ? {} : { faults }),
    traffic: {
      startEpochMs: record.startedAtMs,
      endEpochMs: record.trafficEndedAtMs,
      expectedRecords: expectedRecords(record),
      ...(record.unansweredProbes === undefined
        ? {}
        : {
            probes: {
              ...{ sent: record.probes, unanswered: record.unansweredProbes },
              ...(record.throttledProbes ? { throttled: record.throttledProbes } : {}),
            },
          }),
    },
    ...(losses === undefined ? {} : { losses }),
    validity: judgeValidity(record),
    thresholds: judgeThresholds(thresholds, figures),
    warnings: warningsFor(record, figures.latency),
  };
}

type Figures = Pick<
  RunResult,
  'connections' | 'messages' | 'throughput' | 'latency' | 'ordering' | 'intervals' | 'metrics' | 'cost'
>;

/** The figures of a run in which nothing happened: the shape of every result. */
export function emptyFigures(): Figures {
  return figuresOf({
    plan: { connections: 0, drainMs: 0, faults: null },
    rollup: new Rollup(),
    metrics: null,
    measuredMs: 0,
    probes: 0,
    interruption: null,
  });
}

type Measured = Pick<
  RunRecord,
  'rollup' | 'measuredMs' | 'metrics' | 'probes' | 'faultTallies' | 'interruption'
> & {
  readonly plan: Pick<Plan, 'connections' | 'drainMs' | 'faults'>;
};

function figuresOf(record: Measured): Figures {
  const { rollup, plan, metrics } = record;
  return {
    connections: {
      requested: plan.connections,
      ...rollup.connections,
      failures: rollup.failures,
      ...(Object.keys(rollup.details).length === 0 ? {} : { details: rollup.details }),
      connect: quantilesOf(rollup.histograms.connect),
    },
    messages: messagesOf(rollup),
    throughput: throughputOf(record),
    latency: latencyOf(rollup),
    ordering: orderingOf(rollup, plan.drainMs),
    intervals: rollup.seconds().map(intervalOf),
    metrics: metrics === null ? null : withCompleteness(metrics, expectationOfRecord(record)),
    cost: null,
  };
}

function countsOf(tally: Tally, unexpected: Readonly<Record<string, number>>): MessageCounts {
  return { ...tally, unexpected };
}

function messagesOf({ measured, warmup, unexpected }: Rollup): RunResult['messages'] {
  return { ...countsOf(measured, unexpected.measured), warmup: countsOf(warmup, unexpected.warmup) };
}

function throughputOf({ rollup, measuredMs }: Measured): RunResult['throughput'] {
  const perSecond = (count: number) => (measuredMs > 0 ? (count * 1000) / measuredMs : 0);
  const { scheduled, sent, delivered } = rollup.measured;
  return {
    offeredPerSecond: perSecond(scheduled),
    sentPerSecond: perSecond(sent),
    deliveredPerSecond: perSecond(delivered),
  };
}

function latencyOf(rollup: Rollup): RunResult['latency'] {
  const { histograms } = rollup;
  return {
    response: quantilesOf(histograms.response),
    service: quantilesOf(histograms.service),
    sendLag: quantilesOf(histograms.sendLag),
    hops: hopBudgetOf(rollup),
  };
}

function orderingOf(rollup: Rollup, drainMs: number): RunResult['ordering'] {
  const { measured, histograms, where } = rollup;
  const { delivered, reordered, duplicated, lost, sent } = measured;
  const ratio = (count: number, of: number) => (of === 0 ? 0 : count / of);
  const clean = reordered + duplicated + lost === 0;
  return {
    reorderedRatio: ratio(reordered, delivered),
    extent: quantilesOf(histograms.extent, 1),
    lateTime: quantilesOf(histograms.lateTime, MICROS_PER_MILLI),
    duplicatedRatio: ratio(duplicated, delivered),
    lossRatio: ratio(lost, sent),
    upperBound95: clean ? upperBound95(0, delivered) : null,
    where: { ...where },
    detail: orderingDetailOf(rollup, drainMs),
  };
}

function keptBySecond(measured: Tally): Pick<Interval, keyof typeof INTERVAL_COUNTS> {
  const names = Object.keys(INTERVAL_COUNTS) as (keyof typeof INTERVAL_COUNTS)[];
  return Object.fromEntries(names.map((name) => [name, measured[name]])) as ReturnType<typeof keptBySecond>;
}

function intervalOf(second: RunSecond): Interval {
  const response = second.histograms.response?.toHistogram() ?? newHistogram();
  const service = second.histograms.service?.toHistogram() ?? newHistogram();
  return {
    second: second.second,
    scheduled: second.due,
    ...keptBySecond(second.measured),
    lost: second.lost,
    unexpected: sum(second.unexpected),
    connections: second.connections,
    p50: supportedValue(response, 0.5),
    p90: supportedValue(response, 0.9),
    p99: supportedValue(response, 0.99),
    max: response.totalCount === 0 ? null : response.maxValue / MICROS_PER_MILLI,
    serviceP50: supportedValue(service, 0.5),
    serviceP99: supportedValue(service, 0.99),
  };
}
