/**
 * Waits for an operation on a stack to end. The end is the stack's own last event, not its described status: right after
 * an update begins, AWS may still describe the state before it.
 */
import type { Clock } from '../../bench/ports.ts';
import { type EventReader, isEnd, isFailure, type StackEvent } from './stack-events.ts';
import { StageError } from './stage-error.ts';

/** Between looks at the events: AWS throttles callers who look more often; a local stage does not. */
const POLL_MS = 2000;
const LOCAL_POLL_MS = 100;

export interface OperationOptions {
  readonly events: EventReader;
  readonly clock: Clock;
  readonly isLocal: boolean;
  /** Ends the wait with its reason; the operation itself goes on. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: StackEvent) => void;
  /** What the status that ends it begins with, where another operation may still be under way: that one's end is not it. */
  readonly ends?: 'DELETE';
  /** Asked when a look brings nothing new: whether it is over, although no event says so. */
  readonly isOver?: () => Promise<boolean>;
}

export interface OperationEnd {
  /** The stack's last status; null where AWS no longer knows the stack. */
  readonly status: string | null;
  readonly failures: readonly StackEvent[];
}

/** The operation could not be watched to its end, which says nothing about the operation. */
export class LostSightError extends StageError {}

/** Tells of every event until the stack's operation ends. */
export async function followOperation(options: OperationOptions): Promise<OperationEnd> {
  const { events, signal, onEvent, ends = '' } = options;
  const failures: StackEvent[] = [];
  for (;;) {
    signal.throwIfAborted();
    const fresh = await events.next().catch(lostSight);
    if (fresh === null) return { status: null, failures };
    for (const event of fresh) {
      onEvent(event);
      if (isFailure(event)) failures.push(event);
    }
    const end = fresh.findLast((event) => isEnd(event) && event.status.startsWith(ends));
    if (end !== undefined) return { status: end.status, failures };
    if (fresh.length === 0 && (await options.isOver?.().catch(lostSight))) return { status: null, failures };
    await pause(options);
  }
}

function lostSight(error: unknown): never {
  throw error instanceof StageError ? new LostSightError(error.message) : error;
}

/** Waits for the time between two looks. Rejects with the signal's reason when aborted. */
export function pause({ clock, isLocal, signal }: Pick<OperationOptions, 'clock' | 'isLocal' | 'signal'>) {
  return new Promise<void>((resolve, reject) => {
    const aborted = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.at(clock.now() + (isLocal ? LOCAL_POLL_MS : POLL_MS), () => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
  });
}
