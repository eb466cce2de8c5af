/**
 * What each worker was to drive by the plan, to hold its partial against: a worker that says it did more drove another plan,
 * and what it measured is no part of this run.
 */
import { counted } from '../../model/counted.ts';
import type { Plan } from '../../model/plan.ts';
import { sum } from '../rollup.ts';
import type { Counts } from '../second.ts';
import { settledOf } from '../tally.ts';
import type { FleetPartial } from './partial.ts';
import { connectionsOf, messagesOf } from './worker-share.ts';

/** A schedule is walked message by message: longer ones are not held against it, for it would take minutes. */
const MAX_MESSAGES = 50_000_000;

/** Messages whose due time rounding moves across the beginning of the window. */
const ROUNDING = 2;

/** Of a worker that was not interrupted: less was scheduled than this share of what it was to schedule. */
const WHOLE_SHARE = 0.99;

/** A driver that was cut off may have measured a little past the end. */
const OVERTIME_MS = 1_000;

export class PlannedShare {
  readonly #plan: Plan;
  readonly #of: number;
  #messages: readonly number[] | null | undefined;

  constructor(plan: Plan, of: number) {
    this.#plan = plan;
    this.#of = of;
  }

  /** What of the partial the plan does not allow, as a clause; null when nothing. */
  contradiction({ identity, part, times, run }: FleetPartial<unknown>, scheduled: number): string | null {
    const plan = this.#plan;
    const connections = connectionsOf(plan.connections, identity);
    const { opened, failed } = part.opening;
    if (opened + failed > connections)
      return `${opened + failed} connections opened or failed, and its share of the plan is ${connections}`;
    const open = Math.max(0, ...part.seconds.map((second) => second.connections));
    if (open > connections) return `${open} connections were open at once, and its share is ${connections}`;
    if (times.measuredMs > plan.durationMs + OVERTIME_MS)
      return `it measured ${times.measuredMs} ms, and the plan is ${plan.durationMs} ms long`;
    if (run.interruption === null && times.measuredMs < WHOLE_SHARE * plan.durationMs)
      return `it measured ${times.measuredMs} ms without an interruption, and the plan is ${plan.durationMs} ms long`;
    return this.#overScheduled(scheduled, identity.index, run.interruption === null);
  }

  #overScheduled(scheduled: number, index: number, isWhole: boolean): string | null {
    if (this.#messages === undefined) this.#messages = messagesByWorker(this.#plan, this.#of);
    const planned = this.#messages?.[index];
    if (planned === undefined) return null;
    const least = isWhole ? planned * WHOLE_SHARE - ROUNDING : 0;
    if (scheduled >= least && scheduled <= planned + ROUNDING) return null;
    return `${counted(scheduled, 'message')} scheduled, and its share of the plan is ${planned}`;
  }
}

/** What of a part's counts does not add up by the laws of tally.ts; null when it does. Outstanding messages of a dead thread do. */
export function unbalanced(counts: Readonly<Counts>): string | null {
  for (const kind of ['warmup', 'measured'] as const) {
    const tally = counts[kind];
    const settled = settledOf(tally);
    if (settled > tally.scheduled)
      return `${settled} ${kind} messages settled of ${tally.scheduled} scheduled`;
    if (tally.sent + tally.refused !== tally.scheduled)
      return `${tally.sent} ${kind} messages sent and ${tally.refused} refused of ${tally.scheduled}`;
    const unexpected = sum(kind === 'warmup' ? counts.unexpectedInWarmup : counts.unexpected);
    const accounted = tally.delivered + tally.duplicated + unexpected;
    if (counts.arrivals[kind] !== accounted)
      return `${counts.arrivals[kind]} ${kind} arrivals, ${accounted} accounted for`;
  }
  return null;
}

/** Measured messages of each worker; null where the plan has no schedule, or one that is too long. */
function messagesByWorker(plan: Plan, of: number): readonly number[] | null {
  const { load } = plan;
  if (load.kind !== 'open') return null;
  const about = (load.ratePerSecond * (plan.warmupMs + plan.durationMs)) / 1000;
  return about > MAX_MESSAGES ? null : messagesOf(plan, of);
}
