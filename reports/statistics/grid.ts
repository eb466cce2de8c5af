/**
 * Many histograms as one table of cumulative counts: by value (so a quantile is a binary search) and by time (so a block of
 * seconds is the difference of two rows). With it, a resample of an hour costs what its blocks cost, not its messages:
 * a thousand of them take a second.
 *
 * Both sides of a comparison share the values, so that what is lost by joining neighbouring values is lost on both. Values
 * are joined only where there are more than the table holds, evenly by log-odds of rank: the middle and both tails keep
 * neighbours that few samples lie between.
 */
import type { SecondHistogram, SecondHistograms } from './second-histograms.ts';

/** Columns of the table. */
const MAX_VALUES = 2_048;

/** Rows of all tables; where there would be more, periods are several seconds each. Two runs of an hour, and 130 MB. */
const MAX_ROWS = 8_192;

/** One run on the grid. */
export interface GridRun {
  /** Periods of the run: seconds, unless there are too many. */
  readonly length: number;
  /** Row r, column v: samples before period r of values up to v. One row more than periods. */
  readonly table: Float64Array;
}

export interface Grid {
  /** Rising, milliseconds. */
  readonly values: readonly number[];
  /** The runs of each side, in the order they were given. */
  readonly sides: readonly (readonly GridRun[])[];
}

/** The grid of the sides of a comparison, each a list of runs. */
export function gridOf(sides: readonly (readonly SecondHistograms[])[]): Grid {
  const seconds = sides.flat().reduce((sum, run) => sum + run.length, 0);
  const joined = Math.max(1, Math.ceil(seconds / MAX_ROWS));
  const runs = sides.map((side) => side.map((run) => periodsOf(run, joined)));
  const { values, columns } = columnsOf(runs.flat(2));
  return { values, sides: runs.map((side) => side.map((run) => tableOf(run, columns, values.length))) };
}

type Period = readonly SecondHistogram[];

function periodsOf(seconds: SecondHistograms, joined: number): Period[] {
  return Array.from({ length: Math.ceil(seconds.length / joined) }, (_, period) =>
    seconds.slice(period * joined, (period + 1) * joined),
  );
}

interface Columns {
  readonly values: readonly number[];
  readonly columns: ReadonlyMap<number, number>;
}

function columnsOf(periods: readonly Period[]): Columns {
  const masses = new Map<number, number>();
  for (const { values, counts } of periods.flat())
    for (let at = 0; at < values.length; at++)
      masses.set(values[at]!, (masses.get(values[at]!) ?? 0) + counts[at]!);
  const all = [...masses.keys()].sort((a, b) => a - b);
  return all.length <= MAX_VALUES ? numbered(all.map((value) => [value])) : numbered(thinned(all, masses));
}

/** Each group of neighbouring values becomes a column, named by its highest. */
function numbered(groups: readonly (readonly number[])[]): Columns {
  const columns = new Map<number, number>();
  for (const [column, group] of groups.entries()) for (const value of group) columns.set(value, column);
  return { values: groups.map((group) => group.at(-1)!), columns };
}

function thinned(all: readonly number[], masses: ReadonlyMap<number, number>): number[][] {
  const total = all.reduce((sum, value) => sum + masses.get(value)!, 0);
  const logOdds = (below: number) => Math.log((below + 0.5) / (total - below + 0.5));
  const step = (2 * logOdds(total)) / (MAX_VALUES - 1);
  const groups: number[][] = [];
  let below = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const value of all) {
    const group = Math.floor(logOdds(below) / step);
    if (group === last) groups.at(-1)!.push(value);
    else groups.push([value]);
    last = group;
    below += masses.get(value)!;
  }
  return groups;
}

function tableOf(periods: readonly Period[], columns: ReadonlyMap<number, number>, width: number): GridRun {
  const length = periods.length;
  const table = new Float64Array((length + 1) * width);
  const own = new Float64Array(width);
  for (let row = 0; row < length; row++) {
    own.fill(0);
    for (const { values, counts } of periods[row]!)
      for (let at = 0; at < values.length; at++) own[columns.get(values[at]!)!]! += counts[at]!;
    let cumulative = 0;
    for (let column = 0; column < width; column++) {
      cumulative += own[column]!;
      table[(row + 1) * width + column] = table[row * width + column]! + cumulative;
    }
  }
  return { length, table };
}

/** A stretch of a run: its periods [from, to). */
export interface Stretch {
  readonly run: GridRun;
  readonly from: number;
  readonly to: number;
}

/** Nearest-rank quantile of all samples in the stretches together; null when there are none. */
export function quantileOf(
  stretches: readonly Stretch[],
  values: readonly number[],
  fraction: number,
): number | null {
  const width = values.length;
  const upTo = (column: number): number => {
    let sum = 0;
    for (const { run, from, to } of stretches)
      sum += run.table[to * width + column]! - run.table[from * width + column]!;
    return sum;
  };
  const total = width === 0 ? 0 : upTo(width - 1);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(fraction * total - 1e-9));
  let [low, high] = [0, width - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo(middle) >= rank) high = middle;
    else low = middle + 1;
  }
  return values[low]!;
}

/** By period: samples, and those above the value. */
export function exceedances(
  { table, length }: GridRun,
  values: readonly number[],
  valueMs: number,
): { readonly above: number; readonly count: number }[] {
  const width = values.length;
  const column = values.indexOf(valueMs);
  const between = (row: number, at: number) => table[(row + 1) * width + at]! - table[row * width + at]!;
  return Array.from({ length }, (_, row) => {
    const count = between(row, width - 1);
    return { count, above: count - between(row, column) };
  });
}
