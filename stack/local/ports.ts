/**
 * Declares the interfaces between the parts of the stage: gateway → stream → mapping → function → callback. Each part
 * is written against its neighbour's interface and is given time and chance, so it can be tested and modelled alone.
 */
import type { Clock, Random } from '../../bench/ports.ts';
import type { AwsError } from './errors.ts';
import type { Profile } from './profile.ts';

/** What every part of a stage is given. */
export interface Part {
  readonly clock: Clock;
  readonly random: Random;
  readonly profile: Profile;
  readonly metrics: MetricRegistry;
  readonly log: (line: string) => void;
}

/** Outcome of an AWS service action where failing is common: nothing is thrown. */
export type ActionResult<T> = { readonly ok: true; readonly value: T } | AwsError;

export interface StreamRecord {
  readonly shardId: string;
  /** Decimal, 56 digits, increasing within its shard. */
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Buffer;
  /** UTC milliseconds with at most millisecond precision. */
  readonly approximateArrivalMs: number;
}

export interface PutRecordInput {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  /** From a request template as base64, from the SDK's protocols as bytes. */
  readonly Data: string | Uint8Array;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | undefined;
}

export type PutResult = ActionResult<{ readonly ShardId: string; readonly SequenceNumber: string }>;

/** The write side of the streams, as the gateway's integration sees it. It resolves after the modelled latency. */
export interface KinesisWriter {
  putRecord(input: PutRecordInput): Promise<PutResult>;
}

/** The `@connections` side of an API's gateway, as its HTTP endpoint sees it. */
export interface ConnectionManager {
  post(stageName: string, connectionId: string, body: Buffer): Promise<ActionResult<null>>;
  get(
    stageName: string,
    connectionId: string,
  ): ActionResult<{
    readonly connectedAt: string;
    readonly lastActiveAt: string;
    readonly identity: { readonly sourceIp: string; readonly userAgent: string };
  }>;
  remove(stageName: string, connectionId: string): ActionResult<null>;
}

export type InvocationResult =
  | {
      readonly kind: 'ok';
      readonly payload: unknown;
      readonly durationMs: number;
      readonly coldStart: boolean;
    }
  | {
      readonly kind: 'error';
      readonly errorType: string;
      readonly errorMessage: string;
      readonly durationMs: number;
      readonly coldStart: boolean;
    }
  | { readonly kind: 'throttled' };

/** A deployed function that can be invoked synchronously; every call beyond the idle environments starts another. */
export interface FunctionHost {
  readonly functionName: string;
  invoke(event: unknown): Promise<InvocationResult>;
  close(): Promise<void>;
}

/** Identity of a metric, in CloudWatch's own words. */
export interface MetricIdentity {
  readonly namespace: 'AWS/ApiGateway' | 'AWS/Kinesis' | 'AWS/Lambda';
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: 'Count' | 'Milliseconds' | 'Bytes' | 'None';
}

/** A metric being counted. `record` may be called per message, so it is cheap and allocates nothing in steady state. */
export interface Meter {
  record(value: number): void;
}

/** Hands out meters; the same identity always gets the same meter. */
export interface MetricRegistry {
  meter(identity: MetricIdentity): Meter;
}
