/**
 * Holds what the stage takes from AWS that is not in the template: latencies, quotas and timeouts. `ideal` adds no
 * latency and has no rate quotas; `aws` has AWS's documented quotas and latencies calibrated to published
 * measurements. It is labelled "calibrated", never "AWS-measured": no measurement of the whole path exists.
 */
import type { Dispatch, ProfileName } from '../../bench/model/plan.ts';
import type { Random } from '../../bench/ports.ts';
import { CONNECTS_PER_SECOND, requestQuotaIn, WEBSOCKET_LIMITS } from '../default-quotas.ts';
import { NO_QUIRKS, type Quirks } from './quirks.ts';

/** A share of the draws, 0 to 1, and the latency in milliseconds that this share does not exceed. */
type QuantilePoint = readonly [share: number, ms: number];

/**
 * A latency distribution in milliseconds: none; lognormal, given by its median and 99th percentile; or given by points of
 * its quantile function, shares rising from 0 to 1, with the logarithm of the latency linear between them.
 */
export type Latency =
  | { readonly kind: 'none' }
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p99Ms: number }
  | { readonly kind: 'quantiles'; readonly points: readonly QuantilePoint[] };

/** A token bucket: steady rate and burst; null is unlimited. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** What takes time. A push is from arrival in the shard to the mapping, a poll's answer from the poll's start. */
type Hop =
  | 'clientToGateway'
  | 'gatewayProcessing'
  | 'putRecord'
  | 'fanOutPush'
  | 'pollAnswer'
  | 'invoke'
  | 'coldStart'
  | 'postToConnection'
  | 'gatewayToClient';

export interface Profile {
  readonly name: ProfileName;
  /** Whether the messages of one connection enter the integration one after the other or side by side. AWS documents neither. */
  readonly dispatch: Dispatch;
  readonly latency: Readonly<Record<Hop, Latency>>;
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
  readonly quirks: Quirks;
}

const NONE: Latency = { kind: 'none' };
const lognormal = (p50Ms: number, p99Ms: number): Latency => ({ kind: 'lognormal', p50Ms, p99Ms });

const KIB = 1024;

/** Sizes and times that are AWS's in every profile. Source: API Gateway WebSocket quotas page; Lambda quotas page. */
const FIXED_QUOTAS = {
  ...WEBSOCKET_LIMITS,
  messageBytes: 128 * KIB,
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
  quirks: NO_QUIRKS,
};

/**
 * What remains of the published latency from put to function (testing/calibration/published.ts) when PutRecord, the invocation
 * and this machine's own part are taken off; fitted by iteration, as decision 3 tells. `npm run calibrate` checks it.
 */
const FAN_OUT_PUSH: Latency = {
  kind: 'quantiles',
  points: [
    [0, 10],
    [0.1, 17],
    [0.5, 38.5],
    [0.9, 44],
    [0.99, 88.5],
    [1, 135],
  ],
};

/**
 * The same for polling, beside the wait for the next poll. One poll a second spreads that wait over a whole second, and
 * the published figures are closer together than that: no answer time fits them better than to 10 %. The slow share of
 * the answers stands for what lies beyond the published 99th percentile.
 */
const POLL_ANSWER: Latency = {
  kind: 'quantiles',
  points: [
    [0, 126],
    [0.986, 129],
    [0.987, 1_250],
    [1, 1_400],
  ],
};

/**
 * Way through the stream: calibrated to a published measurement. The other latencies have no published measurement behind
 * them; they are plausible in-region values.
 */
export const AWS_PROFILE: Profile = {
  name: 'aws',
  dispatch: 'serial',
  latency: {
    clientToGateway: lognormal(1, 5),
    gatewayProcessing: lognormal(5, 25),
    putRecord: lognormal(8, 40),
    fanOutPush: FAN_OUT_PUSH,
    pollAnswer: POLL_ANSWER,
    invoke: lognormal(5, 20),
    coldStart: lognormal(300, 900),
    postToConnection: lognormal(8, 40),
    gatewayToClient: lognormal(1, 5),
  },
  quotas: {
    ...FIXED_QUOTAS,
    connect: { perSecond: CONNECTS_PER_SECOND, burst: CONNECTS_PER_SECOND },
    // Of most Regions; an account elsewhere has fewer (default-quotas.ts).
    account: requestQuotaIn('us-east-1'),
    shardRecordsPerSecond: 1_000,
    shardBytesPerSecond: 1_000_000,
    pollIntervalMs: 1_000,
  },
  quirks: NO_QUIRKS,
};

type ProfileChoice = Pick<Profile, 'name' | 'dispatch'> & Partial<Pick<Profile, 'quirks'>>;

/** The profile of a name, with the given dispatch instead of its own, and with quirks where there are some. */
export function profileWith({ name, dispatch, quirks = NO_QUIRKS }: ProfileChoice): Profile {
  const profile = name === 'aws' ? AWS_PROFILE : IDEAL_PROFILE;
  return { ...profile, quotas: quotasLeft(profile.quotas, quirks), dispatch, quirks };
}

/** What a busy account leaves of its new connections. */
const LEFT_SHARE = 0.1;

function quotasLeft(quotas: Profile['quotas'], { isAccountBusy }: Quirks): Profile['quotas'] {
  if (!isAccountBusy || quotas.connect === null) return quotas;
  const { perSecond, burst } = quotas.connect;
  return { ...quotas, connect: { perSecond: perSecond * LEFT_SHARE, burst: burst * LEFT_SHARE } };
}

// Draws latencies from a profile's distributions, from a given source of chance.

/** Standard normal quantile of 0.99. */
const Z99 = 2.326_347_874;

/** A function that draws one latency in milliseconds per call, without allocating. Throws on quantiles that are none. */
export function sampler(latency: Latency, random: Random): () => number {
  if (latency.kind === 'none') return () => 0;
  if (latency.kind === 'quantiles') return quantileSampler(latency.points, random);
  return lognormalSampler(latency.p50Ms, latency.p99Ms, random);
}

/** Box–Muller for the normal deviate. */
function lognormalSampler(p50Ms: number, p99Ms: number, random: Random): () => number {
  const mu = Math.log(p50Ms);
  const sigma = Math.log(p99Ms / p50Ms) / Z99;
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return Math.exp(mu + sigma * radius * Math.cos(2 * Math.PI * random.next()));
  };
}

/**
 * Inversion: a uniform share, looked up in the quantile function. Between two points the logarithm of the latency is
 * linear in the share, so the function is monotone and a tail of several hundred milliseconds stays a tail.
 */
function quantileSampler(points: readonly QuantilePoint[], random: Random): () => number {
  checkQuantiles(points);
  const shares = Float64Array.from(points, ([share]) => share);
  const logs = Float64Array.from(points, ([, ms]) => Math.log(ms));
  return () => {
    const share = random.next();
    let upper = 1;
    while (share >= shares[upper]!) upper += 1;
    const from = shares[upper - 1]!;
    const part = (share - from) / (shares[upper]! - from);
    return Math.exp(logs[upper - 1]! + part * (logs[upper]! - logs[upper - 1]!));
  };
}

function checkQuantiles(points: readonly QuantilePoint[]): void {
  const rises = points.every(([share, ms], index) => {
    const [shareBefore, msBefore] = points[index - 1] ?? [-1, 0];
    return share > shareBefore && ms >= msBefore && ms > 0;
  });
  if (points.length < 2 || points[0]![0] !== 0 || points.at(-1)![0] !== 1 || !rises) {
    throw new Error(
      `quantiles need shares that rise from 0 to 1 and latencies above 0 that don't fall: ${JSON.stringify(points)}`,
    );
  }
}
