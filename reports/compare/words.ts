/** The words of a comparison that every format shares. */
import { ABSENT, amountText, countText, ratioText } from '../figures.ts';
import type { ChangeVerdict } from '../statistics/change.ts';
import {
  type Comparison,
  type Contest,
  type MetricChange,
  type MetricUnit,
  type SideFacts,
  scopeOf,
} from './comparison.ts';

/** The status of a page's banner, whose colours it takes. */
export type ComparisonStatus = 'pass' | 'measured' | 'threshold-failed' | 'invalid';

/** Metrics of that verdict. */
function countOf({ metrics }: Contest, verdict: ChangeVerdict): number {
  return metrics.filter((metric) => metric.verdict === verdict).length;
}

const isWithinRuns = ({ base }: Comparison, { candidate }: Contest): boolean =>
  scopeOf(base, candidate) === 'within runs';

/** The verdict on a candidate in a few words: `Worse`, `Same within these runs only`, `Cannot tell`. */
export function headText(contest: Contest, comparison: Comparison): string {
  const { verdict } = contest;
  const word = `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`;
  return verdict !== 'cannot tell' && isWithinRuns(comparison, contest)
    ? `${word} within these runs only`
    : word;
}

/** The verdicts counted: `2 worse, 9 same, 2 cannot tell`. */
export function tallyText(contest: Contest): string {
  return (['worse', 'better', 'same', 'cannot tell'] as const)
    .map((verdict) => [countOf(contest, verdict), verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`)
    .join(', ');
}

/** What the verdict means for the reader. */
export function meaningOf(contest: Contest, comparison: Comparison): string {
  const meaning = verdictMeaning(contest, comparison);
  if (!isWithinRuns(comparison, contest)) return meaning;
  return `${meaning} One run on a side shows what differs within runs; runs of one setting differ from each other too, and how much only repeats show.`;
}

function verdictMeaning(contest: Contest, { options }: Comparison): string {
  const effect = ratioText(options.smallestEffect);
  switch (contest.verdict) {
    case 'worse':
      return `At least one metric is worse by ${effect} or more, or more messages go astray, beyond what chance explains.`;
    case 'better':
      return `At least one metric is better by ${effect} or more, or fewer messages go astray, and none is known to be worse.`;
    case 'same':
      return `No metric differs by ${effect} or more: the intervals exclude it.`;
    case 'cannot tell':
      return 'No difference was shown, and for some metrics none was excluded either: longer runs or more repeats would tell.';
  }
}

export function hasInvalid({ runs }: SideFacts): boolean {
  return runs.some(({ validity, partial }) => validity === 'invalid' || partial);
}

export function statusOf(comparison: Comparison, contest: Contest): ComparisonStatus {
  if (hasInvalid(comparison.base) || hasInvalid(contest.candidate)) return 'invalid';
  if (isWithinRuns(comparison, contest)) return 'measured';
  if (contest.verdict === 'worse') return 'threshold-failed';
  return contest.verdict === 'cannot tell' ? 'measured' : 'pass';
}

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
