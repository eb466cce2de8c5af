/**
 * The events of one operation on a stack, each exactly once and in order. AWS lists all events of a stack's life, newest
 * first and in pages; what was there before the operation began is remembered and never shown.
 */
import { DescribeStackEventsCommand, type StackEvent as SdkStackEvent } from '@aws-sdk/client-cloudformation';
import type { Account } from './account.ts';
import { UnknownStackError } from './stage-error.ts';

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

export interface EventPage {
  /** Newest first. */
  readonly events: readonly StackEvent[];
  readonly nextToken: string | undefined;
}

/** Answers one page; null where AWS no longer knows the stack. */
export type ReadEventPage = (token: string | undefined) => Promise<EventPage | null>;

/** Pages of the events of the stack with this id. */
export function eventPages(account: Account, stackId: string): ReadEventPage {
  return async (token) => {
    const command = new DescribeStackEventsCommand({ StackName: stackId, NextToken: token });
    try {
      const page = await account.call(
        'cloudformation:DescribeStackEvents',
        account.cloudFormation.send(command),
      );
      const events = (page.StackEvents ?? []).map((event) => eventOf(event, stackId));
      return { events, nextToken: page.NextToken || undefined };
    } catch (error) {
      if (error instanceof UnknownStackError) return null;
      throw error;
    }
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

/** Reads events that it has not answered before. */
export class EventReader {
  readonly #readPage: ReadEventPage;
  readonly #seen = new Set<string>();

  constructor(readPage: ReadEventPage) {
    this.#readPage = readPage;
  }

  /** Takes everything up to now for seen. One page is enough: reading stops at the first event that is seen. */
  async skipPast(): Promise<void> {
    const page = await this.#readPage(undefined);
    for (const { id } of page?.events ?? []) this.#seen.add(id);
  }

  /** New events, oldest first; null where AWS no longer knows the stack. */
  async next(): Promise<StackEvent[] | null> {
    const found: StackEvent[] = [];
    let token: string | undefined;
    do {
      const page = await this.#readPage(token);
      if (page === null) return null;
      const fresh = page.events.filter(({ id }) => !this.#seen.has(id));
      found.push(...fresh);
      for (const { id } of fresh) this.#seen.add(id);
      token = fresh.length < page.events.length ? undefined : page.nextToken;
    } while (token !== undefined);
    return found.reverse();
  }
}

/** Whether the event is the end of an operation on the stack. */
export function isEnd({ isStack, status }: StackEvent): boolean {
  return isStack && /_(COMPLETE|FAILED)$/.test(status);
}

/** Whether the event tells of a failure of its own, not of one that was cancelled because another failed. */
export function isFailure({ isStack, status, reason }: StackEvent): boolean {
  return !isStack && status.endsWith('_FAILED') && !/cancelled/i.test(reason);
}
