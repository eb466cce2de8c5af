/**
 * Decides what becomes of a batch after its invocation, and writes a mapping's events and failure records. It is the
 * documented error handling of Kinesis event source mappings, without clock or effect. Where AWS documents nothing: a
 * retry after a partial failure uses an attempt unless the mapping bisects and the batch got shorter, which is then a
 * split; and an answer that is not an object reports no failed item.
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
interface Settlement {
  readonly done: readonly ShardRecord[];
  /** To be invoked again, in this order. */
  readonly retry: readonly Batch[];
  /** The retry quota is used up. */
  readonly discarded: Batch | null;
}

export function freshBatch(records: readonly ShardRecord[]): Batch {
  return { records, failures: 0, invocations: 0 };
}

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

// The two documents a mapping writes: the event its function is invoked with, and the record of a discarded batch that
// goes to the on-failure destination. Shapes: "Using Lambda with Kinesis" and "Retain discarded batch records", Lambda
// developer guide.

/** What the documents say about the mapping itself. */
export interface MappingFacts {
  /** ARN of the stream, or of the consumer when records are pushed. */
  readonly eventSourceArn: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly region: string;
  /** The local stage assumes no roles; this is a name in the right form. */
  readonly roleArn: string;
}

/** Why a batch was discarded. AWS documents the first; its guide names the second cause but not its spelling. */
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/**
 * JSON around the data of one record of the event, bytes: field names, ARNs, sequence number twice, a partition key of
 * ordinary length. Used to keep batches below the invocation limit without writing the JSON first.
 */
const EVENT_RECORD_OVERHEAD_BYTES = 640;

/** Approximate size of a record in the event: base64 takes four characters for three bytes. */
export function eventBytes(record: ShardRecord): number {
  return Math.ceil(record.data.length / 3) * 4 + record.partitionKey.length + EVENT_RECORD_OVERHEAD_BYTES;
}

export function invocationEvent(records: readonly ShardRecord[], facts: MappingFacts) {
  return { Records: records.map((record) => eventRecord(record, facts)) };
}

function eventRecord(record: ShardRecord, facts: MappingFacts) {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      data: record.data.toString('base64'),
      approximateArrivalTimestamp: record.approximateArrivalMs / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${record.shardId}:${record.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: facts.roleArn,
    awsRegion: facts.region,
    eventSourceARN: facts.eventSourceArn,
  };
}

interface FailureRecordInput {
  readonly batch: Batch;
  readonly facts: MappingFacts;
  readonly condition: DiscardCondition;
  /** The answer that led to it; null when the batch was too old to be sent. */
  readonly result: InvocationResult | null;
  readonly requestId: string;
  readonly epochMs: number;
}

export function failureRecord({ batch, facts, condition, result, requestId, epochMs }: FailureRecordInput) {
  const first = batch.records[0]!;
  const last = batch.records.at(-1)!;
  return {
    requestContext: {
      requestId,
      functionArn: facts.functionArn,
      condition,
      approximateInvokeCount: batch.invocations,
    },
    ...(result === null ? {} : { responseContext: responseContext(result) }),
    version: '1.0',
    timestamp: new Date(epochMs).toISOString(),
    KinesisBatchInfo: {
      shardId: first.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.approximateArrivalMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.approximateArrivalMs).toISOString(),
      batchSize: batch.records.length,
      streamArn: facts.streamArn,
    },
  };
}

function responseContext(result: InvocationResult) {
  const base = { statusCode: 200, executedVersion: '$LATEST' };
  return result.kind === 'error' ? { ...base, functionError: 'Unhandled' } : base;
}
