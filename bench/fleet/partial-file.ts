/**
 * Partials as files: JSON in gzip, checked field by field on the way in. They come from other machines and perhaps another
 * version, and a figure that was read wrong would be added to all the others; so what does not fit is refused as a whole.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync, gzip } from 'node:zlib';
import { z } from 'zod';
import { pack, unpack } from '../core/fleet/packed-histogram.ts';
import type { FleetPartial, PartialIdentity } from '../core/fleet/partial.ts';
import type { SecondPart, SharePart } from '../core/fleet/share-sum.ts';
import type { SparseHistogram } from '../core/histogram.ts';
import { PACINGS } from '../core/plan.ts';
import type { Violation } from '../core/result.ts';
import { emptyOpening, SERIES } from '../core/share.ts';
import { emptyTally, type Tally } from '../core/tally.ts';

/** A file that is no partial that this version can read. Its message is a clause. */
export class UnreadablePartial extends Error {}

/** Longest partial, unpacked: a hundred times one of a busy worker's hour. A file that unpacks to more is no partial. */
const MAX_BYTES = 1024 * 1024 * 1024;

const count = z.number().int().nonnegative();
const finite = z.number().finite();
/** There is one in every second of every worker, and a loop checks it several times faster than a record schema. */
const counter = z.custom<Record<string, number>>(isCounter, { error: 'must be a map of counts' });
/** Zeros are left out. */
const sparseCounts = <Name extends string>(names: readonly Name[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, count.optional()])));

const TALLY_NAMES = Object.keys(emptyTally()) as (keyof Tally)[];
const OPENING_NAMES = Object.keys(emptyOpening()) as (keyof ReturnType<typeof emptyOpening>)[];
const PLACES = ['ingest', 'delivery', 'unknown'] as const;
const ANOMALIES = ['clipped', 'negative', 'negativeHops'] as const;
const KINDS = ['warmup', 'measured'] as const;
const HOP_SUMS = ['samples', 'ingest', 'queue', 'process', 'deliver', 'service'] as const;
const STREAM_COUNTS = ['delivered', 'reordered', 'duplicated', 'lost', 'unexpected'] as const;
const SHARD_COUNTS = ['delivered', 'reordered', 'duplicated'] as const;

const histogram = z.string().transform((text, context): SparseHistogram => {
  try {
    return unpack(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const whole = <Name extends string>(names: readonly Name[], shape: z.ZodType<number> = count) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, shape])) as Record<Name, typeof shape>);

const second = z.strictObject({
  second: z.number().int(),
  warmup: sparseCounts(TALLY_NAMES).optional(),
  measured: sparseCounts(TALLY_NAMES).optional(),
  due: counter.optional(),
  arrivals: sparseCounts(KINDS).optional(),
  unexpected: z.strictObject({ warmup: counter, measured: counter }).optional(),
  where: sparseCounts(PLACES).optional(),
  anomalies: sparseCounts(ANOMALIES).optional(),
  closedEarly: counter.optional(),
  connections: count,
  histograms: z.strictObject(Object.fromEntries(SERIES.map((series) => [series, histogram.optional()]))),
});

const HEALTH_NUMBERS = [
  'utilizationSum',
  'utilizationMax',
  'loopDelayP99Ms',
  'loopDelayMaxMs',
  'gcMs',
  'gcMaxMs',
  'cpuCoresMax',
  'backlogMaxBytes',
] as const;

const part = z.strictObject({
  opening: whole(OPENING_NAMES).extend({ failures: counter, connect: histogram.nullable() }),
  seconds: z.array(second),
  order: z.strictObject({
    affected: count,
    streams: z.array(z.tuple([count, whole(STREAM_COUNTS)])),
    shards: z.array(z.tuple([z.string(), whole(SHARD_COUNTS)])),
    lostDue: counter,
    shortestWaitMs: finite.nullable(),
    hops: whole(HOP_SUMS),
  }),
  health: whole(HEALTH_NUMBERS, finite).extend({
    seconds: count,
    gcCount: count,
    pacings: z.array(z.enum(PACINGS)),
  }),
  violations: z.array(z.looseObject({ kind: z.enum(['reordered', 'duplicated', 'lost', 'unexpected']) })),
});

