/**
 * Shared by the actions of the Kinesis API: how a request names its stream, tokens, and errors. AWS publishes the codes of its
 * errors and few of their texts; where a text is known from a response of the service it is that one, else ours.
 */
import type { z } from 'zod';

import { AwsError } from '../errors.ts';
import type { Part, PutRecordInput } from '../ports.ts';
import type { Kinesis } from './kinesis.ts';
import type { KinesisStream } from './kinesis-stream.ts';
import type { Shard } from './shard.ts';

export interface KinesisActionsOptions extends Omit<Part, 'log'> {
  readonly kinesis: Kinesis;
  readonly region: string;
  readonly accountId: string;
}

export function invalidArgument(message: string): AwsError {
  return new AwsError('InvalidArgumentException', message);
}

/** The error of a member that breaks the API's model, in the words all of AWS's services have for it. */
export function invalidMember(member: string, value: unknown, constraint: string): AwsError {
  const text = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
  return new AwsError('ValidationException', text);
}

/** A number of the request, or the default; ValidationException when it is out of its range. */
export function numberBetween(
  member: string,
  value: number | undefined,
  [lowest, highest]: readonly [number, number],
  fallback: number,
): number {
  if (value === undefined || value === null) return fallback;
  if (value < lowest)
    throw invalidMember(member, value, `Member must have value greater than or equal to ${lowest}`);
  if (value > highest)
    throw invalidMember(member, value, `Member must have value less than or equal to ${highest}`);
  return value;
}

/** The stream of a request, with what has expired gone. Throws AWS's error when there is none. */
export function streamOf(
  { kinesis, clock }: KinesisActionsOptions,
  input: Pick<PutRecordInput, 'StreamName' | 'StreamARN'>,
): KinesisStream {
  const named = input.StreamARN ?? input.StreamName;
  if (named === undefined) throw invalidArgument('Either StreamName or StreamARN must be given.');
  const stream = kinesis.existingStream(named);
  if (input.StreamName !== undefined && input.StreamName !== stream.name)
    throw invalidArgument('StreamName and StreamARN name different streams.');
  const nowMs = clock.now();
  stream.expire(nowMs, clock.epochAt(nowMs));
  return stream;
}

/** A shard of the stream. Throws AWS's error when there is none of the id. */
export function shardOf(options: KinesisActionsOptions, stream: KinesisStream, shardId: string): Shard {
  checkName('shardId', shardId);
  const shard = stream.shards.find((one) => one.shardId === shardId);
  if (shard) return shard;
  throw notFound(
    `Shard ${shardId} in stream ${stream.name} under account ${options.accountId} does not exist`,
  );
}

/** A token that holds where a later request goes on: an iterator, the next page. Unreadable on AWS, readable here. */
export function sealed(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString('base64');
}

/** A page of what is left of a list, and the token of the next page when there is one. */
export function pageOf<T>(left: readonly T[], limit: number, next: (last: T) => object) {
  const shown = left.slice(0, limit);
  const token = left.length > limit ? { NextToken: sealed(next(shown.at(-1)!)) } : {};
  return { shown, token };
}

/** What {@link sealed} made of content like this; InvalidArgumentException with the complaint for anything else. */
export function unsealed<T>(token: string, content: z.ZodType<T>, complaint = 'NextToken is invalid.'): T {
  try {
    return content.parse(JSON.parse(Buffer.from(token, 'base64').toString()));
  } catch {
    throw invalidArgument(complaint);
  }
}

/** A name or id; ValidationException when it breaks the pattern of both. */
export function checkName(member: string, name: string): string {
  if (/^[a-zA-Z0-9_.-]{1,128}$/.test(name)) return name;
  throw invalidMember(member, name, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}
