/** Values and changes of metrics, and sides, as a reader should see them. */

import type { MetricChange, MetricUnit, SideFacts } from '../../bench/model/comparison.ts';
import { ABSENT, amountText, countText, ratioText } from '../figures.ts';

/** A value of a metric without its unit; ratios as shares. */
export function valueText(value: number | null, unit: MetricUnit): string {
  if (value === null) return ABSENT;
  return unit === 'ratio' ? (value === 0 ? '0' : ratioText(value)) : amountText(value);
}

/** What sums of the same numbers in another order differ by, and far below any ratio of messages. */
const ROUNDING = 1e-13;

/** A share with its sign, to a tenth of a percent where that tells: `+10.2 %`, `−0.4 %`, `0 %`. */
export function signedText(share: number, unit: '%' | 'pp' = '%'): string {
  if (Math.abs(share) < ROUNDING) return `0 ${unit}`;
  return `${share < 0 ? '−' : '+'}${digitsOf(Math.abs(share) * 100)} ${unit}`;
}

function digitsOf(percent: number): string {
  if (percent >= 100) return countText(percent);
  return percent >= 0.1 ? percent.toFixed(1) : String(Number(percent.toPrecision(1)));
}

/** A change of a latency or rate is a share of the base; one of a ratio is in percentage points. */
function changeUnit(unit: MetricUnit): '%' | 'pp' {
  return unit === 'ratio' ? 'pp' : '%';
}

export function changeText({ change, unit }: MetricChange): string {
  return change === null ? ABSENT : signedText(change.estimate, changeUnit(unit));
}

/** The 95 % interval of the change. */
export function intervalText({ change, unit }: MetricChange): string {
  if (change === null) return ABSENT;
  const { low, high } = change.interval;
  return `${signedText(low, changeUnit(unit))} to ${signedText(high, changeUnit(unit))}`;
}

export function pText(p: number | null): string {
  if (p === null) return ABSENT;
  if (p < 0.001) return '< 0.001';
  return p >= 0.995 ? '1' : p.toPrecision(2);
}

/** A side in a few words. */
export function sideText({ label, runs }: SideFacts): string {
  return runs.length === 1 ? label : `${label} (${runs.length} runs)`;
}
