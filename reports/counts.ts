/**
 * The counts of a run as lines with their denominators: what became of the attempts, and how often order, uniqueness
 * or delivery was violated. A count of zero in n is stated with what it proves: with 95 % confidence the true ratio is
 * below 3/n (the rule of three; Hanley and Lippman-Hand, JAMA 249, 1983). "Never" is not a measurement.
 */
import type { RunResult } from '../bench/core/result.ts';
import { ABSENT, countText, ratioText } from './figures.ts';

/** One violation class with what it is measured against. */
export interface ViolationCount {
  readonly name: 'Lost' | 'Duplicated' | 'Reordered' | 'Unexpected';
  readonly count: number;
  /** Messages that could have been violated. */
  readonly of: number;
  /** What `of` counts: "sent", "delivered", "arrivals". */
  readonly ofWhat: string;
}

/** Lost, duplicated, reordered and unexpected, each with its n. */
export function violationCounts({ messages }: RunResult): ViolationCount[] {
  const unexpected = unexpectedTotal(messages.unexpected);
  const arrivals = messages.delivered + messages.duplicated + unexpected;
  return [
    { name: 'Lost', count: messages.lost, of: messages.sent, ofWhat: 'sent' },
    { name: 'Duplicated', count: messages.duplicated, of: messages.delivered, ofWhat: 'delivered' },
    { name: 'Reordered', count: messages.reordered, of: messages.delivered, ofWhat: 'delivered' },
    { name: 'Unexpected', count: unexpected, of: arrivals, ofWhat: 'arrivals' },
  ];
}

/** Arrivals that belong to no message of the run, all kinds together. */
export function unexpectedTotal(byKind: Readonly<Record<string, number>>): number {
  return Object.values(byKind).reduce((sum, count) => sum + count, 0);
}

/** The ratio, or for zero its 95 % bound: "0.2 %", "below 0.02 % (fewer than 3 in 15,000, at 95 %)". */
export function ratioOrBound({ count, of }: ViolationCount): string {
  if (of === 0) return `${ABSENT} nothing to judge by`;
  if (count > 0) return ratioText(count / of);
  return of < 3 ? 'too few to say' : `below ${ratioText(3 / of)} (fewer than 3 in ${countText(of)}, at 95 %)`;
}

/** One line of the partition of attempts. */
export interface AttemptCount {
  readonly name: string;
  readonly count: number;
}

/** What became of every scheduled message; the counts add up to the scheduled ones. */
export function attemptCounts({ messages }: RunResult): AttemptCount[] {
  return [
    { name: 'delivered', count: messages.delivered },
    { name: 'lost', count: messages.lost },
    { name: 'refused', count: messages.refused },
    { name: 'indeterminate', count: messages.indeterminate },
  ];
}
