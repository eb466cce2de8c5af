/**
 * Partials as files: JSON in gzip, checked field by field on the way in. They come from other machines and perhaps another
 * version, and a figure that was read wrong would be added to all the others; so what does not fit is refused as a whole.
 */
import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync, gzip } from 'node:zlib';
import { z } from 'zod';
import { type FleetPartial, PARTIAL_SCHEMA, type PartialIdentity } from '../measure/fleet/partial.ts';
import type { PackedHistogram } from '../measure/packed-histogram.ts';
import { wrongFields } from '../model/failure.ts';
import { RUN_RESULT } from '../model/result.ts';
import { count } from '../model/saved.ts';
import { PART, packPart } from './packed-part.ts';

/** A file that is no partial that this version can read. Its message is a clause. */
export class UnreadablePartial extends Error {}

/** Longest partial, unpacked: hundreds of times one of a busy worker's hour. A file that unpacks to more is no partial. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** Most partials are unpacked in one piece: each costs a turn of the event loop, for which parsing makes it wait. */
const CHUNK_BYTES = 1024 * 1024;

/** A sentence or a name: both end up in reports. */
const text = z.string().max(4_096);

const finite = z.number().finite();

const IDENTITY = z.strictObject({
  runId: z.string().regex(/^[0-9a-f]{16}$/),
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
  index: count,
  of: count.min(1),
  startMs: finite,
});

/** A worker's partial. */
export const PARTIAL = z.strictObject({
  schema: z.literal(PARTIAL_SCHEMA),
  kind: z.literal('fleet partial'),
  identity: IDENTITY,
  plan: z.record(z.string(), z.unknown()),
  headerNames: z.array(text),
  host: text,
  environment: RUN_RESULT.shape.environment,
  clock: z
    .strictObject({ lowMs: finite, highMs: finite, probes: count })
    .refine(({ lowMs, highMs }) => lowMs <= highMs, { error: 'its lower bound is above the upper one' })
    .nullable(),
  times: z.strictObject({
    startedMs: finite,
    readyMs: finite,
    latenessMs: finite.nonnegative(),
    trafficEndedMs: finite,
    measuredMs: finite.nonnegative(),
  }),
  run: z.strictObject({
    interruption: text.nullable(),
    stage: RUN_RESULT.shape.stage,
    probes: count,
    unansweredProbes: count.optional(),
    throttledProbes: count.optional(),
    stageChange: text.nullable(),
    sharesMachine: z.boolean(),
    hostBusy: finite.nullable(),
    stealShare: finite.nullable(),
  }),
  part: PART,
});

/** The partial as a file. */
export async function packPartial(partial: FleetPartial): Promise<Uint8Array> {
  return promisify(gzip)(JSON.stringify({ ...partial, part: packPart(partial.part) }));
}

/** The text of a file. @throws UnreadablePartial */
export async function unzipped(bytes: Uint8Array): Promise<Buffer> {
  if (!isGzip(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES, chunkSize: CHUNK_BYTES });
  } catch (error) {
    throw new UnreadablePartial(`it can't be unpacked: ${(error as Error).message}`);
  }
}

/** The partial of a text, and what tells equal texts. @throws UnreadablePartial */
export function readPartial(text: Buffer): { partial: FleetPartial<PackedHistogram>; digest: string } {
  let raw: unknown;
  try {
    // Nearly all are ASCII, which is read several times faster as what it is.
    raw = JSON.parse(text.toString(isAscii(text) ? 'latin1' : 'utf8'));
  } catch {
    throw new UnreadablePartial('it is not valid JSON');
  }
  const { schema } = (raw ?? {}) as { schema?: unknown };
  if (typeof schema === 'number' && schema !== PARTIAL_SCHEMA)
    throw new UnreadablePartial(`it is of schema ${schema}, and this program reads schema ${PARTIAL_SCHEMA}`);
  const parsed = PARTIAL.safeParse(raw);
  if (!parsed.success)
    throw new UnreadablePartial(`${wrongFields(parsed.error)}. Copy it from its worker again`);
  const digest = createHash('sha256').update(text).digest('hex');
  return { partial: parsed.data as FleetPartial<PackedHistogram>, digest };
}

/** Bytes of a file in which its identity is sure to be. */
const HEAD_BYTES = 1024;

/** Who a file says it is of, from its first bytes; null when they don't say. It is checked when the file is read. */
export function peekIdentity(bytes: Uint8Array): PartialIdentity | null {
  try {
    const head = bytes.subarray(0, HEAD_BYTES);
    const text = isGzip(bytes)
      ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
      : Buffer.from(head);
    const found = /"identity"\s*:\s*(\{[^}]*\})/.exec(text.toString('utf8'));
    const parsed = IDENTITY.safeParse(JSON.parse(found?.[1] ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
