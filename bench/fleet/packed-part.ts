/**
 * A share of a run as it lies in a partial: sums in full, checked field by field, and what there is much of – seconds,
 * streams, counts by second – as columns.
 */
import { z } from 'zod';
import { emptyHealth } from '../measure/health.ts';
import { emptyOrder, type OrderReport } from '../measure/ordering-report.ts';
import { type PackedHistogram, pack } from '../measure/packed-histogram.ts';
import { emptyOpening, type SharePart } from '../measure/share.ts';
import { PACINGS } from '../model/plan.ts';
import { count } from '../model/saved.ts';
import { VIOLATION } from '../model/violation.ts';
import { columnOfOtherLength, countColumn } from './column.ts';
import { packedHistograms, packSeconds, SECONDS, secondColumn } from './packed-seconds.ts';

const finite = z.number().finite();
const counter = z.record(z.string(), count);

const whole = <Name extends string, S extends z.ZodType>(names: readonly Name[], shape: S) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, shape])) as Record<Name, S>);

const keysOf = <T extends object>(of: T) => Object.keys(of) as (keyof T & string)[];

const STREAM_COUNTS = ['delivered', 'reordered', 'duplicated', 'lost', 'unexpected'] as const;
const SHARD_COUNTS = ['delivered', 'reordered', 'duplicated'] as const;
const { pacings: _, ...HEALTH_NUMBERS } = emptyHealth();

function issue(context: z.RefinementCtx, path: string[], message: string): never {
  context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
}

/** Counts by second. */
const bySecond = z
  .strictObject({ second: secondColumn, count: countColumn })
  .transform((columns, context): Record<number, number> => {
    if (columnOfOtherLength(columns, columns.second.length) !== null)
      return issue(context, ['count'], 'must have one for each second');
    const counts = Object.fromEntries(columns.second.map((second, row) => [second, columns.count[row]!]));
    if (Object.keys(counts).length < columns.second.length)
      return issue(context, ['second'], 'must be different seconds');
    return counts;
  });

function packBySecond(counts: Readonly<Record<number, number>>): z.input<typeof bySecond> {
  return { second: Object.keys(counts).map(Number), count: Object.values(counts) };
}

/** Violations by stream, in the order of the streams' first ones. */
const streams = whole(['stream', ...STREAM_COUNTS], countColumn).transform(
  (columns, context): OrderReport['streams'] => {
    const { stream } = columns;
    const odd = columnOfOtherLength(columns, stream.length);
    if (odd !== null) return issue(context, [odd], 'must have a value for each stream');
    const found = new Map(
      stream.map((number, row) => [
        number,
        {
          delivered: columns.delivered[row]!,
          reordered: columns.reordered[row]!,
          duplicated: columns.duplicated[row]!,
          lost: columns.lost[row]!,
          unexpected: columns.unexpected[row]!,
        },
      ]),
    );
    return found.size < stream.length ? issue(context, ['stream'], 'must be different streams') : found;
  },
);

function packStreams(given: OrderReport['streams']): z.input<typeof streams> {
  const counts = [...given.values()];
  const columns = STREAM_COUNTS.map((name) => [name, counts.map((of) => of[name])]);
  return { stream: [...given.keys()], ...Object.fromEntries(columns) };
}

/** Four times the longest that a driver writes. */
const MAX_WITNESS_LENGTH = 4_096;

const shards = z
  .array(z.tuple([z.string().max(128), whole(SHARD_COUNTS, count)]))
  .transform((pairs, context) => {
    const found: OrderReport['shards'] = new Map(pairs);
    return found.size < pairs.length ? issue(context, [], 'must be different shards') : found;
  });

const connect = packedHistograms.transform((histograms, context) => {
  if (histograms.length !== 1) return issue(context, [], 'must be one histogram');
  return histograms[0]?.toSparse() ?? null;
});

/** The part of a file. */
export const PART = z
  .strictObject({
    opening: whole(keysOf(emptyOpening()), count).extend({
      failures: counter,
      details: z.record(z.string().max(100), z.string().max(1_000)).exactOptional(),
      connect,
    }),
    seconds: SECONDS,
    due: bySecond,
    order: z.strictObject({
      affected: count,
      streams,
      shards,
      lostDue: bySecond,
      /** JSON has no infinity. */
      shortestWaitMs: finite.nullable().transform((ms) => ms ?? Number.POSITIVE_INFINITY),
      hops: whole(keysOf(emptyOrder().hops), count),
    }),
    health: whole(keysOf(HEALTH_NUMBERS), finite).extend({
      seconds: count,
      gcCount: count,
      pacings: z.array(z.enum(PACINGS)).transform((pacings) => new Set(pacings)),
    }),
    violations: z.array(
      VIOLATION.refine((violation) => JSON.stringify(violation).length <= MAX_WITNESS_LENGTH, {
        error: `must be at most ${MAX_WITNESS_LENGTH} characters`,
      }),
    ),
  })
  .transform((part): SharePart<PackedHistogram> => part);

/** The part as it is written. */
export function packPart({ opening, seconds, due, order, health, violations }: SharePart): object {
  const { shortestWaitMs } = order;
  return {
    opening: { ...opening, connect: pack([opening.connect]) },
    seconds: packSeconds(seconds),
    due: packBySecond(due),
    order: {
      ...order,
      streams: packStreams(order.streams),
      shards: [...order.shards],
      lostDue: packBySecond(order.lostDue),
      shortestWaitMs: Number.isFinite(shortestWaitMs) ? shortestWaitMs : null,
    },
    health: { ...health, pacings: [...health.pacings] },
    violations,
  };
}
