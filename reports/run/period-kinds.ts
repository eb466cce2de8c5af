/**
 * Which periods of the stage's metrics hold nothing but measurement. CloudWatch counts whole minutes, and a run begins
 * and ends within one: the first minutes also hold probing, opening and warm-up, the last ones the drain and silence. A
 * figure of such a minute is one of the minute, not of the measurement, and a reader must see which ones these are.
 */
import type { RunResult } from '../../bench/model/result.ts';

/** `pure`: measurement only. `before`, `after`, `both`: what else is in it. `outside`: no measurement at all. */
export type PeriodKind = 'pure' | 'before' | 'after' | 'both' | 'outside';

/** Shorter periods are mixed as well, at their ends, but by no more than a second: that is not worth a mark. */
const LONG_PERIOD_MS = 10_000;

/** Whether periods are so long that it matters what else they hold. */
export function isLongPeriod(periodMs: number): boolean {
  return periodMs >= LONG_PERIOD_MS;
}

/** What a period that starts at `startEpochMs` holds. */
export function periodKind(result: RunResult, startEpochMs: number, periodMs: number): PeriodKind {
  const from = Date.parse(result.measuredFrom);
  const to = from + measuredMs(result);
  const end = startEpochMs + periodMs;
  if (end <= from || startEpochMs >= to) return 'outside';
  const before = startEpochMs < from;
  const after = end > to;
  return before && after ? 'both' : before ? 'before' : after ? 'after' : 'pure';
}

/** A run that was cut short measured as long as it has seconds. */
function measuredMs({ partial, plan, intervals }: RunResult): number {
  return partial ? Math.min(plan.durationMs, intervals.length * 1000) : plan.durationMs;
}

/** The periods that overlap the measurement, and how many of them are pure. */
export function periodCounts(
  result: RunResult,
  periodMs: number,
): { readonly all: number; readonly pure: number } {
  const from = Date.parse(result.measuredFrom);
  const to = from + measuredMs(result);
  const first = Math.floor(from / periodMs);
  const all = Math.max(1, Math.ceil(to / periodMs) - first);
  const pure = Math.max(0, Math.floor(to / periodMs) - Math.ceil(from / periodMs));
  return { all, pure };
}

const TEXTS: Readonly<Record<PeriodKind, string>> = {
  pure: 'measurement',
  before: 'measurement, and what preceded it',
  after: 'measurement, and the drain',
  both: 'all of it, and what surrounded it',
  outside: 'no measurement',
};

/** What a period holds, in words. */
export function periodKindText(kind: PeriodKind): string {
  return TEXTS[kind];
}
