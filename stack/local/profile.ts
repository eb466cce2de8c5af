/**
 * A profile is everything the local stage takes from AWS that is not in the template: latencies, quotas and timeouts.
 * `ideal` adds no latency and has no rate quotas; `aws` has AWS's documented quotas and latencies calibrated to
 * published measurements. It is labelled "calibrated", never "AWS-measured": no measurement of the whole path exists.
 */
import type { ProfileName } from '../../bench/core/plan.ts';

/** A latency distribution in milliseconds: none, or lognormal given by its median and 99th percentile. */
export type Latency =
  | { readonly kind: 'none' }
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p99Ms: number };

/** A token bucket: steady rate and burst; null is unlimited. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Profile {
  readonly name: ProfileName;
  /** Whether the messages of one connection enter the integration one after the other or side by side. AWS documents neither. */
  readonly dispatch: 'serial' | 'concurrent';
  readonly latency: {
    readonly clientToGateway: Latency;
    readonly gatewayProcessing: Latency;
    readonly putRecord: Latency;
    /** From arrival in the shard to the mapping, by enhanced fan-out push. */
    readonly fanOutPush: Latency;
    /** From the poll's start to its answer, by shared-throughput polling. */
    readonly pollAnswer: Latency;
    readonly invoke: Latency;
    readonly coldStart: Latency;
    readonly postToConnection: Latency;
    readonly gatewayToClient: Latency;
  };
  readonly quotas: {
    /** New connections per account. */
    readonly connect: RateLimit | null;
    /** Messages in and callbacks out share it. */
    readonly account: RateLimit | null;
    readonly messageBytes: number;
    readonly frameBytes: number;
    readonly idleMs: number;
    readonly lifetimeMs: number;
    /** Per shard. */
    readonly shardRecordsPerSecond: number | null;
    readonly shardBytesPerSecond: number | null;
    /** Base rate of a mapping that polls, when its last poll left nothing behind. */
    readonly pollIntervalMs: number;
    readonly invocationBytes: number;
  };
}

const NONE: Latency = { kind: 'none' };
const lognormal = (p50Ms: number, p99Ms: number): Latency => ({ kind: 'lognormal', p50Ms, p99Ms });

const KIB = 1024;

/** Sizes and times that are AWS's in every profile. Source: API Gateway WebSocket quotas page; Lambda quotas page. */
const FIXED_QUOTAS = {
  messageBytes: 128 * KIB,
  frameBytes: 32 * KIB,
  idleMs: 10 * 60_000,
  lifetimeMs: 2 * 3_600_000,
  invocationBytes: 6 * KIB * KIB,
} as const;

export const IDEAL_PROFILE: Profile = {
  name: 'ideal',
  dispatch: 'serial',
  latency: {
    clientToGateway: NONE,
    gatewayProcessing: NONE,
    putRecord: NONE,
    fanOutPush: NONE,
    pollAnswer: NONE,
    invoke: NONE,
    coldStart: NONE,
    postToConnection: NONE,
    gatewayToClient: NONE,
  },
  quotas: {
    ...FIXED_QUOTAS,
    connect: null,
    account: null,
    shardRecordsPerSecond: null,
    shardBytesPerSecond: null,
    pollIntervalMs: 20,
  },
};

/**
 * Fan-out: published Kinesis fan-out to Lambda latency is p50 49.4, p99 109 ms (bitesizedserverless.com, 2022) and
 * contains PutRecord and the invocation, so the push alone is about 15 ms less. Polling: one poll a second per shard.
 * The other figures have no published measurement behind them; they are plausible in-region values.
 */
export const AWS_PROFILE: Profile = {
  name: 'aws',
  dispatch: 'serial',
  latency: {
    clientToGateway: lognormal(1, 5),
    gatewayProcessing: lognormal(5, 25),
    putRecord: lognormal(8, 40),
    fanOutPush: lognormal(35, 85),
    pollAnswer: lognormal(100, 500),
    invoke: lognormal(5, 20),
    coldStart: lognormal(300, 900),
    postToConnection: lognormal(8, 40),
    gatewayToClient: lognormal(1, 5),
  },
  quotas: {
    ...FIXED_QUOTAS,
    connect: { perSecond: 500, burst: 500 },
    account: { perSecond: 10_000, burst: 5_000 },
    shardRecordsPerSecond: 1_000,
    shardBytesPerSecond: 1_000_000,
    pollIntervalMs: 1_000,
  },
};

/** The profile of a name. */
export function profileNamed(name: ProfileName): Profile {
  return name === 'aws' ? AWS_PROFILE : IDEAL_PROFILE;
}
