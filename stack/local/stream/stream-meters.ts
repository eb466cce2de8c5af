/** What a stream counts ("Monitoring the Amazon Kinesis Data Streams service with Amazon CloudWatch"). */
import type { Meter, MetricRegistry } from '../ports.ts';

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
