/**
 * The comparison tried on what is known to be equal: repeats of one setting, split at random into two sides again and again.
 * Whatever it finds there is a false alarm, and its rate is to be near the nominal level or below. Then the same splits
 * with one side's latencies multiplied: how often that is found is the power for such an effect with so many repeats.
 *
 * Multiplying every latency adds a constant to the logarithm of each quantile and leaves its error as it is, so each split is
 * estimated once. Splits of the same few runs overlap, so the rates are rougher than as many independent ones would be.
 */
import { differenceOf, type Estimate, estimateQuantile } from '../statistics/bootstrap.ts';
import type { Chance } from '../statistics/chance.ts';
import { type ChangeVerdict, changeOf, holm, logMargin, verdictOn } from '../statistics/change.ts';
import { gridOf } from '../statistics/grid.ts';
import { countOf } from '../statistics/second-histograms.ts';
import { type ComparedRun, UnreadableSide } from './side.ts';

/** Two on either side. */
const MIN_RUNS = 4;

/** Fewer than for a comparison: what is wanted is a rate over all splits. */
const RESAMPLES = 200;

const PERCENTILES = [50, 90, 99] as const;

/** Samples beyond a percentile, on each side. */
const MIN_SAMPLES_BEYOND = 10;

export interface SelfCheckOptions {
  readonly splits: number;
  readonly smallestEffect: number;
  /** The effect whose power is asked for: 0.1 for 10 %. */
  readonly effect: number;
  readonly chance: Chance;
}

export interface SelfCheckRow {
  /** A metric, or `any of them`, judged with Holm's correction. */
  readonly metric: string;
  /** Shares of the splits. */
  readonly falseAlarms: number;
  readonly same: number;
  readonly power: number;
}

export interface SelfCheck {
  readonly schema: 1;
  readonly kind: 'self-check';
  readonly runs: number;
  readonly splits: number;
  readonly level: number;
  readonly smallestEffect: number;
  readonly effect: number;
  readonly rows: readonly SelfCheckRow[];
}

const LEVEL = 0.05;

/** Rates over random splits. @throws UnreadableSide with fewer than four runs, or too few messages for any percentile */
export function selfCheck(runs: readonly ComparedRun[], options: SelfCheckOptions): SelfCheck {
  if (runs.length < MIN_RUNS)
    throw new UnreadableSide([
      `A self-check takes ${MIN_RUNS} repeats or more, and there are ${runs.length}.`,
    ]);
  const half = runs.length >> 1;
  const samples = half * Math.min(...runs.map(({ response }) => countOf(response)));
  const percentiles = PERCENTILES.filter((p) => (samples * (100 - p)) / 100 >= MIN_SAMPLES_BEYOND);
  if (percentiles.length === 0)
    throw new UnreadableSide(['The repeats have too few messages for a percentile.']);
  const grid = gridOf([runs.map(({ response }) => response)]);
  const { splits, smallestEffect, effect, chance } = options;
  const tallies = new Map<string, Tally>();
  for (let split = 0; split < splits; split++) {
    const drawn = chance.fork(`split ${split}`);
    const order = shuffled(runs.length, drawn);
    const estimate = (side: readonly number[], percentile: number): Estimate | null =>
      estimateQuantile({
        runs: side.map((index) => grid.sides[0]![index]!),
        values: grid.values,
        fraction: percentile / 100,
        chance: drawn.fork(`${percentile} ${side.join()}`),
        resamples: RESAMPLES,
      });
    const differences = percentiles.map((percentile) => {
      const base = estimate(order.slice(0, half), percentile);
      const candidate = estimate(order.slice(half), percentile);
      return base === null || candidate === null ? null : differenceOf(base, candidate);
    });
    tally(tallies, percentiles, differences, { smallestEffect, effect });
  }
  const rows = [...tallies].map(([metric, { alarms, same, found }]) => ({
    metric,
    falseAlarms: alarms / splits,
    same: same / splits,
    power: found / splits,
  }));
  return {
    schema: 1,
    kind: 'self-check',
    runs: runs.length,
    splits,
    level: LEVEL,
    smallestEffect,
    effect,
    rows,
  };
}

interface Tally {
  alarms: number;
  same: number;
  found: number;
}

function tally(
  tallies: Map<string, Tally>,
  percentiles: readonly number[],
  differences: readonly (Estimate | null)[],
  { smallestEffect, effect }: { readonly smallestEffect: number; readonly effect: number },
): void {
  const equal = judged(differences, 0, smallestEffect);
  const shifted = judged(differences, Math.log1p(effect), smallestEffect);
  for (const [index, percentile] of percentiles.entries())
    add(tallies, `response p${percentile}`, equal.each[index]!, shifted.each[index]!);
  add(tallies, 'any of them (Holm)', equal.together, shifted.together);
}

function add(
  tallies: Map<string, Tally>,
  metric: string,
  equal: ChangeVerdict,
  shifted: ChangeVerdict,
): void {
  const known = tallies.get(metric) ?? { alarms: 0, same: 0, found: 0 };
  if (equal === 'better' || equal === 'worse') known.alarms++;
  if (equal === 'same') known.same++;
  if (shifted === 'worse') known.found++;
  tallies.set(metric, known);
}

/** Verdicts one by one, and the one on all: worse where any is after Holm's correction. */
function judged(
  differences: readonly (Estimate | null)[],
  shift: number,
  smallestEffect: number,
): { each: ChangeVerdict[]; together: ChangeVerdict } {
  const changes = differences.map((found) =>
    found === null ? null : changeOf({ ...found, log: found.log + shift }),
  );
  const each = changes.map((change) =>
    change === null ? 'cannot tell' : verdictOn(change, logMargin(smallestEffect), 'less'),
  );
  const adjusted = holm(changes.map((change) => change?.p ?? 1));
  const sure = each.filter(
    (verdict, index) => verdict !== 'cannot tell' && (verdict === 'same' || adjusted[index]! <= LEVEL),
  );
  const together = (['worse', 'better'] as const).find((verdict) => sure.includes(verdict));
  return {
    each,
    together: together ?? (each.every((verdict) => verdict === 'same') ? 'same' : 'cannot tell'),
  };
}

/** Fisher and Yates. */
function shuffled(length: number, chance: Chance): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let at = length - 1; at > 0; at--) {
    const other = Math.floor(chance.next() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

/** The check, line by line, without line ends. */
export function selfCheckLines(check: SelfCheck): string[] {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`.padStart(8);
  const width = Math.max(...check.rows.map(({ metric }) => metric.length));
  const effect = `+${Number((check.effect * 100).toPrecision(3))} % found`;
  return [
    `${check.runs} repeats of one setting, split ${check.splits} times; nominal level ${check.level * 100} %, smallest effect ${check.smallestEffect * 100} %`,
    `${''.padEnd(width)}  false alarms  called same  ${effect}`,
    ...check.rows.map(
      ({ metric, falseAlarms, same, power }) =>
        `${metric.padEnd(width)}  ${percent(falseAlarms).padStart(12)}  ${percent(same).padStart(11)}  ${percent(power).padStart(effect.length)}`,
    ),
  ];
}
