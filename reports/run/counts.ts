/**
 * The counts of a run as lines with their denominators: what became of the attempts, and how often order, uniqueness
 * or delivery was violated. A count of zero in n is stated with what it proves: with 95 % confidence the true ratio is
 * below 1 − 0.05^(1/n), the exact bound of Clopper and Pearson, which is fewer than 3 in n. "Never" is not a measurement.
 */
import { upperBound95 } from '../../bench/judge/ordering-bound.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { ABSENT, countText, ratioText } from '../figures.ts';
import type { RunReading } from './reading.ts';

/** One violation class with what it is measured against. */
export interface ViolationCount {
  readonly name: 'Lost' | 'Duplicated' | 'Reordered' | 'Unexpected';
  readonly count: number;
  /** Messages that could have been violated. */
  readonly of: number;
  /** What `of` counts: "sent", "delivered", "arrivals". */
  readonly ofWhat: string;
  /** Upper end of the 95 % confidence interval of the ratio; null of older results, which do not have it. */
  readonly upper95: number | null;
}

/** Lost, duplicated, reordered and unexpected, each with its n. */
export function violationCounts({ messages, ordering }: RunResult): ViolationCount[] {
  const { sent, delivered, lost, duplicated, reordered } = messages;
  const unexpected = unexpectedTotal(messages.unexpected);
  const arrivals = delivered + duplicated + unexpected;
  const bound = (kind: string): number | null => ordering.detail?.rates[kind]?.upper95 ?? null;
  return [
    { name: 'Lost', count: lost, of: sent, ofWhat: 'sent', upper95: bound('lost') },
    {
      name: 'Duplicated',
      count: duplicated,
      of: delivered,
      ofWhat: 'delivered',
      upper95: bound('duplicated'),
    },
    { name: 'Reordered', count: reordered, of: delivered, ofWhat: 'delivered', upper95: bound('reordered') },
    { name: 'Unexpected', count: unexpected, of: arrivals, ofWhat: 'arrivals', upper95: null },
  ];
}

/** Arrivals that belong to no message of the run, all kinds together. */
export function unexpectedTotal(byKind: Readonly<Record<string, number>>): number {
  return Object.values(byKind).reduce((sum, count) => sum + count, 0);
}

/** The ratio with its 95 % bound: "0.2 %, at most 0.31 % at 95 %"; of zero "below 0.02 % (fewer than 3 in 15,000, at 95 %)". */
export function ratioOrBound({ count, of, upper95 }: ViolationCount): string {
  if (of === 0) return `${ABSENT} nothing to judge by`;
  if (count > 0)
    return `${ratioText(count / of)}${upper95 === null ? '' : `, at most ${ratioText(upper95)} at 95 %`}`;
  return of < 3
    ? 'too few to say'
    : `below ${ratioText(upperBound95(0, of)!)} (fewer than 3 in ${countText(of)}, at 95 %)`;
}

/**
 * What the delivered messages are a share of: of a fleet that workers are missing from, all that was planned and not what the others
 * scheduled; of a run that was cut short, what was scheduled until then, and it says so.
 */
export function deliveryBase({ result, fleet }: Pick<RunReading, 'result' | 'fleet'>): {
  readonly of: number;
  readonly ofWhat: string;
} {
  const { scheduled } = result.messages;
  const share = fleet?.missingShare ?? null;
  if (share !== null)
    return share.messagesOfAll === null
      ? { of: scheduled, ofWhat: 'scheduled by the workers that reported' }
      : { of: share.messagesOfAll, ofWhat: 'planned' };
  return { of: scheduled, ofWhat: result.partial ? 'scheduled until it was cut short' : 'scheduled' };
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
