/**
 * Whether the stage's metrics cover the messages of the run, all of them and nothing else: the records that the streams
 * accepted against the messages that left the driver and were not refused. It is decided when a run ends, and again when
 * its metrics are read anew.
 */
import type { RunResult, StageMetrics, ValidityCheck } from './result.ts';

/** Name of the check in a result. */
export const METRICS_CHECK = 'metrics completeness';

/** Periods from here on reach beyond the run noticeably, so that others' records can be in them. */
const LONG_PERIOD_MS = 60_000;

/** The metrics with the word whether they are whole. */
export function withCompleteness(
  metrics: StageMetrics,
  expectedRecords: number,
): NonNullable<RunResult['metrics']> {
  return {
    ...metrics,
    complete: metrics.incomingRecords === expectedRecords && metrics.problems === undefined,
  };
}

/** The check on metrics that were read. */
export function metricsCheck(metrics: StageMetrics, expectedRecords: number): ValidityCheck {
  const { incomingRecords, problems = [] } = metrics;
  const verdict = withCompleteness(metrics, expectedRecords).complete ? 'valid' : 'unknown';
  const said =
    incomingRecords === null
      ? 'the stream published no IncomingRecords'
      : `IncomingRecords ${incomingRecords}, messages accepted from this driver (probes and warm-up included) ${expectedRecords}: ${balance(metrics, incomingRecords - expectedRecords)}`;
  return { name: METRICS_CHECK, verdict, evidence: [said, ...problems].join('; ') };
}

/** The check where there are none to judge. */
export function missingMetricsCheck(problem: string | null): ValidityCheck {
  return { name: METRICS_CHECK, verdict: 'unknown', evidence: problem ?? 'no metrics were read' };
}

function balance({ periodMs }: StageMetrics, difference: number): string {
  if (difference === 0) return 'equal';
  const long = periodMs >= LONG_PERIOD_MS;
  if (difference > 0) return `${difference} more${long ? ', other traffic in these minutes' : ''}`;
  return `${-difference} fewer`;
}