const stage = z.looseObject({
  kind: z.enum(['local', 'aws', 'url']),
  url: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  parameters: z.record(z.string(), z.string()),
  profile: z.string().nullable(),
  notes: z.array(z.string()),
});

const IDENTITY = z.strictObject({
  runId: z.string().regex(/^[0-9a-f]{16}$/),
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
  index: count,
  of: count.min(1),
  startMs: finite,
});

const PARTIAL = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('fleet partial'),
  identity: IDENTITY,
  plan: z.record(z.string(), z.unknown()),
  headerNames: z.array(z.string()),
  host: z.string(),
  environment: z.looseObject({
    node: z.string(),
    os: z.string(),
    cpus: z.string(),
    version: z.string(),
    commit: z.string().nullable(),
    threads: count,
    seed: count,
  }),
  clock: z.strictObject({ lowMs: finite, highMs: finite, probes: count }).nullable(),
  times: z.strictObject({
    startedMs: finite,
    readyMs: finite,
    latenessMs: finite,
    trafficEndedMs: finite,
    measuredMs: finite,
  }),
  run: z.strictObject({
    interruption: z.string().nullable(),
    stage,
    probes: count,
    stageChange: z.string().nullable(),
    sharesMachine: z.boolean(),
    hostBusy: finite.nullable(),
    stealShare: finite.nullable(),
  }),
  part,
});

type Raw = z.output<typeof PARTIAL>;

function isCounter(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const counts = value as Record<string, unknown>;
  for (const key in counts)
    if (!Number.isSafeInteger(counts[key]) || (counts[key] as number) < 0) return false;
  return true;
}

/** The partial as a file. */
export async function packPartial(partial: FleetPartial): Promise<Uint8Array> {
  return promisify(gzip)(JSON.stringify({ ...partial, part: packedPart(partial.part) }));
}

/** The text of a file. @throws UnreadablePartial */
export async function unzipped(bytes: Uint8Array): Promise<Buffer> {
  if (!isGzip(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw new UnreadablePartial(`it can't be unpacked: ${(error as Error).message}`);
  }
}

/** The partial of a text, and what tells equal texts. @throws UnreadablePartial */
export function readPartial(text: Buffer): { partial: FleetPartial; digest: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(text.toString('utf8'));
  } catch {
    throw new UnreadablePartial('it is no JSON');
  }
  const { schema } = (raw ?? {}) as { schema?: unknown };
  if (typeof schema === 'number' && schema > 1)
    throw new UnreadablePartial(`it is of schema ${schema}, which is newer than this program`);
  const parsed = PARTIAL.safeParse(raw);
  if (!parsed.success) throw new UnreadablePartial(issueText(parsed.error));
  const digest = createHash('sha256').update(text).digest('hex');
  const partial = { ...parsed.data, part: wholePart(parsed.data.part) };
  return { partial: partial as unknown as FleetPartial, digest };
}

/** Bytes of a file in which its identity is sure to be. */
const HEAD_BYTES = 4096;

