/** Warnings: what a reader should know about a run that is no verdict, each with advice. */

import type { RunRecord } from '../measure/record.ts';
import { sum } from '../measure/rollup.ts';
import { counted, were } from '../model/counted.ts';
import type { Quantiles, Warning } from '../model/result.ts';
import { saturationOf } from './driver-validity.ts';
import {
  closedEarly,
  cutByDriver,
  failedConnections,
  gatewayErrors,
  lost,
  otherUnexpected,
  refused,
  throttledConnections,
} from './warning-connections.ts';

type Rule = (record: RunRecord, latency: Latencies) => Warning | null;

interface Latencies {
  readonly response: Quantiles;
}

const anomalies: Rule = ({ rollup }) => {
  const { clipped, negative } = rollup.anomalies;
  if (clipped + negative === 0) return null;
  return {
    code: 'samplesOutOfRange',
    text: `${counted(clipped, 'sample')} ${were(clipped)} longer than a histogram holds and ${negative} came out below zero.`,
    advice: 'Look for a suspended machine or a clock that was set during the run.',
  };
};

const negativeHops: Rule = ({ rollup }) => {
  const count = rollup.anomalies.negativeHops;
  if (count === 0) return null;
  return {
    code: 'clockOffset',
    text: `${counted(count, 'hop time')} came out below zero and ${count === 1 ? 'is' : 'are'} not in the hop budget: clocks of different machines disagree.`,
    advice: 'Read hops that cross clocks as rough; response and service time are not affected.',
  };
};

const fewSamples: Rule = ({ rollup }, { response }) => {
  if (response.count === 0 || response.p99 !== null) return null;
  return {
    code: 'fewSamples',
    text: `${counted(rollup.measured.delivered, 'delivery', 'deliveries')} ${rollup.measured.delivered === 1 ? 'is' : 'are'} too few for a p99: at least 1,000 are needed.`,
    advice: 'Raise --duration or --rate.',
  };
};

const closedLoop: Rule = ({ plan }) => {
  if (plan.load.kind === 'open') return null;
  return {
    code: 'closedLoop',
    text: 'In a closed loop a slow answer delays the next message, so a stall hides most of the samples that would show it.',
    advice: 'Use --rate for latency; keep --in-flight for throughput.',
  };
};

const coldStarts: Rule = ({ plan }) => {
  if (plan.warmupMs > 0) return null;
  return {
    code: 'noWarmup',
    text: 'There was no warm-up: cold starts and connection set-up are among the measured messages.',
    advice: 'Set --warmup unless cold behaviour is what you measure.',
  };
};

const missedChurn: Rule = ({ rollup, plan }) => {
  const { churnMissed, churned } = rollup.connections;
  if (churnMissed === 0) return null;
  return {
    code: 'churnMissed',
    text: `${churnMissed} of ${counted(churned + churnMissed, 'connection')} ${were(churnMissed)} not open when churn was to close ${churnMissed === 1 ? 'it' : 'them'}: churn was below ${plan.churnPerSecond}/s.`,
    advice:
      'Look at connections for what kept them from opening; --reconnect brings back those that failed, and more connections give each one more time.',
  };
};

/** Answers in the drain's last full second or after it. */
const lateAnswers: Rule = ({ rollup, plan }) => {
  const { lost: lostCount } = rollup.measured;
  const endOfDrain = Math.floor((plan.durationMs + plan.drainMs) / 1000) - 1;
  const late = rollup.seconds().filter(({ second }) => second >= endOfDrain);
  const arrived = late.reduce((total, { measured }) => total + measured.delivered, 0);
  if (lostCount === 0 || arrived === 0) return null;
  return {
    code: 'answersStillArriving',
    text: `${counted(arrived, 'answer')} came in the drain's last second: some of the ${counted(lostCount, 'lost message')} may be late, and the latencies are those of the messages that were in time.`,
    advice: 'Raise --drain, or lower the rate: the stage has a backlog.',
  };
};

/** Code of the warning about metrics that could not be read; it goes when they are. */
export const METRICS_WARNING = 'metricsUnavailable';

