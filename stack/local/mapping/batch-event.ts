/**
 * The two documents a mapping writes: the event its function is invoked with, and the record of a discarded batch that
 * goes to the on-failure destination. Shapes: "Using Lambda with Kinesis" and "Retain discarded batch records", Lambda
 * developer guide.
 */

import type { InvocationResult } from '../ports.ts';
import type { ShardRecord } from '../stream/shard.ts';
import type { Batch } from './batch.ts';

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

export interface FailureRecordInput {
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
