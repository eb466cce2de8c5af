/**
 * Which part of a run a worker drives. Worker k of N takes the streams ≡ k (mod N) of one global schedule; its T threads
 * divide them again, thread t taking those ≡ k + N·t (mod N·T). Since N·T is a multiple of N, the threads' shares are
 * exactly the worker's, and all of them together exactly the run's: nobody drives a stream twice, nobody none.
 */
import type { Plan } from '../../model/plan.ts';
import { scheduleOf } from '../schedule.ts';

/** The streams whose number is ≡ index (mod of). */
export interface WorkerShare {
  readonly index: number;
  readonly of: number;
}

/** The shares of a worker's threads. */
export function threadShares({ index, of }: WorkerShare, threads: number): WorkerShare[] {
  return Array.from({ length: threads }, (_, thread) => ({ index: index + of * thread, of: of * threads }));
}

/** Connections of the share, of a plan's. */
export function connectionsOf(connections: number, { index, of }: WorkerShare): number {
  return index >= connections ? 0 : Math.ceil((connections - index) / of);
}

/** How long the plan's connections take to open at its connect rate, however many workers open them. */
export function openingMs({ connections, connectRatePerSecond }: OpeningPlan): number {
  return (connections * 1000) / connectRatePerSecond;
}

/** Time for a probe before the first handshake and for the last ones after their turn. */
const MARGIN_MS = 3_000;

/** A machine that stalls opens later, never faster than its share of the rate: a fifth more time is given. */
const SLACK = 1.2;

/** From telling the start to the start: what probing and opening take, with room. */
export function leadMs(plan: OpeningPlan): number {
  return openingMs(plan) * SLACK + MARGIN_MS;
}

type OpeningPlan = Pick<Plan, 'connections' | 'connectRatePerSecond'>;

/** When opening begins if the schedule is to start at `startMs`; the same clock's reading. */
export function openAt(plan: OpeningPlan, startMs: number): number {
  return startMs - leadMs(plan);
}

/** What of a run the workers with these indices would have done. */
export interface MissingShare {
  readonly connections: number;
  readonly connectionsOfAll: number;
  /** Scheduled in the measured window; null in a closed loop, which schedules nothing. */
  readonly messages: number | null;
  readonly messagesOfAll: number | null;
}

/** The share of the missing workers: counted in the plan's own schedule, never estimated from what the others did. */
export function missingShare(plan: Plan, missing: readonly number[], of: number): MissingShare {
  const connections = missing.reduce((sum, index) => sum + connectionsOf(plan.connections, { index, of }), 0);
  const byWorker = plan.load.kind === 'open' ? messagesOf(plan, of) : null;
  const sumOf = (indices: readonly number[]) =>
    byWorker === null ? null : indices.reduce((sum, index) => sum + byWorker[index]!, 0);
  return {
    connections,
    connectionsOfAll: plan.connections,
    messages: sumOf(missing),
    messagesOfAll: sumOf(Array.from({ length: of }, (_, index) => index)),
  };
}

/** Messages that an open plan schedules in the measured window, by worker. */
export function messagesOf(plan: Plan, of: number): number[] {
  const messages = new Array<number>(of).fill(0);
  for (const schedule = scheduleOf(plan); schedule.dueMs !== Number.POSITIVE_INFINITY; schedule.advance())
    if (schedule.dueMs >= plan.warmupMs) messages[schedule.stream % of]!++;
  return messages;
}
