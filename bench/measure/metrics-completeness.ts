/**
 * Whether the stage's metrics cover the messages of the run, all of them and nothing else: the records that the streams
 * accepted against the messages that left the driver and were not refused. It is decided when a run ends, and again when
 * its metrics are read anew.
 *
 * Not every difference is a gap. A message that nobody waited for any longer – the run was cut, or its connection ended –
 * may have been anywhere on its way, the stream included, and is not called missing. And nobody knows what of the messages
 * sent on a half-open connection was ever read, so with one the two counts can't be held against each other at all.
 */
import { counted, were } from '../model/counted.ts';
import type { Fault, FaultTally } from '../model/fault.ts';
import type { RunResult, StageMetrics, ValidityCheck } from '../model/result.ts';
import { totalOf } from './metric-total.ts';

/** Name of the check in a result. */
export const METRICS_CHECK = 'metrics completeness';

/** Periods from here on reach beyond the run noticeably, so that others' records can be in them. */
const LONG_PERIOD_MS = 60_000;

/** What the streams must have accepted, and what of it nobody can know. */
export interface Expectation {
  /** As in {@link RunTraffic}. */
  readonly expectedRecords: number;
  /** Messages that were given up without a verdict; all of them are among the expected. */
  readonly inFlight: number;
  /** Whether the run was cut short. */
  readonly isCut: boolean;
  /** Whether connections ended while the run went on. */
  readonly haveEnded: boolean;
  /** Connections that faults made half-open; null where nobody counted. */
  readonly halfOpen: number | null;
  /** Messages that the gateway answered with an error frame; they are not among the expected. */
  readonly errorFrames: number;
}

interface Counted {
  readonly indeterminate: number;
  readonly unexpected: Readonly<Record<string, number>>;
}

/** What {@link expectationOf} asks of a run, as a result has it. */
export type Accounted = Pick<RunResult, 'partial'> & {
  readonly messages: Counted & { readonly warmup: Counted };
  readonly connections: { readonly closedEarly: number; readonly churned: number };
  readonly faults?: readonly { readonly fault: Fault; readonly tally: FaultTally | null }[] | undefined;
};

/** The expectation of a run that sent so many records. */
export function expectationOf(
  { partial, messages, connections, faults = [] }: Accounted,
  expectedRecords: number,
): Expectation {
  return {
    expectedRecords,
    inFlight: messages.indeterminate + messages.warmup.indeterminate,
    errorFrames: [messages, messages.warmup].reduce(
      (sum, { unexpected }) => sum + (unexpected.gatewayError ?? 0),
      0,
    ),
    isCut: partial,
    haveEnded: connections.closedEarly + connections.churned > 0,
    halfOpen: faults
      .filter(({ fault }) => fault.do === 'half-open')
      .reduce<number | null>(
        (sum, { tally }) => (sum === null || tally === null ? null : sum + tally.touched),
        0,
      ),
  };
}

/**
 * Messages that the gateway says it could not hand on, and of which it told no client: where a route is one-way it may be
 * silent. They left the driver and never were records.
 */
function silentErrors(metrics: StageMetrics, { errorFrames }: Expectation): number {
  return Math.max(0, (totalOf(metrics, 'integrationErrors') ?? 0) - errorFrames);
}

/** Whether the stream has every message, but for those that the gateway's own count says were refused. */
function isBalanced(metrics: StageMetrics, expectation: Expectation): boolean {
  const missing = expectation.expectedRecords - (metrics.incomingRecords ?? Number.NaN);
  return missing === 0 || (missing > 0 && missing === silentErrors(metrics, expectation));
}

/** The metrics with the word whether they are whole. */
export function withCompleteness(
  metrics: StageMetrics,
  expectation: Expectation,
): NonNullable<RunResult['metrics']> {
  const { halfOpen } = expectation;
  return {
    ...metrics,
    complete: isBalanced(metrics, expectation) && halfOpen === 0 && metrics.problems === undefined,
  };
}

/** The check on metrics that were read. */
export function metricsCheck(metrics: StageMetrics, expectation: Expectation): ValidityCheck {
  const { incomingRecords, problems = [] } = metrics;
  const verdict = withCompleteness(metrics, expectation).complete ? 'valid' : 'unknown';
  const said =
    incomingRecords === null
      ? 'the stream published no IncomingRecords'
      : `IncomingRecords ${incomingRecords}, ${sentText(expectation)}: ${balance(metrics, incomingRecords, expectation)}`;
  return { name: METRICS_CHECK, verdict, evidence: [said, ...problems].join('; ') };
}

/** The check where there are none to judge. */
export function missingMetricsCheck(problem: string | null): ValidityCheck {
  return { name: METRICS_CHECK, verdict: 'unknown', evidence: problem ?? 'no metrics were read' };
}

/** Accepted is what was not refused, unless nobody waited for a refusal. */
function sentText({ expectedRecords, inFlight, halfOpen }: Expectation): string {
  const verb = inFlight > 0 || halfOpen !== 0 ? 'sent by' : 'accepted from';
  return `messages ${verb} this driver (probes and warm-up included) ${expectedRecords}`;
}

function balance(metrics: StageMetrics, incomingRecords: number, expectation: Expectation): string {
  const difference = incomingRecords - expectation.expectedRecords;
  if (expectation.halfOpen !== 0) return `${sizeOf(difference)}; ${halfOpenText(expectation.halfOpen)}`;
  if (difference < 0 && isBalanced(metrics, expectation))
    return `${-difference} fewer, as many as the gateway could not hand on and told no client of`;
  if (difference < 0 && expectation.inFlight > 0) return shortfallText(-difference, expectation);
  const isOthers = difference > 0 && metrics.periodMs >= LONG_PERIOD_MS;
  return `${sizeOf(difference)}${isOthers ? ', other traffic in these minutes' : ''}`;
}

function sizeOf(difference: number): string {
  if (difference === 0) return 'equal';
  return difference > 0 ? `${difference} more` : `${-difference} fewer`;
}

function shortfallText(missing: number, { inFlight, isCut, haveEnded }: Expectation): string {
  const moments = [...(isCut ? ['at the cut'] : []), ...(haveEnded ? ['when connections ended'] : [])];
  const open = `in flight ${moments.join(' or ') || 'at the end'}: ${inFlight}`;
  if (missing <= inFlight)
    return `${missing} fewer, ${open}, and how many of these the stream has is not known`;
  return `${missing} fewer, ${open}: at least ${missing - inFlight} ${were(missing - inFlight)} lost on the way, or not counted`;
}

function halfOpenText(halfOpen: number | null): string {
  const which = halfOpen === null ? 'connections' : counted(halfOpen, 'connection');
  return `${which} ${were(halfOpen ?? 0)} made half-open, and how much was read of what was sent there is not known`;
}
