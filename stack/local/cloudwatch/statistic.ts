/**
 * The names of statistics. CloudWatch has five of the numbers themselves, percentiles (`p99`, `p99.9`) and several more of
 * the distribution's parts ("CloudWatch statistics definitions", CloudWatch user guide). The local stage has the first two
 * kinds, and knows the others only to say that it doesn't have them.
 */
import type { Percentile, Statistic } from '../metrics.ts';

export const STATISTICS: readonly Statistic[] = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** p0 to p100, with at most ten decimals. */
const PERCENTILE = /^p(\d{1,3}(?:\.\d{1,10})?)$/;

/** Trimmed and winsorized means and counts, percentile ranks, and the interquartile mean. */
const OTHERS = /^(?:(?:tm|wm|tc|ts|pr)[\d(.].*|(?:TM|WM|TC|TS|PR)\(.*\)|IQM)$/;

export type ParsedStatistic =
  | { readonly kind: 'known'; readonly statistic: Statistic | Percentile }
  /** CloudWatch has it and the local stage does not. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid' };

export function parseStatistic(text: string): ParsedStatistic {
  const plain = STATISTICS.find((statistic) => statistic === text);
  if (plain !== undefined) return { kind: 'known', statistic: plain };
  const percentile = parsePercentile(text);
  if (percentile !== null) return { kind: 'known', statistic: percentile };
  return { kind: OTHERS.test(text) ? 'missing' : 'invalid' };
}

export function parsePercentile(text: string): Percentile | null {
  const percent = Number(PERCENTILE.exec(text)?.[1] ?? Number.NaN);
  return percent <= 100 ? { percentile: percent } : null;
}
