/** Series of known levels and noise, and how often a history finds something in them: for the proof and, in short, for the tests. */
import { seededRandom } from '../../../bench/measure/random.ts';
import type { Chance } from '../../statistics/chance.ts';
import { normal } from '../../statistics/testing/synthetic.ts';
import { type Trend, testedValues } from '../changes.ts';
import { confirmed, testedChanges } from '../permutation-tests.ts';
import { risesOf } from '../rises.ts';

export interface Case {
  readonly kind: 'flat' | 'drift' | 'stairs' | 'alike';
  readonly name: string;
  /** The metric's true level at each entry. */
  readonly levels: readonly number[];
  /** Metrics that have it; their noise is independent. */
  readonly metrics: number;
  /** Standard deviation of the noise's logarithm, and the correlation of neighbours. */
  readonly noise: number;
  readonly likeness: number;
  /** Bounds on the share of series in which anything is found, and of those that are a regression. */
  readonly mostAlarms: number;
  readonly mostFailures: number;
  readonly leastFailures: number;
}

const flat = (entries: number, metrics: number, noise: number): Case => ({
  kind: 'flat',
  name: `flat, ${entries} entries, ${metrics} metrics, ${noise * 100} % noise`,
  levels: Array.from({ length: entries }, () => 100),
  metrics,
  noise,
  likeness: 0,
  mostAlarms: 0.05,
  mostFailures: 0.01,
  leastFailures: 0,
});

const rising = (
  kind: 'drift' | 'stairs',
  name: string,
  entries: number,
  levelAt: (share: number) => number,
  leastFailures = 0.95,
): Case => ({
  ...flat(entries, 1, 0.03),
  kind,
  name: `${name} over ${entries} entries, 3 % noise`,
  levels: Array.from({ length: entries }, (_, entry) => 100 * levelAt(entry / (entries - 1))),
  mostAlarms: 1,
  mostFailures: 1,
  leastFailures,
});

const drift = (entries: number, least?: number) =>
  rising('drift', 'drift of 10 %', entries, (share) => 1 + 0.1 * share, least);
const stairs = (entries: number, steps: number, total: number) =>
  rising(
    'stairs',
    `${steps} steps, ${Math.round(total * 100)} % together,`,
    entries,
    (share) => (1 + total) ** (Math.min(steps, Math.floor(share * (steps + 1))) / steps),
  );
const alike = (entries: number, likeness: number, mostFailures: number): Case => ({
  ...flat(entries, 1, 0.03),
  kind: 'alike',
  name: `flat, ${entries} entries, 3 % noise, neighbours correlated ${likeness}`,
  likeness,
  mostAlarms: 1,
  mostFailures,
});

export const CASES: readonly Case[] = [
  ...[12, 20, 60, 200].flatMap((entries) => [flat(entries, 1, 0.03), flat(entries, 1, 0.1)]),
  ...[20, 60].map((entries) => flat(entries, 6, 0.1)),
  // The best test that there is of a known straight line finds 94 % of this one at 1 %.
  drift(20, 0.83),
  ...[25, 40, 100, 200].map((entries) => drift(entries)),
  ...[20, 60, 200].flatMap((entries) => [
    stairs(entries, 2, 0.1),
    stairs(entries, 4, 0.12),
    stairs(entries, 8, 0.42),
  ]),
  alike(60, 0.3, 0.05),
  alike(200, 0.5, 0.05),
];

function madeTrend({ levels, noise, likeness }: Case, chance: Chance): Trend {
  let state = normal(chance);
  const points = levels.map((level, entry) => {
    state = likeness * state + Math.sqrt(1 - likeness ** 2) * normal(chance);
    const value = level * Math.exp(noise * state);
    return { entry, value, low: value, high: value, runs: 1 };
  });
  return { points, unit: 'ms', better: 'less', smallestEffect: 0.05 };
}

/** Shares of the trials in which anything was found, and which were a regression. */
export function rateOf(one: Case, trials: number, seed: number): { alarms: number; failures: number } {
  let [alarms, failures] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const chance = seededRandom(seed).fork(`${one.name} ${trial}`);
    const trends = Array.from({ length: one.metrics }, () => madeTrend(one, chance));
    const changes = confirmed(
      trends.map((trend, at) => testedChanges(testedValues(trend), chance.fork(`${at}`), one.metrics)),
    );
    const rises = risesOf(
      trends.map((trend, at) => ({ trend, changes: changes[at]! })),
      chance.fork('rises'),
    );
    if (changes.some(({ length }) => length > 0) || rises.some((rise) => rise !== null)) alarms++;
    if (rises.some((rise) => rise?.isCertain)) failures++;
  }
  return { alarms: alarms / trials, failures: failures / trials };
}