const noMetrics: Rule = ({ stageHasMetrics, metrics, metricsProblem, stage }) => {
  if (!stageHasMetrics || metrics !== null) return null;
  return {
    code: METRICS_WARNING,
    text: `The stage's metrics are missing: ${metricsProblem ?? 'none were published'}.`,
    advice:
      stage.pipeline === undefined
        ? 'See stage.log in the run directory for what happened to the stage.'
        : "'bench report RUN --refresh-metrics' reads them later: CloudWatch keeps them for 15 days, a local stage while it runs.",
  };
};

/** The local stage is this machine: when it is full, the figures are the machine's and no longer the architecture's. */
const stageSaturated: Rule = ({ metrics }) => {
  const health = metrics?.health;
  if (health === undefined || health.saturatedSeconds === 0) return null;
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  const machine =
    health.machineBusyMean === null
      ? ''
      : `, and the machine's processors were ${percent(health.machineBusyMean)} busy on average`;
  return {
    code: 'stageSaturated',
    text: `The local stage was itself the bottleneck for ${health.saturatedSeconds} of ${health.seconds} s: its event loop was busy ${percent(health.utilizationMean)} of the time, ${percent(health.utilizationMax)} in the busiest second${machine}.`,
    advice:
      'Read latency and loss as this machine’s, not the architecture’s: lower --rate, use fewer connections, or run on more cores.',
  };
};

/** The driver's own failure, by its name, so that nobody takes its figures for the stage's. */
const driverSaturated: Rule = (record) => {
  const evidence = saturationOf(record).map((check) => `${check.name}: ${check.evidence}`);
  if (evidence.length === 0) return null;
  return {
    code: 'driverSaturated',
    text: `DriverSaturated: the driver could not keep up with the plan. ${evidence.join('; ')}.`,
    advice:
      'The latencies are the driver’s, not the stage’s: lower the rate, raise --threads where there are cores to spare, or give the driver a machine of its own.',
  };
};

const otherPacing: Rule = ({ rollup, plan }) => {
  const others = [...rollup.health.pacings].filter((pacing) => pacing !== plan.pacing);
  if (others.length === 0) return null;
  return {
    code: 'pacingUnavailable',
    text: `Messages were paced by ${others.join(', ')}: ${plan.pacing} could not be had, at least for a part of the run.`,
    advice: 'Send lag is that of the pacing in force; --pacing timer asks for nothing special.',
  };
};

const cutWitnesses: Rule = ({ rollup }) => {
  const { lost, duplicated, reordered } = rollup.measured;
  const total = lost + duplicated + reordered + sum(rollup.unexpected.measured);
  if (total <= rollup.violations.length) return null;
  return {
    code: 'witnessesLimited',
    text: `violations.ndjson holds ${rollup.violations.length} of ${counted(total, 'violation')}; the counts are complete.`,
    advice: 'Lower the rate or shorten the run to see all of them.',
  };
};

/** So that nobody takes the figures of a stage that was made to fail for those of a sound one. */
const faultyStage: Rule = ({ plan }) => {
  const faults = plan.faults?.faults ?? [];
  if (faults.length === 0) return null;
  return {
    code: 'faultyStage',
    text: `The stage was made to fail on purpose: ${faults.map(({ name }) => name).join(', ')}. The figures are those of a faulty stage.`,
    advice: 'See faults for what each did and how long recovery took; compare with a run without --faults.',
  };
};

const partial: Rule = ({ interruption }) => {
  if (interruption === null) return null;
  return {
    code: 'partial',
    text: `The run did not end as planned: ${interruption}.`,
    advice: 'What is shown was measured, but it is not the whole run: don’t compare it with whole ones.',
  };
};

const RULES: readonly Rule[] = [
  partial,
  faultyStage,
  anomalies,
  negativeHops,
  fewSamples,
  closedLoop,
  coldStarts,
  noMetrics,
  driverSaturated,
  otherPacing,
  stageSaturated,
  lateAnswers,
  lost,
  gatewayErrors,
  otherUnexpected,
  cutByDriver,
  closedEarly,
  refused,
  failedConnections,
  throttledConnections,
  missedChurn,
  cutWitnesses,
];

/** The warnings that apply. */
export function warningsFor(record: RunRecord, latency: Latencies): Warning[] {
  return RULES.map((rule) => rule(record, latency)).filter((warning) => warning !== null);
}
