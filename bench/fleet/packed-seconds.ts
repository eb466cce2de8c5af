/**
 * A share's seconds as columns: there are hundreds of thousands of them in a merge, and all look alike. Histograms are one
 * text per series with a place for every second, and stay packed when read. The columns must be of one length, the seconds
 * in order; what does not fit is an issue with the path of its field.
 */
import { z } from 'zod';
import { DamagedHistogram, type PackedHistogram, pack, unpack } from '../measure/packed-histogram.ts';
import {
  COUNT_GROUPS,
  type CountGroup,
  NO_COUNTS,
  SERIES,
  type Second,
  type Series,
} from '../measure/second.ts';
import { MAX_DURATION_MS } from '../model/setting.ts';
import {
  anyColumns,
  columnOfOtherLength,
  columnsOf,
  countColumn,
  fillGroup,
  integerColumn,
  toColumns,
} from './column.ts';

/** Warm-up, duration and drain at their longest: a second beyond them is of no run. */
const MAX_SECOND = (3 * MAX_DURATION_MS) / 1000;

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
  ...(Object.fromEntries(
    COUNT_GROUPS.map((group) => {
      const names = Object.keys(NO_COUNTS[group]);
      return [group, (names.length > 0 ? columnsOf(names) : anyColumns).optional()];
    }),
  ) as Record<CountGroup, z.ZodOptional<typeof anyColumns>>),
  histograms: z.strictObject(
    Object.fromEntries(SERIES.map((series) => [series, packedHistograms.optional()])),
  ),
});

type Raw = z.output<typeof columns>;

/** The seconds of a file. */
export const SECONDS = columns.transform((raw, context): Second<PackedHistogram>[] => {
  const odd = oddColumn(raw);
  if (odd === null) return secondsOf(raw);
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

function secondsOf(raw: Raw): Second<PackedHistogram>[] {
  const seconds = raw.second.map((second, row) => ({
    ...NO_COUNTS,
    second,
    connections: raw.connections[row]!,
    histograms: histogramsAt(raw.histograms, row),
  }));
  for (const group of COUNT_GROUPS)
    if (raw[group] !== undefined) fillGroup(seconds as Record<CountGroup, object>[], group, raw[group]);
  return seconds;
}

function histogramsAt(given: Raw['histograms'], row: number): Second<PackedHistogram>['histograms'] {
  const found: Partial<Record<Series, PackedHistogram>> = {};
  for (const series in given) {
    const histogram = given[series]![row]!;
    if (histogram !== null) found[series as Series] = histogram;
  }
  return found;
}

/** The seconds as they are written. */
export function packSeconds(seconds: readonly Second[]): object {
  return {
    second: seconds.map(({ second }) => second),
    connections: seconds.map(({ connections }) => connections),
    ...Object.fromEntries(
      COUNT_GROUPS.map((group) => [group, toColumns(seconds.map((second) => second[group]))]),
    ),
    histograms: Object.fromEntries(
      SERIES.filter((series) => seconds.some(({ histograms }) => histograms[series] !== undefined)).map(
        (series) => [series, pack(seconds.map(({ histograms }) => histograms[series] ?? null))],
      ),
    ),
  };
}
