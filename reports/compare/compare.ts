/** Sides into a comparison: pure, and from one seed the same to the last digit. */

import type { Comparison, Contest, SideFacts } from '../../bench/model/comparison.ts';
import type { SettingDifference } from '../../bench/model/setting-difference.ts';
import { distributionOf } from '../run/distribution.ts';
import type { PercentilePoint } from '../run/reading.ts';
import { runIdentity } from '../run-identity.ts';
import type { Chance } from '../statistics/chance.ts';
import { gridOf, quantileOf } from '../statistics/grid.ts';
import { countOf, type SecondHistograms } from '../statistics/second-histograms.ts';
import { scopeOf, verdictOf } from './comparison.ts';
import { areTheSame, metricsOf } from './metrics.ts';
import { differencesBetween, disagreements } from './settings.ts';
import { type ComparedRun, type Side, UnreadableSide } from './side.ts';

export interface CompareOptions {
  readonly smallestEffect: number;
  readonly smallestRatio: number;
  readonly seed: number;
  /** Compare what can't be compared. */
  readonly forced: boolean;
  readonly chance: Chance;
  readonly resamples?: number;
}

/**
 * Each candidate against the base.
 * @throws UnreadableSide with every reason, when they can't be compared and that is not forced
 */
export function compare(base: Side, candidates: readonly Side[], options: CompareOptions): Comparison {
  const problems = candidates.flatMap((candidate) => incomparable(base, candidate));
  if (problems.length > 0 && !options.forced)
    throw new UnreadableSide([...problems, 'What can’t be compared can be forced with --force.']);
  const { smallestEffect, smallestRatio, seed, forced } = options;
  return {
    schema: 1,
    kind: 'comparison',
    options: { smallestEffect, smallestRatio, seed, forced },
    base: factsOf(base),
    contests: candidates.map((candidate, index) =>
      contest(base, candidate, { ...options, chance: options.chance.fork(String(index)) }),
    ),
  };
}

const resultsOf = ({ runs }: Side) => runs.map(({ result }) => result);

function incomparable(base: Side, candidate: Side): string[] {
  const text = ({ setting, base: one, candidate: other }: SettingDifference) =>
    `${setting} is ${one} here and ${other} there`;
  const between = differencesBetween(resultsOf(base), resultsOf(candidate));
  const within = [base, candidate].flatMap((side) =>
    disagreements(resultsOf(side))
      .filter(({ isIncomparable }) => isIncomparable)
      .map((difference) => `${side.label} holds runs of several settings: ${text(difference)}.`),
  );
  return [
    ...new Set(within),
    ...between
      .filter(({ isIncomparable }) => isIncomparable)
      .map((difference) => `${base.label} and ${candidate.label}: ${text(difference)}.`),
  ];
}

function contest(base: Side, candidate: Side, options: CompareOptions): Contest {
  const metrics = metricsOf(base.runs, candidate.runs, options);
  const facts = factsOf(candidate);
  return {
    candidate: facts,
    differences: differencesBetween(resultsOf(base), resultsOf(candidate)),
    warnings: warningsOn(base, candidate, options.forced),
    metrics,
    scope: scopeOf(factsOf(base), facts),
    verdict: verdictOf(metrics),
  };
}

function warningsOn(base: Side, candidate: Side, forced: boolean): string[] {
  const runs = [...base.runs, ...candidate.runs];
  const warnings = forced ? incomparable(base, candidate) : [];
  if (areTheSame(base.runs, candidate.runs)) warnings.push('Both sides are the same runs.');
  else if (sharesRuns(base, candidate))
    warnings.push(
      'Some runs are on both sides, so the sides are not independent and the intervals too narrow.',
    );
  for (const { directory, result, gaps } of runs) {
    if (result.validity.verdict === 'invalid')
      warnings.push(`${directory} is invalid: its figures do not describe the stage.`);
    if (result.partial) warnings.push(`${directory} is partial: it was cut short.`);
    warnings.push(...gaps);
  }
  for (const side of [base, candidate]) {
    const mixed = disagreements(resultsOf(side)).filter(({ isIncomparable }) => !isIncomparable);
    for (const { setting } of mixed) warnings.push(`The runs of ${side.label} differ in ${setting}.`);
    if (side.runs.length === 1 && !areTheSame(base.runs, candidate.runs))
      warnings.push(
        `${side.label} is one run: what differs from run to run is in no interval. Repeat it, five times or more.`,
      );
  }
  return [...new Set(warnings)];
}

function sharesRuns(base: Side, candidate: Side): boolean {
  const known = new Set(resultsOf(base).map(runIdentity));
  return resultsOf(candidate).some((result) => known.has(runIdentity(result)));
}

function factsOf({ label, runs }: Side): SideFacts {
  return {
    label,
    runs: runs.map(({ directory, result }) => ({
      directory,
      id: result.id,
      name: result.name,
      startedAt: result.startedAt,
      deliveredMessages: result.messages.delivered,
      validity: result.validity.verdict,
      partial: result.partial,
    })),
    curves: { response: curveOf(runs, 'response'), service: curveOf(runs, 'service') },
  };
}

/** The percentile curve of all runs together. */
function curveOf(runs: readonly ComparedRun[], series: 'response' | 'service'): readonly PercentilePoint[] {
  const all: SecondHistograms = runs.flatMap((run) => run[series]);
  const grid = gridOf([[all]]);
  const [run] = grid.sides[0]!;
  const stretches = run === undefined ? [] : [{ run, from: 0, to: run.length }];
  const getValueAtPercentile = (percentile: number): number =>
    (quantileOf(stretches, grid.values, percentile / 100) ?? 0) * 1000;
  return [...distributionOf({ totalCount: countOf(all), getValueAtPercentile }).points];
}
