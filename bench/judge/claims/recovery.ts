/**
 * How long a pipeline needed after a fault, from the seconds of its run: for faults that no plan knows of, such as a poison
 * message. Steps of a second, by the second in which a message arrived. A second of a
 * few hundred messages has no p99, so the p90 stands in for it.
 */
import type { FaultRecovery, Interval } from '../../model/result.ts';

export type Recovery = FaultRecovery;

/** As long as this the percentile has to stay where it was. */
const STEADY_SECONDS = 3;

/** How near to what it was counts as back. */
const NEAR = 1.1;

/** Seconds before the fault that say what is normal. */
const MIN_BEFORE = 2;

export interface FaultWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Null when too little was measured before the fault or nothing after it. */
export function recoveryOf(
  intervals: readonly Interval[],
  { fromMs, untilMs }: FaultWindow,
): Recovery | null {
  const seconds = withOutstanding(intervals);
  const before = seconds.filter(({ second }) => second >= 0 && (second + 1) * 1000 <= fromMs);
  const after = seconds.filter(({ second }) => second * 1000 >= untilMs);
  const p90s = before.flatMap(({ p90 }) => (p90 === null ? [] : [p90]));
  if (before.length < MIN_BEFORE || after.length === 0 || p90s.length === 0) return null;
  const most = Math.max(...before.map(({ outstanding }) => outstanding));
  const p99BeforeMs = Math.max(...p90s);
  const sinceEnd = (second: number) => Math.max(0, (second + 1) * 1000 - untilMs);
  const drained = after.find(({ outstanding }) => outstanding <= most);
  const steady = after.findIndex((_, at) => isSteady(after.slice(at, at + STEADY_SECONDS), p99BeforeMs));
  return {
    backlogMs: drained === undefined ? null : sinceEnd(drained.second),
    p99Ms: steady < 0 ? null : sinceEnd(after[steady]!.second),
    p99BeforeMs,
    percentile: 'p90',
  };
}

function isSteady(seconds: readonly { readonly p90: number | null }[], before: number): boolean {
  return (
    seconds.length === STEADY_SECONDS && seconds.every(({ p90 }) => p90 !== null && p90 <= before * NEAR)
  );
}

function withOutstanding(intervals: readonly Interval[]) {
  let outstanding = 0;
  return intervals.map(({ second, sent, delivered, p90 }) => {
    outstanding += sent - delivered;
    return { second, outstanding, p90 };
  });
}
