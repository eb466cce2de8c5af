/**
 * A share's seconds as columns: there are hundreds of thousands of them in a merge, and all look alike. Histograms are one
 * text per series with a place for every second, and stay packed when read. The columns must be of one length, the seconds
 * in order; what does not fit is an issue with the path of its field.
 */
import { z } from 'zod';
import { DamagedHistogram, type PackedHistogram, pack, unpack } from '../measure/fleet/packed-histogram.ts';
import type { SecondPart } from '../measure/fleet/share-sum.ts';
import { SERIES, type Series } from '../measure/share.ts';
import { emptyTally } from '../measure/tally.ts';
import { MAX_DURATION_MS } from '../model/setting.ts';
import {
  anyColumns,
  columnOfOtherLength,
  columnsOf,
  countColumn,
  integerColumn,
  rowOf,
  rowOver,
  toColumns,
} from './column.ts';

/** Warm-up, duration and drain at their longest: a second beyond them is of no run. */
const MAX_SECOND = (3 * MAX_DURATION_MS) / 1000;

/** Seconds have no warm-up but in warm-up, and mostly nothing unusual: what is not there is shared, not made anew. */
const NO_COUNTS = {};
const NO_TALLY = emptyTally();
const NO_ARRIVALS = { warmup: 0, measured: 0 };
const NO_PLACES = { ingest: 0, delivery: 0, unknown: 0 };
const NO_ANOMALIES = { clipped: 0, negative: 0, negativeHops: 0 };

/** Histograms that are checked but stay packed. */
export const packedHistograms = z.string().transform((text, context): (PackedHistogram | null)[] => {
  try {
    return unpack(text);
  } catch (error) {
    if (!(error instanceof DamagedHistogram)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

/** Seconds since the start of measurement. */
export const secondColumn = integerColumn.refine(
  (seconds) => seconds.every((second) => Math.abs(second) <= MAX_SECOND),
  { error: `a run has no second beyond ${MAX_SECOND}` },
);

const columns = z.strictObject({
  second: secondColumn.refine(
    (seconds) => seconds.every((second, row) => row === 0 || second > seconds[row - 1]!),
    {
      error: 'must be in order',
    },
  ),
  connections: countColumn,
  warmup: columnsOf(Object.keys(NO_TALLY)).optional(),
  measured: columnsOf(Object.keys(NO_TALLY)).optional(),
  arrivals: columnsOf(Object.keys(NO_ARRIVALS)).optional(),
  unexpectedInWarmup: anyColumns.optional(),
  unexpected: anyColumns.optional(),
  where: columnsOf(Object.keys(NO_PLACES)).optional(),
  anomalies: columnsOf(Object.keys(NO_ANOMALIES)).optional(),
  closedEarly: anyColumns.optional(),
  histograms: z.strictObject(
    Object.fromEntries(SERIES.map((series) => [series, packedHistograms.optional()])),
  ),
});

type Raw = z.output<typeof columns>;

/** The seconds of a file. */
export const SECONDS = columns.transform((raw, context): SecondPart<PackedHistogram>[] => {
  const odd = oddColumn(raw);
  if (odd === null) return raw.second.map((_, row) => secondAt(raw, row));
  const message = `must have a value for each of the ${raw.second.length} seconds`;
  context.addIssue({ code: 'custom', path: odd, message });
  return z.NEVER;
});

/** Path of a column that has not a value for each second; null when all have. */
function oddColumn({ second, connections, ...groups }: Raw): string[] | null {
  if (connections.length !== second.length) return ['connections'];
  for (const [group, byName] of Object.entries(groups)) {
    const name = columnOfOtherLength(byName ?? {}, second.length);
    if (name !== null) return [group, name];
  }
  return null;
}

function secondAt(raw: Raw, row: number): SecondPart<PackedHistogram> {
  return {
    second: raw.second[row]!,
    warmup: rowOver(NO_TALLY, raw.warmup, row),
    measured: rowOver(NO_TALLY, raw.measured, row),
    arrivals: rowOver(NO_ARRIVALS, raw.arrivals, row),
    unexpected: {
      warmup: rowOf(NO_COUNTS, raw.unexpectedInWarmup, row),
      measured: rowOf(NO_COUNTS, raw.unexpected, row),
    },
    where: rowOver(NO_PLACES, raw.where, row),
    anomalies: rowOver(NO_ANOMALIES, raw.anomalies, row),
    closedEarly: rowOf(NO_COUNTS, raw.closedEarly, row),
    connections: raw.connections[row]!,
    histograms: histogramsAt(raw.histograms, row),
  };
}

function histogramsAt(given: Raw['histograms'], row: number): SecondPart<PackedHistogram>['histograms'] {
  const found: Partial<Record<Series, PackedHistogram>> = {};
  for (const series in given) {
    const histogram = given[series]![row]!;
    if (histogram !== null) found[series as Series] = histogram;
  }
  return found;
}

/** The seconds as they are written. */
export function packSeconds(seconds: readonly SecondPart[]): z.input<typeof columns> {
  const group = (of: (second: SecondPart) => object) =>
    toColumns(seconds.map(of)) as Record<string, number[]>;
  return {
    second: seconds.map(({ second }) => second),
    connections: seconds.map(({ connections }) => connections),
    warmup: group(({ warmup }) => warmup),
    measured: group(({ measured }) => measured),
    arrivals: group(({ arrivals }) => arrivals),
    unexpectedInWarmup: group(({ unexpected }) => unexpected.warmup),
    unexpected: group(({ unexpected }) => unexpected.measured),
    where: group(({ where }) => where),
    anomalies: group(({ anomalies }) => anomalies),
    closedEarly: group(({ closedEarly }) => closedEarly),
    histograms: Object.fromEntries(
      SERIES.filter((series) => seconds.some(({ histograms }) => histograms[series] !== undefined)).map(
        (series) => [series, pack(seconds.map(({ histograms }) => histograms[series] ?? null))],
      ),
    ),
  };
}
