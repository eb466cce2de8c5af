/** Violations with their witnesses, each a line of violations.ndjson. */
import { z } from 'zod';
import { amount, count, saved, text } from './saved.ts';

/** Where a witness was on its way: times of the stage's clocks, since the start of measurement, and its place in the stream. */
const WITNESS_HOPS = saved({
  shard: text,
  record: text,
  arrivedMs: amount,
  startedMs: amount,
  postedMs: amount,
});
export type WitnessHops = Readonly<z.output<typeof WITNESS_HOPS>>;

/** One line of violations.ndjson. Times are milliseconds since the start of measurement. */
export const VIOLATION = z.discriminatedUnion('kind', [
  saved({
    kind: z.literal('reordered'),
    stream: count,
    sequence: amount,
    intendedMs: amount,
    sentMs: amount,
    arrivedMs: amount,
    extent: amount,
    lateTimeMs: amount,
    /** The earliest message that overtook it. */
    overtakenBy: saved({
      sequence: amount,
      sentMs: amount,
      arrivedMs: amount,
      /** Of traced messages. */
      hops: WITNESS_HOPS.exactOptional(),
    }),
    where: z.enum(['ingest', 'delivery', 'unknown']),
    hops: WITNESS_HOPS.exactOptional(),
  }),
  saved({
    kind: z.literal('duplicated'),
    stream: count,
    sequence: amount,
    arrivedMs: amount,
    /** Of the first arrival, while it is remembered: see ledger-slots.ts and, of traced messages, ordering-hops.ts. */
    sentMs: amount.exactOptional(),
    firstArrivedMs: amount.exactOptional(),
    hops: WITNESS_HOPS.exactOptional(),
    firstHops: WITNESS_HOPS.exactOptional(),
  }),
  saved({
    kind: z.literal('lost'),
    stream: count,
    sequence: amount,
    intendedMs: amount,
    sentMs: amount,
  }),
  saved({
    kind: z.literal('unexpected'),
    stream: count,
    what: text,
    arrivedMs: amount,
    /** The first bytes of it, as text. */
    excerpt: text,
  }),
]);
export type Violation = Readonly<z.output<typeof VIOLATION>>;

/** The violation on a line; null for any other text, for one damaged line must not hide the witnesses on the others. */
export function violationOf(line: string): Violation | null {
  try {
    return VIOLATION.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
