/** What a stream counts ("Monitoring the Amazon Kinesis Data Streams service with Amazon CloudWatch"). */
import type { Meter, MetricRegistry } from '../ports.ts';
import type { ShardRecord } from './shard.ts';
import type { ShardMeters } from './shard-meters.ts';

/** The write side of a stream. */
export function writeMeters(streamName: string, metrics: MetricRegistry) {
  const meter = (name: string, unit: 'Count' | 'Bytes' | 'Milliseconds'): Meter =>
    metrics.meter({ namespace: 'AWS/Kinesis', name, dimensions: { StreamName: streamName }, unit });
  return {
    incomingRecords: meter('IncomingRecords', 'Count'),
    incomingBytes: meter('IncomingBytes', 'Bytes'),
    success: meter('PutRecord.Success', 'Count'),
    latency: meter('PutRecord.Latency', 'Milliseconds'),
    putBytes: meter('PutRecord.Bytes', 'Bytes'),
    throttled: meter('WriteProvisionedThroughputExceeded', 'Count'),
    batchSuccess: meter('PutRecords.Success', 'Count'),
    batchLatency: meter('PutRecords.Latency', 'Milliseconds'),
    batchBytes: meter('PutRecords.Bytes', 'Bytes'),
    batchRecords: meter('PutRecords.TotalRecords', 'Count'),
    batchSucceeded: meter('PutRecords.SuccessfulRecords', 'Count'),
    batchFailed: meter('PutRecords.FailedRecords', 'Count'),
    batchThrottled: meter('PutRecords.ThrottledRecords', 'Count'),
  };
}

export type WriteMeters = ReturnType<typeof writeMeters>;

/** Shared-throughput reading, by a mapping's polling and by GetRecords alike. */
export function readMeters(streamName: string, metrics: MetricRegistry) {
  const meter = (name: string, unit: 'Count' | 'Bytes' | 'Milliseconds'): Meter =>
    metrics.meter({ namespace: 'AWS/Kinesis', name, dimensions: { StreamName: streamName }, unit });
  return {
    records: meter('GetRecords.Records', 'Count'),
    bytes: meter('GetRecords.Bytes', 'Bytes'),
    latency: meter('GetRecords.Latency', 'Milliseconds'),
    success: meter('GetRecords.Success', 'Count'),
    age: meter('GetRecords.IteratorAgeMilliseconds', 'Milliseconds'),
    refused: meter('ReadProvisionedThroughputExceeded', 'Count'),
  };
}

export type ReadMeters = ReturnType<typeof readMeters>;

/** One answered poll. */
export interface ReadAnswer {
  readonly records: readonly ShardRecord[];
  readonly startedMs: number;
  readonly nowMs: number;
}

/** Counts a poll that was answered. */
export function countRead(meters: ReadMeters, shard: ShardMeters, answer: ReadAnswer): void {
  const { records, startedMs, nowMs } = answer;
  const last = records.at(-1);
  const ageMs = last ? nowMs - last.arrivedMs : 0;
  let bytes = 0;
  for (const record of records) bytes += record.bytes;
  meters.success.record(1);
  meters.latency.record(nowMs - startedMs);
  meters.records.record(records.length);
  meters.bytes.record(bytes);
  meters.age.record(ageMs);
  shard.OutgoingRecords.record(records.length);
  shard.OutgoingBytes.record(bytes);
  shard.IteratorAgeMilliseconds.record(ageMs);
}

/** Counts a poll that was refused because the shard's share of the second is used up. */
export function countRefusedRead(meters: ReadMeters, shard: ShardMeters): void {
  meters.success.record(0);
  meters.refused.record(1);
  shard.ReadProvisionedThroughputExceeded.record(1);
}
