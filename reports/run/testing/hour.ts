/** A made-up run of an hour, for tests of size and speed: the seconds of a short one, over and over. */
import type { Interval, RunResult } from '../../../bench/model/result.ts';

const SECONDS = 3600;
const METRICS = 24;

/** The result with 3,600 seconds and 24 metrics of as many values. Its totals stay those of the short run. */
export function hourLong(result: RunResult): RunResult {
  const startMs = Date.parse(result.measuredFrom);
  const seconds = Array.from({ length: SECONDS }, (_, second) => second);
  const intervals = seconds.map((second): Interval => {
    const like = result.intervals[second % 60];
    if (like === undefined) throw new Error('the run is shorter than a minute');
    return { ...like, second };
  });
  const series = Array.from({ length: METRICS }, (_, index) => ({
    id: `metric${index}`,
    label: `Metric ${index}`,
    unit: 'Milliseconds',
    stat: 'Average',
    timestamps: seconds.map((second) => startMs + second * 1000),
    values: seconds.map((second) => 100 + 50 * Math.sin(second / (index + 3))),
  }));
  return {
    ...result,
    plan: { ...result.plan, durationMs: SECONDS * 1000 },
    intervals,
    metrics: result.metrics && { ...result.metrics, series },
  };
}
