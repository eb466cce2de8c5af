/**
 * What becomes of a batch after its invocation, as a pure function of the batch, the function's answer and the mapping's
 * settings. It is the documented error handling of Kinesis event source mappings and nothing else: no clock, no effect.
 *
 * Where the documentation is silent: a retry after a partial failure consumes an attempt unless the mapping bisects and
 * the batch got shorter, which is then a split; an answer that is no object at all (the text "OK", say) reports no
 * failed item and is a success, as an empty one is.
 */
import type { InvocationResult } from '../ports.ts';
import type { ShardRecord } from '../stream/shard.ts';

/** Records of one lane, in order, that go to the function together. */
export interface Batch {
  readonly records: readonly ShardRecord[];
  /** Failed invocations that count against the retry quota. */
  readonly failures: number;
  /** Times the records reached the function, for the failure record. */
  readonly invocations: number;
}

/** The settings that decide it; limits that are off are Infinity. */
export interface RetryPolicy {
  readonly retryLimit: number;
  readonly bisect: boolean;
  readonly partialResponses: boolean;
}

/** Every record of the batch is in exactly one of `done`, `retry` and `discarded`. */
export interface Settlement {
  readonly done: readonly ShardRecord[];
  /** To be invoked again, in this order. */
  readonly retry: readonly Batch[];
  /** The retry quota is used up. */
  readonly discarded: Batch | null;
}

/** A batch that has not been invoked. */
export function freshBatch(records: readonly ShardRecord[]): Batch {
  return { records, failures: 0, invocations: 0 };
}

/** Decides what happens to each record of the batch. */
export function settleBatch(batch: Batch, result: InvocationResult, policy: RetryPolicy): Settlement {
  if (result.kind === 'throttled') return { done: [], retry: [batch], discarded: null };
  const invoked = { ...batch, invocations: batch.invocations + 1 };
  if (result.kind === 'error') return settleError(invoked, policy);
  const failedFrom = policy.partialResponses
    ? firstFailure(result.payload, batch.records)
    : batch.records.length;
  return settleFrom(invoked, failedFrom, policy);
}

/** A whole batch failed: split without using the quota, or retry, or give up. */
function settleError(batch: Batch, policy: RetryPolicy): Settlement {
  if (!policy.bisect || batch.records.length === 1) return retryOrDiscard([], batch, policy);
  const middle = Math.ceil(batch.records.length / 2);
  const parts = [batch.records.slice(0, middle), batch.records.slice(middle)];
  return { done: [], retry: parts.map((records) => ({ ...batch, records })), discarded: null };
}

/** Records before the index succeeded, the others failed. */
function settleFrom(batch: Batch, failedFrom: number, policy: RetryPolicy): Settlement {
  const done = batch.records.slice(0, failedFrom);
  if (done.length === batch.records.length) return { done, retry: [], discarded: null };
  const rest = { ...batch, records: batch.records.slice(failedFrom) };
  if (policy.bisect && done.length > 0) return { done, retry: [rest], discarded: null };
  return retryOrDiscard(done, rest, policy);
}

function retryOrDiscard(done: readonly ShardRecord[], batch: Batch, policy: RetryPolicy): Settlement {
  const failed = { ...batch, failures: batch.failures + 1 };
  if (failed.failures > policy.retryLimit) return { done, retry: [], discarded: failed };
  return { done, retry: [failed], discarded: null };
}

/**
 * Index of the lowest record reported as failed; the number of records when none is. An identifier that is empty,
 * missing or of no record of the batch fails the whole batch ("Configuring partial batch response", Lambda guide).
 */
function firstFailure(payload: unknown, records: readonly ShardRecord[]): number {
  const failures = reportedFailures(payload);
  let lowest = records.length;
  for (const failure of failures) {
    const index = records.findIndex((record) => record.sequenceNumber === identifierOf(failure));
    if (index < 0) return 0;
    lowest = Math.min(lowest, index);
  }
  return lowest;
}

function reportedFailures(payload: unknown): readonly unknown[] {
  if (typeof payload !== 'object' || payload === null || !('batchItemFailures' in payload)) return [];
  const list = payload.batchItemFailures;
  if (list === null || list === undefined) return [];
  return Array.isArray(list) ? list : [list];
}

function identifierOf(failure: unknown): unknown {
  return typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure
    ? failure.itemIdentifier
    : null;
}
