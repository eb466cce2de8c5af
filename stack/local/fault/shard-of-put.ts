/** Which shard a put goes to, by its place in the order in which its stream's shards were made. */
import type { PutRecordInput } from '../ports.ts';
import type { Kinesis } from '../stream/kinesis.ts';
import { parsePut } from '../stream/kinesis-put.ts';

/** Index of the shard; null for a put that its stream would not take, or that has none. */
export function shardOfPut(kinesis: Kinesis, input: PutRecordInput): number | null {
  const stream = kinesis.stream(input.StreamARN ?? input.StreamName ?? '');
  if (stream === undefined) return null;
  const request = parsePut(input, stream.recordBytes);
  if (!request.ok) return null;
  const { partitionKey, explicitHashKey } = request.value;
  return stream.shards.indexOf(stream.shardFor(partitionKey, explicitHashKey));
}
