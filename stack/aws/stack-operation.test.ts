/** Events come newest first, in pages that shift while they are read: each must be told once, in order, to the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../bench/ports.ts';
import {
  type EventPages,
  EventReader,
  followOperation,
  LostSightError,
  type StackEvent,
} from './stack-operation.ts';
import { StageError, UnknownStackError } from './stage-error.ts';

function event(id: number, status = 'CREATE_IN_PROGRESS', isStack = false, reason = ''): StackEvent {
  return { id: `e${id}`, timeMs: id, logicalId: `R${id}`, type: 'T', status, reason, isStack };
}

/** A log, oldest first, read newest first in pages of two. */
function pagesOf(log: readonly StackEvent[] | null): EventPages {
  return async function* () {
    if (log === null) throw new UnknownStackError('gone');
    const newestFirst = [...log].reverse();
    for (let from = 0; from === 0 || from < newestFirst.length; from += 2)
      yield newestFirst.slice(from, from + 2);
  };
}

/** Every appointment is due at once. */
const CLOCK: Clock = {
  now: () => 0,
  epochAt: (nowMs) => nowMs,
  at: (_due, task) => {
    const timer = setImmediate(task);
    return { cancel: () => clearImmediate(timer) };
  },
};

test('what was there before is never told, what comes is told once and in order, over any number of pages', async () => {
  const log = [1, 2, 3, 4, 5].map((id) => event(id));
  const reader = new EventReader(pagesOf(log));
  await reader.skipPast();
  assert.deepEqual(await reader.next(), []);
  log.push(...[6, 7, 8, 9, 10, 11].map((id) => event(id)));
  const ids = (events: StackEvent[] | null) => events?.map(({ id }) => id);
  assert.deepEqual(ids(await reader.next()), ['e6', 'e7', 'e8', 'e9', 'e10', 'e11']);
  log.push(event(12));
  assert.deepEqual(ids(await reader.next()), ['e12']);
  assert.deepEqual(await reader.next(), []);
});

test('reading stops at the first page with something known', async () => {
  const log = [...Array(40).keys()].map((id) => event(id));
  let pages = 0;
  const reader = new EventReader(async function* () {
    for await (const page of pagesOf(log)()) {
      pages++;
      yield page;
    }
  });
  await reader.skipPast();
  log.push(event(100));
  await reader.next();
  assert.equal(pages, 2);
});

const STEPS = [
  [event(2, 'UPDATE_IN_PROGRESS', true), event(3, 'UPDATE_IN_PROGRESS')],
  [
    event(4, 'UPDATE_FAILED', false, 'no such role'),
    event(5, 'UPDATE_FAILED', false, 'Resource update cancelled'),
  ],
  [event(6, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', true)],
  [event(7, 'DELETE_COMPLETE'), event(8, 'UPDATE_ROLLBACK_COMPLETE', true)],
  [event(9, 'UPDATE_COMPLETE', true)],
];

/** An operation whose log grows by a step each time it is looked at. */
function follow(signal: AbortSignal, onEvent: (event: StackEvent) => void) {
  const log = [event(1, 'CREATE_COMPLETE', true)];
  const events = new EventReader(pagesOf(log));
  const growing = Object.create(events, {
    next: {
      value: () => {
        log.push(...(STEPS.shift() ?? []));
        return events.next();
      },
    },
  }) as EventReader;
  return events
    .skipPast()
    .then(() => followOperation({ events: growing, clock: CLOCK, isLocal: true, signal, onEvent }));
}

test('an operation ends at the stack’s own last event, and only failures of their own are its reasons', async () => {
  const told: string[] = [];
  const end = await follow(new AbortController().signal, ({ id }) => void told.push(id));
  assert.equal(end.status, 'UPDATE_ROLLBACK_COMPLETE');
  assert.deepEqual(told, ['e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8']);
  assert.deepEqual(
    end.failures.map(({ reason }) => reason),
    ['no such role'],
  );
});

test('an interrupted wait ends with the signal’s reason', async () => {
  const controller = new AbortController();
  const events = new EventReader(pagesOf([]));
  const following = followOperation({
    events,
    clock: CLOCK,
    isLocal: true,
    signal: controller.signal,
    onEvent: () => {},
  });
  controller.abort(new Error('enough'));
  await assert.rejects(following, /enough/);
});

test('a stack that AWS forgot ends the wait', async () => {
  const events = new EventReader(pagesOf(null));
  const signal = new AbortController().signal;
  const end = await followOperation({ events, clock: CLOCK, isLocal: true, signal, onEvent: () => {} });
  assert.deepEqual(end, { status: null, failures: [] });
});

test('a lost network is no end of the operation', async () => {
  const events = new EventReader(() => {
    throw new StageError('no network');
  });
  const signal = new AbortController().signal;
  const following = followOperation({ events, clock: CLOCK, isLocal: true, signal, onEvent: () => {} });
  await assert.rejects(following, LostSightError);
});
