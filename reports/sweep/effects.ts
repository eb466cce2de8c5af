/**
 * Main effects: what a setting does on average over all others, by cells that differ in nothing else. Runs are compared within their block, so what changed on the
 * machine between blocks cancels. The error is what differs between repeats of a cell when nothing was changed but the block
 * (pooled over cells), with Student's t for its degrees of freedom (Montgomery, Design and Analysis of Experiments,
 * chapters 4 and 5). An average over other settings hides interactions: the heat maps show those.
 */
import type { SweepResult, Variation } from '../../bench/model/sweep.ts';
import { criticalT } from '../statistics/student.ts';
import { allValues, mean, type SweepMetric, scaled } from './metrics.ts';

export interface LevelEffect {
  readonly value: string;
  /** Against the first value: a ratio for factors, else a difference. */
  readonly effect: number;
  /** 95 %; null without repeats to take it from. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Pairs of cells, alike in everything else, that it is the mean of. */
  readonly pairs: number;
}

export interface MainEffect {
  readonly setting: string;
  readonly metric: SweepMetric;
  readonly levels: readonly LevelEffect[];
  /** Whether invalid runs went in, since without them there was nothing to tell. */
  readonly isDoubtful: boolean;
}

interface Value {
  readonly cell: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Less the mean of its block. */
  readonly value: number;
}

interface PooledError {
  readonly variance: number;
  readonly freedom: number;
}

const CONFIDENCE = 0.95;

/** Effects of every varied setting on the metric; none of a setting that has a value without any run. */
export function mainEffects(sweep: SweepResult, metric: SweepMetric): MainEffect[] {
  const trusted = effectsOf(sweep, metric, false);
  return trusted.length > 0 ? trusted : effectsOf(sweep, metric, true);
}

function effectsOf(sweep: SweepResult, metric: SweepMetric, isWithInvalid: boolean): MainEffect[] {
  const values = adjustedValues(sweep, metric, isWithInvalid);
  const error = pooledError(values, sweep.repeats);
  return sweep.vary
    .filter(({ values: levels }) => levels.length > 1)
    .flatMap((setting) => {
      const effect = effectOf(setting, values, { metric, error, isDoubtful: isWithInvalid });
      return effect === null ? [] : [effect];
    });
}

/** Values of the cells that have all their repeats, so that every block has the same cells; without what differs between blocks. */
function adjustedValues(
  { cells, repeats }: SweepResult,
  metric: SweepMetric,
  isWithInvalid: boolean,
): Value[] {
  const all = cells.flatMap((cell) => {
    const values = allValues(cell, metric, isWithInvalid);
    return values.length === repeats ? values.map((one) => ({ ...one, cell })) : [];
  });
  const blocks = new Map<number, number[]>();
  for (const { repeat, value } of all)
    blocks.set(repeat, [...(blocks.get(repeat) ?? []), scaled(metric, value)]);
  return all.map(({ cell, repeat, value }) => ({
    cell: cell.id,
    settings: cell.settings,
    value: scaled(metric, value) - mean(blocks.get(repeat) ?? [0]),
  }));
}

/** Blocks take one degree of freedom each but the first, as their means were estimated. */
function pooledError(values: readonly Value[], repeats: number): PooledError | null {
  const cells = new Map<string, number[]>();
  for (const { cell, value } of values) cells.set(cell, [...(cells.get(cell) ?? []), value]);
  const freedom = (cells.size - 1) * (repeats - 1);
  if (freedom < 1) return null;
  let squares = 0;
  for (const own of cells.values()) squares += own.reduce((sum, value) => sum + (value - mean(own)) ** 2, 0);
  return { variance: squares / freedom, freedom };
}

function effectOf(
  { name, values: levels }: Variation,
  values: readonly Value[],
  { metric, error, isDoubtful }: Pick<MainEffect, 'metric' | 'isDoubtful'> & { error: PooledError | null },
): MainEffect | null {
  const [first = ''] = levels;
  const found = levels.map((level) => differencesOf(values, name, [first, level]));
  if (found.some((own) => own.length === 0)) return null;
  const back = (difference: number) => (metric.isFactor ? Math.exp(difference) : difference);
  return {
    setting: name,
    metric,
    isDoubtful,
    levels: found.map((own, index) => {
      const difference = mean(own.map(({ difference: one }) => one));
      const half = index === 0 ? null : halfWidth(error, own);
      return {
        value: levels[index] ?? '',
        effect: back(difference),
        interval: half === null ? null : [back(difference - half), back(difference + half)],
        pairs: own.length,
      };
    }),
  };
}

/** Two cells that differ in one setting alone. */
interface Pair {
  readonly difference: number;
  /** Runs of each of the two. */
  readonly runs: number;
}

/**
 * Only pairs of cells that differ in nothing else are compared: were means taken over all cells with a value, a cell that is
 * missing at one value would be mistaken for an effect of it.
 */
function differencesOf(
  values: readonly Value[],
  name: string,
  [from, to]: readonly [string, string],
): Pair[] {
  const [before, after] = [from, to].map((level) => byOthers(values, name, level));
  return [...(after ?? [])].flatMap(([others, own]) => {
    const twin = before?.get(others);
    return twin === undefined ? [] : [{ difference: mean(own) - mean(twin), runs: own.length }];
  });
}

/** Values at a level by the other settings. */
function byOthers(values: readonly Value[], name: string, level: string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const { settings, value } of values) {
    if (settings[name] !== level) continue;
    const key = JSON.stringify({ ...settings, [name]: null });
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return groups;
}

function halfWidth(error: PooledError | null, pairs: readonly Pair[]): number | null {
  if (error === null) return null;
  const variance = pairs.reduce((sum, { runs }) => sum + (2 * error.variance) / runs, 0) / pairs.length ** 2;
  return criticalT(CONFIDENCE, error.freedom) * Math.sqrt(variance);
}

/** How far apart the means of a setting's values are, as a distance that is comparable between settings. */
export function spread({ levels, metric }: MainEffect): number {
  const places = levels.map(({ effect }) => (metric.isFactor ? Math.log(effect) : effect));
  return Math.max(...places) - Math.min(...places);
}

/** Settings, the one that matters most for the metric first; those whose effect is not known in the grid's order. */
export function byInfluence(sweep: SweepResult, metric: SweepMetric): Variation[] {
  const spreads = new Map(mainEffects(sweep, metric).map((effect) => [effect.setting, spread(effect)]));
  return sweep.vary
    .filter(({ values }) => values.length > 1)
    .sort((left, right) => (spreads.get(right.name) ?? 0) - (spreads.get(left.name) ?? 0));
}
