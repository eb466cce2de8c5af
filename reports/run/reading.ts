/**
 * RunReading: a run directory as plain data, ready to be rendered. Renderers take this and nothing else, so the same
 * reading always gives the same report, and a report can be made again from a directory years later. What the
 * directory lacks is part of the reading (`gaps`), so that a renderer can say so instead of leaving a hole.
 */
import type { FleetFacts } from '../../bench/model/fleet-facts.ts';
import type { RunResult } from '../../bench/model/result.ts';
import type { Violation } from '../../bench/model/violation.ts';

/** One point of a percentile curve. */
export interface PercentilePoint {
  /** 0 to below 100. */
  readonly percentile: number;
  readonly valueMs: number;
  /** Samples that lie beyond this percentile: how much the point rests on. */
  readonly beyond: number;
}

/** The percentile curve of a latency over the whole measured window, merged from its histograms. */
export interface Distribution {
  /** Samples the curve was made from. */
  readonly count: number;
  /** Rising percentiles, up to the last with at least 10 samples beyond it. Empty at fewer than 10 samples. */
  readonly points: readonly PercentilePoint[];
}

/** Everything the reports know about a run. */
export interface RunReading {
  readonly result: RunResult;
  /** Empty distributions when latency.hlog is missing. */
  readonly distributions: { readonly response: Distribution; readonly service: Distribution };
  /** The first lines of violations.ndjson. */
  readonly violations: readonly Violation[];
  /** Lines in violations.ndjson, which the driver limits. The counts of the result are never limited. */
  readonly violationsTotal: number;
  /** What could not be read, one sentence each: a missing file, a damaged line, a log that disagrees with the counts. */
  readonly gaps: readonly string[];
  /** Of a run that was merged from many machines. */
  readonly fleet?: FleetFacts;
}
