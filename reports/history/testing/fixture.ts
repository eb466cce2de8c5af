/** Made-up histories for tests and for looking at the page: daily entries of a few repeats each, from a seed. */
import { seededRandom } from '../../../bench/measure/random.ts';
import type { History } from '../../../bench/model/history.ts';
import type { Quantiles, RunResult } from '../../../bench/model/result.ts';
import { normal } from '../../statistics/testing/synthetic.ts';
import { fixture } from '../../testing/fixture.ts';
import type { FoundRun } from '../find.ts';
import { historyOf } from '../trends.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('2026-01-05T03:00:00Z');

/** Standard deviations of the logarithm of a run's latency: from day to day, and from repeat to repeat. */
const DAY_SD = 0.02;
const REPEAT_SD = 0.01;

export interface MadeDays {
  /** Latency of each day, as a factor. */
  readonly factors: readonly number[];
  readonly seed: number;
  readonly repeats?: number;
  /** Above the days' directories; empty for none. */
  readonly parent?: string;
  /** What else of a run is different; by day. */
  readonly change?: (result: RunResult, day: number) => RunResult;
}

/** So many days at that level. */
export const days = (count: number, factor = 1): number[] => Array.from({ length: count }, () => factor);

export const commitOf = (day: number): string =>
  seededRandom(day).fork('commit').next().toString(16).slice(2, 14).padEnd(40, '0');

function scaled(quantiles: Quantiles, factor: number): Quantiles {
  const { count, ...values } = quantiles;
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    value === null ? null : value * factor,
  ]);
  return { count, ...(Object.fromEntries(entries) as Omit<Quantiles, 'count'>) };
}

/** The runs of a history. */
export function madeRuns({ factors, seed, repeats = 1, parent = '', change }: MadeDays): FoundRun[] {
  const { result } = fixture('valid');
  const chance = seededRandom(seed);
  return factors.flatMap((factor, day) => {
    const level = factor * Math.exp(DAY_SD * normal(chance));
    return Array.from({ length: repeats }, (_, repeat) => {
      const startedAt = new Date(FIRST_MS + day * DAY_MS + repeat * 120_000).toISOString();
      const by = level * Math.exp(REPEAT_SD * normal(chance));
      const made: RunResult = {
        ...result,
        id: `${parent}-${seed}-${day}-${repeat}`,
        startedAt,
        intervals: [],
        environment: { ...result.environment, commit: commitOf(day) },
        latency: {
          ...result.latency,
          response: scaled(result.latency.response, by),
          service: scaled(result.latency.service, by),
        },
      };
      const entry = `${parent}${startedAt.slice(0, 10)}-${commitOf(day).slice(0, 7)}`;
      return {
        directory: repeats === 1 ? entry : `${entry}/${String(repeat + 1).padStart(2, '0')}`,
        isAmongRuns: repeats > 1,
        result: change?.(made, day) ?? made,
      };
    });
  });
}

/** The history of made-up runs. */
export function madeHistory(
  runs: readonly FoundRun[],
  options: Partial<History['options']> = {},
  leftOut: History['leftOut'] = [],
): History {
  const all = { smallestEffect: 0.05, seed: 1, last: 200, metrics: [], ...options };
  return historyOf({ directory: 'performance', runs, leftOut }, all, seededRandom(all.seed));
}

export type HistoryKind = 'regression' | 'steady' | 'few' | 'mixed';

/** One history for each situation that a reader may meet. */
export function historyFixture(kind: HistoryKind): History {
  switch (kind) {
    case 'regression':
      return madeHistory(madeRuns({ factors: [...days(28), ...days(12, 1.12)], seed: 3, repeats: 3 }));
    case 'steady':
      return madeHistory(madeRuns({ factors: days(40), seed: 5 }));
    case 'few':
      return madeHistory(madeRuns({ factors: days(5), seed: 7 }));
    case 'mixed':
      return mixed();
  }
}

const HOSTILE = '<img src=x onerror="globalThis.hacked=1">';

/** Two groups; steps up and down, another Node on the way, losses, outliers at the end, and names made to break a page. */
function mixed(): History {
  const first = madeRuns({
    factors: [...days(20), ...days(15, 1.4), ...days(20, 0.9), ...days(2, 1.3)],
    seed: 11,
    repeats: 3,
    parent: 'nightly/',
    change: (result, day) => ({
      ...result,
      environment: { ...result.environment, node: day < 35 ? 'v20.20.2' : `v22.1.0 ${HOSTILE}` },
      ordering: { ...result.ordering, lossRatio: day < 30 ? 0 : 0.0004 * (1 + (day % 3)) },
    }),
  });
  const second = madeRuns({
    factors: [...days(12), ...days(4, 1.25)],
    seed: 13,
    parent: 'weekly/',
    change: (result) => ({
      ...result,
      name: HOSTILE,
      stage: { ...result.stage, parameters: { ...result.stage.parameters, ShardCount: '8' } },
    }),
  });
  const leftOut = [
    { directory: 'nightly/2026-01-09-0badbad', reason: 'it is partial: it was cut short.' },
    { directory: `odd/${HOSTILE}`, reason: "result.json can't be read: it is not JSON." },
  ];
  return madeHistory([...first, ...second], {}, leftOut);
}
