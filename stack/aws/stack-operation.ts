/**
 * Follows an operation on a stack to its end. AWS lists all events of a stack's life, newest first and in pages; each event
 * of the operation is told once and in order. The end is the stack's own last event, not its described status: right after
 * an update begins, AWS may still describe the state before it.
 */
import {
  paginateDescribeStackEvents,
  type StackEvent as SdkStackEvent,
} from '@aws-sdk/client-cloudformation';
import type { Clock } from '../../bench/ports.ts';
import type { Account } from './account.ts';
import { orNull, StageError, UnknownStackError } from './stage-error.ts';

export interface StackEvent {
  readonly id: string;
  /** UTC milliseconds. */
  readonly timeMs: number;
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** Whether it is about the stack itself and not one of its resources. */
  readonly isStack: boolean;
}

/** Pages of a stack's events, newest first. */
export type EventPages = () => AsyncIterable<readonly StackEvent[]>;

/** Pages of the events of the stack with this id. */
export function eventPages({ cloudFormation: client }: Account, stackId: string): EventPages {
  return async function* () {
    for await (const page of paginateDescribeStackEvents({ client }, { StackName: stackId }))
      yield (page.StackEvents ?? []).map((event) => eventOf(event, stackId));
  };
}

function eventOf(event: SdkStackEvent, stackId: string): StackEvent {
  return {
    id: event.EventId ?? '',
    timeMs: event.Timestamp?.getTime() ?? 0,
    logicalId: event.LogicalResourceId ?? '',
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason ?? '',
    isStack: event.PhysicalResourceId === stackId,
  };
}

/** Reads events, each once: what was there before the operation began is remembered and never shown. */
export class EventReader {
  readonly #pages: EventPages;
  readonly #seen = new Set<string>();

  constructor(pages: EventPages) {
    this.#pages = pages;
  }

  /** Takes everything up to now for seen. One page is enough: reading stops at the first event that is seen. */
  async skipPast(): Promise<void> {
    for await (const page of this.#pages()) {
      for (const { id } of page) this.#seen.add(id);
      return;
    }
  }

  /** New events, oldest first; null where AWS no longer knows the stack. */
  next(): Promise<StackEvent[] | null> {
    return orNull(this.#fresh(), UnknownStackError);
  }

  async #fresh(): Promise<StackEvent[]> {
    const found: StackEvent[] = [];
    for await (const page of this.#pages()) {
      const fresh = page.filter(({ id }) => !this.#seen.has(id));
      found.push(...fresh);
      for (const { id } of fresh) this.#seen.add(id);
      if (fresh.length < page.length) break;
    }
    return found.reverse();
  }
}

/** Whether the event is the end of an operation on the stack. */
function isEnd({ isStack, status }: StackEvent): boolean {
  return isStack && /_(COMPLETE|FAILED)$/.test(status);
}

/** Whether the event tells of a failure of its own, not of one that was cancelled because another failed. */
function isFailure({ isStack, status, reason }: StackEvent): boolean {
  return !isStack && status.endsWith('_FAILED') && !/cancelled/i.test(reason);
}

/** Between looks at the events: AWS throttles callers who look more often; a local stage does not. */
const POLL_MS = 2000;
const LOCAL_POLL_MS = 100;

/** How to wait for AWS. */
export interface Waiting {
  readonly clock: Clock;
  /** Whether AWS is a local stage, where nothing takes long. */
  readonly isLocal: boolean;
  /** Ends the wait with its reason; the operation itself goes on. */
  readonly signal: AbortSignal;
}

export interface OperationOptions extends Waiting {
  readonly events: EventReader;
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
  const { events, onEvent, ends = '' } = options;
  const failures: StackEvent[] = [];
  return until(options, async () => {
    const fresh = await events.next().catch(lostSight);
    if (fresh === null) return { status: null, failures };
    for (const event of fresh) {
      onEvent(event);
      if (isFailure(event)) failures.push(event);
    }
    const end = fresh.findLast((event) => isEnd(event) && event.status.startsWith(ends));
    if (end !== undefined) return { status: end.status, failures };
    const isOver = fresh.length === 0 && (await options.isOver?.().catch(lostSight));
    return isOver ? { status: null, failures } : undefined;
  });
}

function lostSight(error: unknown): never {
  throw error instanceof StageError ? new LostSightError(error.message) : error;
}

/** Looks again and again until there is something to see. Rejects with the signal's reason when aborted. */
export async function until<T>(waiting: Waiting, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    waiting.signal.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(waiting);
  }
}

/** Waits for the time between two looks. */
function pause({ clock, isLocal, signal }: Waiting) {
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
