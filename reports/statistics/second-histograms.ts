/**
 * A run's latency as the statistics take it: one sparse histogram per second, in order, without gaps. Seconds stay apart
 * because neighbouring ones are alike (a queue lasts, a collection pauses all), and an interval that took every message
 * for an independent observation would be many times too narrow.
 */
import { HistogramLogReader } from 'hdr-histogram-js';

/** The latencies of a second: rising values in milliseconds, and how often each was seen. */
export interface SecondHistogram {
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** One run's seconds, second 0 first; a second without an answer has an empty histogram. */
export type SecondHistograms = readonly SecondHistogram[];

export const EMPTY_SECOND: SecondHistogram = { values: [], counts: [] };

/** Seconds read from a log, and what could not be read. */
export interface ReadSeconds {
  readonly seconds: SecondHistograms;
  /** Lines of the wanted tag that could not be decoded. */
  readonly damagedLines: number;
}

/** What a histogram of hdr-histogram-js has and its type does not say. */
interface Buckets {
  readonly totalCount: number;
  readonly maxValue: number;
  countsArrayIndex(value: number): number;
  getCountAtIndex(index: number): number;
  valueFromIndex(index: number): number;
}

/** The seconds of one series of a latency.hlog. Values of the log are microseconds. */
export function readSeconds(log: string, tag: string): ReadSeconds {
  const found = new Map<number, SecondHistogram>();
  let damagedLines = 0;
  for (const line of log.split(/\r?\n/)) {
    if (!line.startsWith(`Tag=${tag},`)) continue;
    const second = Math.round(Number(line.slice(tag.length + 5).split(',', 1)[0]));
    const histogram = decode(line);
    if (histogram === null || !(second >= 0)) damagedLines++;
    else found.set(second, sparse(histogram));
  }
  const length = found.size === 0 ? 0 : [...found.keys()].reduce((a, b) => Math.max(a, b)) + 1;
  const seconds = Array.from({ length }, (_, second) => found.get(second) ?? EMPTY_SECOND);
  return { seconds, damagedLines };
}

function decode(line: string): Buckets | null {
  try {
    return new HistogramLogReader(line).nextIntervalHistogram() as unknown as Buckets | null;
  } catch {
    return null;
  }
}

function sparse(histogram: Buckets): SecondHistogram {
  const values: number[] = [];
  const counts: number[] = [];
  const last = histogram.totalCount === 0 ? -1 : histogram.countsArrayIndex(histogram.maxValue);
  for (let index = 0; index <= last; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count === 0) continue;
    values.push(histogram.valueFromIndex(index) / 1000);
    counts.push(count);
  }
  return { values, counts };
}

/** Sum of the counts. */
export function countOf(seconds: SecondHistograms): number {
  let count = 0;
  for (const { counts } of seconds) for (const each of counts) count += each;
  return count;
}

/** The same seconds with every latency multiplied: an effect of a known size, for finding out what would be noticed. */
export function scaled(seconds: SecondHistograms, factor: number): SecondHistograms {
  return seconds.map(({ values, counts }) => ({ values: values.map((value) => value * factor), counts }));
}