/** Who a file says it is of, from its first bytes; null when they don't say. It is checked when the file is read. */
export function peekIdentity(bytes: Uint8Array): PartialIdentity | null {
  try {
    const head = bytes.subarray(0, HEAD_BYTES);
    const text = isGzip(bytes)
      ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
      : Buffer.from(head);
    const found = /"identity":(\{[^}]*\})/.exec(text.toString('utf8'));
    const parsed = IDENTITY.safeParse(JSON.parse(found?.[1] ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function issueText({ issues: [first] }: z.ZodError): string {
  return first === undefined ? 'it is no partial' : `${first.path.join('.') || 'the file'}: ${first.message}`;
}

function packedPart(given: SharePart): unknown {
  const { opening, seconds, order, health } = given;
  const { shortestWaitMs } = order;
  return {
    opening: { ...opening, connect: opening.connect === null ? null : pack(opening.connect) },
    seconds: seconds.map(packedSecond),
    order: {
      ...order,
      streams: [...order.streams],
      shards: [...order.shards],
      shortestWaitMs: Number.isFinite(shortestWaitMs) ? shortestWaitMs : null,
    },
    health: { ...health, pacings: [...health.pacings] },
    violations: given.violations,
  };
}

function packedSecond(given: SecondPart): unknown {
  const { unexpected } = given;
  const histograms = Object.entries(given.histograms as Record<string, SparseHistogram>);
  const hasUnexpected = KINDS.some((kind) => Object.keys(unexpected[kind]).length > 0);
  return {
    second: given.second,
    warmup: nonZero(given.warmup),
    measured: nonZero(given.measured),
    due: nonZero(given.due),
    arrivals: nonZero(given.arrivals),
    unexpected: hasUnexpected ? unexpected : undefined,
    where: nonZero(given.where),
    anomalies: nonZero(given.anomalies),
    closedEarly: nonZero(given.closedEarly),
    connections: given.connections,
    histograms: Object.fromEntries(histograms.map(([series, sparse]) => [series, pack(sparse)])),
  };
}

/** Counts that are not zero; undefined, which JSON leaves out, when all are. */
function nonZero(counts: object): Record<string, number> | undefined {
  const some = Object.entries(counts as Record<string, number>).filter(([, value]) => value !== 0);
  return some.length === 0 ? undefined : Object.fromEntries(some);
}

/** Seconds have no warm-up but in warm-up, and mostly nothing unusual: what is not there is shared, not made anew. */
const NO_COUNTS = {};
const NO_TALLY = emptyTally();
const NO_ARRIVALS = { warmup: 0, measured: 0 };
const NO_UNEXPECTED = { warmup: NO_COUNTS, measured: NO_COUNTS };
const NO_PLACES = { ingest: 0, delivery: 0, unknown: 0 };
const NO_ANOMALIES = { clipped: 0, negative: 0, negativeHops: 0 };

/** The counts over zeros, or the zeros themselves. */
function over<T extends object>(zeros: T, counts: object | undefined): T {
  return counts === undefined ? zeros : { ...zeros, ...counts };
}

function wholePart({ order, health, violations, seconds, ...rest }: Raw['part']): SharePart {
  return {
    ...rest,
    seconds: seconds.map(wholeSecond),
    order: {
      ...order,
      streams: new Map<number, object>(order.streams as [number, object][]),
      shards: new Map<string, object>(order.shards as [string, object][]),
      shortestWaitMs: order.shortestWaitMs ?? Number.POSITIVE_INFINITY,
    },
    health: { ...health, pacings: new Set(health.pacings) },
    // Witnesses are shown, never counted: their shape beyond the kind is checked by what reads violations.ndjson.
    violations: violations as unknown as Violation[],
  } as unknown as SharePart;
}

function wholeSecond(raw: Raw['part']['seconds'][number]): SecondPart {
  return {
    second: raw.second,
    warmup: over(NO_TALLY, raw.warmup),
    measured: over(NO_TALLY, raw.measured),
    due: raw.due ?? NO_COUNTS,
    arrivals: over(NO_ARRIVALS, raw.arrivals),
    unexpected: raw.unexpected ?? NO_UNEXPECTED,
    where: over(NO_PLACES, raw.where),
    anomalies: over(NO_ANOMALIES, raw.anomalies),
    closedEarly: raw.closedEarly ?? NO_COUNTS,
    connections: raw.connections,
    histograms: raw.histograms,
  } as unknown as SecondPart;
}
