/**
 * One line of violations.ndjson, parsed. A line of another shape gives null and is counted by the caller: one damaged
 * line must not hide the witnesses on the others.
 */
import { z } from 'zod';
import type { Violation } from '../bench/core/result.ts';

const number = z.number();
const where = z.enum(['ingest', 'delivery', 'unknown']);
const hops = z
  .looseObject({
    shard: z.string(),
    record: z.string(),
    arrivedMs: number,
    startedMs: number,
    postedMs: number,
  })
  .exactOptional();

const violation = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('reordered'),
    stream: number,
    sequence: number,
    intendedMs: number,
    sentMs: number,
    arrivedMs: number,
    extent: number,
    lateTimeMs: number,
    overtakenBy: z.looseObject({ sequence: number, sentMs: number, arrivedMs: number, hops }),
    where,
    hops,
  }),
  z.looseObject({
    kind: z.literal('duplicated'),
    stream: number,
    sequence: number,
    arrivedMs: number,
    sentMs: number.exactOptional(),
    firstArrivedMs: number.exactOptional(),
    hops,
    firstHops: hops,
  }),
  z.looseObject({
    kind: z.literal('lost'),
    stream: number,
    sequence: number,
    intendedMs: number,
    sentMs: number,
  }),
  z.looseObject({
    kind: z.literal('unexpected'),
    stream: number,
    what: z.string(),
    arrivedMs: number,
    excerpt: z.string(),
  }),
]);

/** The violation on a line, or null when it is none. */
export function parseViolation(line: string): Violation | null {
  try {
    return violation.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
