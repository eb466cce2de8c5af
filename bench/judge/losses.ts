/**
 * Where lost messages were lost, as far as the stage's metrics tell. A one-way route may answer a refused PutRecord with
 * nothing at all, so that such a message is simply not heard of again; but the gateway counts it (IntegrationError), and so
 * does the stream when a shard's limit is why (WriteProvisionedThroughputExceeded). Metrics count periods and not messages,
 * so what else was refused in them – of the warm-up, of what ended undecided, of others – bounds the figure. Pure.
 */
import { totalOf } from '../measure/metric-total.ts';
import { expectedRecords, type RunRecord } from '../measure/record.ts';
import type { LostMessages, RunResult, StageMetrics } from '../model/result.ts';

/** What of a run losses are reckoned from, as a result has it. */
export interface LossEvidence {
  readonly messages: Pick<RunResult['messages'], 'lost' | 'indeterminate'> & {
    readonly warmup: Pick<RunResult['messages'], 'lost' | 'indeterminate'>;
  };
  readonly metrics: StageMetrics | null;
  /** As in {@link RunTraffic}. */
  readonly expectedRecords: number;
  /** Probes that were sent and did not come back. */
  readonly unansweredProbes: number;
}

/** What became of lost messages; undefined without any, and where the metrics say nothing of refusals. */
export function lossesOf({
  messages,
  metrics,
  expectedRecords,
  unansweredProbes,
}: LossEvidence): LostMessages | undefined {
  const { lost, indeterminate, warmup } = messages;
  const errors = totalOf(metrics, 'integrationErrors');
  const throttled = totalOf(metrics, 'writeThrottles');
  if (lost === 0 || (errors === null && throttled === null)) return undefined;
  const isShared = (metrics?.incomingRecords ?? 0) > expectedRecords;
  const elsewhere = isShared
    ? Number.POSITIVE_INFINITY
    : warmup.lost + warmup.indeterminate + indeterminate + unansweredProbes;
  const among = (count: number) => ({
    atLeast: Math.max(0, Math.min(lost, count - elsewhere)),
    atMost: Math.min(lost, count),
  });
  return { lost, refused: among(Math.max(errors ?? 0, throttled ?? 0)), throttled: among(throttled ?? 0) };
}

/** The same of a record. Where nobody counted the unanswered probes, none may have been answered. */
export function lossesOfRecord(
  record: Pick<RunRecord, 'rollup' | 'metrics' | 'probes' | 'unansweredProbes'> &
    Parameters<typeof expectedRecords>[0],
): LostMessages | undefined {
  const { rollup, metrics, probes, unansweredProbes = probes } = record;
  const { measured, warmup } = rollup;
  const messages = { lost: measured.lost, indeterminate: measured.indeterminate, warmup };
  return lossesOf({ messages, metrics, expectedRecords: expectedRecords(record), unansweredProbes });
}

/** "12 of the 30 lost were refused by the stream, …". Null where none can have been. */
export function lossText({ lost, refused, throttled }: LostMessages): string | null {
  if (refused.atMost === 0) return null;
  const limit = throttled.atMost === 0 ? '' : `, ${countText(throttled)} over a shard's write limit`;
  const isCertain = refused.atLeast === refused.atMost;
  const verb = refused.atMost === 1 && isCertain ? 'was' : 'were';
  return `${countText(refused)} of the ${lost} lost ${verb} refused by the stream${limit}`;
}

function countText({ atLeast, atMost }: LostMessages['refused']): string {
  if (atLeast === atMost) return String(atMost);
  return atLeast === 0 ? `up to ${atMost}` : `${atLeast} to ${atMost}`;
}

/** What to do about it: where the stream refused them, that. */
export function lossAdvice(losses: LostMessages | undefined, otherwise: string): string {
  const text = losses === undefined ? null : lossText(losses);
  if (losses === undefined || text === null) return otherwise;
  const { throttled, refused } = losses;
  const remedy =
    throttled.atMost > 0
      ? 'More shards, or a lower rate.'
      : 'No shard was over its limit: look at the permissions of the integration and at its template.';
  const rest = losses.lost - refused.atMost;
  const others = rest === 0 ? '' : ` Of ${rest === 1 ? 'the other' : `the ${rest} others`}: ${otherwise}`;
  return `By the stage's metrics ${text}, and the clients heard nothing of it. ${remedy}${others}`;
}
