/**
 * A comparison and a history for golden texts: every metric changes by a factor of its own, some for the better and some for
 * the worse. They are worked out from their runs as the product does it.
 */
import { seededRandom } from '../../bench/measure/random.ts';
import type { Comparison } from '../../bench/model/comparison.ts';
import type { History } from '../../bench/model/history.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { compare } from '../compare/compare.ts';
import type { ComparedRun, Side } from '../compare/side.ts';
import { historyOf } from '../history/trends.ts';
import { SYNTHETIC, syntheticRun } from '../statistics/testing/synthetic.ts';
import { Distinct } from './distinct.ts';
import { clock, EVEN, environment, LOCAL, PLAN } from './experiment-parts.ts';

const MODEL = { ...SYNTHETIC, seconds: 24, perSecond: 120, secondSd: 0.01, runSd: 0.004 };

interface Level {
  readonly responseMs: number;
  readonly serviceMs: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly unexpected: number;
}

/** Messages of a kind in its first seconds, as many as there are. */
const spread = (total: number, second: number): number =>
  Math.floor(total / 24) + (second < total % 24 ? 1 : 0);

function comparedRun(seed: number, level: Level): ComparedRun {
  const chance = seededRandom(seed);
  const sent = level.delivered + level.lost;
  const intervals = Array.from({ length: 24 }, (_, second) => ({
    ...{ ...EVEN.intervals[0]!, second, sent: spread(sent, second), scheduled: spread(sent, second) },
    delivered: spread(level.delivered, second),
    duplicated: spread(level.duplicated, second),
    reordered: spread(level.reordered, second),
    unexpected: spread(level.unexpected, second),
  }));
  const { lost, delivered, duplicated, reordered } = level;
  return {
    directory: `runs/${seed}`,
    result: {
      ...EVEN,
      ...{ id: `run-${seed}`, startedAt: clock(seed), intervals, stage: LOCAL },
      plan: { ...PLAN, durationMs: 24_000, drainMs: 3000 + (seed > 20 ? 700 : 0) },
      messages: {
        ...{ ...EVEN.messages, sent, delivered, lost, duplicated, reordered },
        unexpected: { corrupt: level.unexpected },
      },
    },
    response: syntheticRun({ ...MODEL, medianMs: level.responseMs }, chance.fork('response')),
    service: syntheticRun({ ...MODEL, medianMs: level.serviceMs }, chance.fork('service')),
    lostBySecond: Array.from({ length: 24 }, (_, second) => spread(lost, second)),
    gaps: [],
  };
}

const side = (label: string, first: number, level: Level): Side => ({
  label,
  runs: [0, 1, 2].map((repeat) =>
    comparedRun(first + repeat, {
      ...level,
      delivered: level.delivered + repeat * 3,
      lost: level.lost + repeat,
    }),
  ),
});

const BASE: Level = {
  ...{ responseMs: 83, serviceMs: 71, delivered: 30_011, lost: 31, duplicated: 1087 },
  ...{ reordered: 71, unexpected: 53 },
};

/** Slower and faster, fewer and more, each metric in its own direction; and the same the other way round. */
export function distinctComparison(): Comparison {
  const turned: Level = {
    ...{ responseMs: 103, serviceMs: 57, delivered: 23_017, lost: 709, duplicated: 17 },
    ...{ reordered: 811, unexpected: 59 },
  };
  const mixed: Level = { ...BASE, responseMs: 67, serviceMs: 91, delivered: 37_013, lost: 41, reordered: 79 };
  const options = { smallestEffect: 0.05, smallestRatio: 0.002, seed: 7, resamples: 60, forced: false };
  return compare(side('before', 11, BASE), [side('after', 31, turned), side('other', 51, mixed)], {
    ...options,
    chance: seededRandom(7),
  });
}

const ENTRIES = 20;
const CHANGE_AT = 11;

/** What the level of a metric becomes, as a factor; each entry is off by a different part of a percent. */
const levelAt = (digits: Distinct, entry: number, base: number, factor: number): number =>
  base * (entry < CHANGE_AT ? 1 : factor) * (1 + (digits.next(1) - 5) / 150);

function entryOf(digits: Distinct, entry: number): RunResult {
  const at = (base: number, factor: number) => levelAt(digits, entry, base, factor);
  const { latency, ordering, throughput, metrics } = EVEN;
  const response = { p50: at(61, 1.31), p90: at(97, 1.17), p99: at(151, 0.71), p999: at(307, 1) };
  return {
    ...EVEN,
    ...{ id: `entry-${entry}`, startedAt: clock(entry * 37), intervals: [], stage: LOCAL, plan: PLAN },
    environment: { ...environment, commit: String(entry).padStart(4, 'c').padEnd(40, '0') },
    latency: {
      ...latency,
      response: { ...latency.response, ...response },
      service: { ...latency.service, p50: at(53, 0.83), p99: at(137, 1.41) },
    },
    throughput: { ...throughput, deliveredPerSecond: at(439, 0.83) },
    ordering: {
      ...ordering,
      lossRatio: at(0.0013, 4.7),
      duplicatedRatio: at(0.0079, 0.29),
      reorderedRatio: at(0.0047, 1),
    },
    metrics: metrics && {
      ...metrics,
      series: metrics.series.map((series) =>
        series.id === 'iteratorAge' ? { ...series, values: [at(211, 1.53), 3] } : series,
      ),
    },
    cost: {
      ...{ currency: 'USD', total: at(0.3, 1), items: [], pricesAsOf: '2026-01-17', perMonth: at(300, 1) },
      perMillionRoundTrips: at(5.3, 0.61),
    },
  };
}

/** Entries whose metrics went, half way, each in its own direction by its own factor. */
export function distinctHistory(): History {
  const digits = new Distinct();
  const runs = Array.from({ length: ENTRIES }, (_, entry) => ({
    directory: `nightly/entry-${String(entry).padStart(2, '0')}`,
    isAmongRuns: false,
    result: entryOf(digits, entry),
  }));
  const leftOut = [{ directory: 'nightly/broken', reason: 'it is partial: it was cut short.' }];
  const options = { smallestEffect: 0.05, seed: 3, last: 200, metrics: [] };
  return historyOf({ directory: 'nightly', runs, leftOut }, options, seededRandom(3));
}
