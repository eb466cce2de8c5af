/**
 * The start that all workers of a run have in common: a time that they were given, or one that the fleet's command tells
 * through the store. A worker costs money while it waits, and whoever would tell it may be gone: it waits so long and no
 * longer. The engine's own limit on tasks comes after that, for a worker that can't end by itself.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { type ClockOffset, type ClockProbe, clockOffset } from '../measure/fleet/clock-bound.ts';
import { OperatingError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import type { Clock } from '../ports.ts';
import { startIn } from './fleet-files.ts';
import type { Store } from './store.ts';

/** A time that all workers know, or one that they are told when all are there. */
export type AgreedStart = { readonly kind: 'at'; readonly startMs: number } | { readonly kind: 'told' };

/** There is no start that this worker could keep. */
export class NoStart extends OperatingError {}

export interface StartOptions {
  readonly start: AgreedStart;
  readonly plan: Pick<Plan, 'warmupMs' | 'durationMs'>;
  readonly store: Pick<Store, 'get' | 'progressMs' | 'uri'>;
  readonly runId: string;
  /** How long the worker waits for its start. */
  readonly patienceMs: number;
}

export interface WaitingRoom {
  /** Monotonic milliseconds. */
  now(): number;
  /** UTC milliseconds. */
  epochMs(): number;
  /** Resolves after the time, or as soon as nobody wants to wait any longer. */
  pause(milliseconds: number): Promise<void>;
  readonly interrupted: AbortSignal;
}

/** A worker looks for the start this many times as often as the store wants to be told of progress. */
const ASKS = 5;

/** UTC milliseconds of the start; null when interrupted. @throws NoStart */
export async function agreedStart(options: StartOptions, room: WaitingRoom): Promise<number | null> {
  const { start, patienceMs } = options;
  const startMs = start.kind === 'at' ? start.startMs : await toldStart(options, room);
  if (startMs === null) return null;
  const aheadMs = startMs - room.epochMs();
  const { warmupMs, durationMs } = options.plan;
  const at = new Date(startMs).toISOString();
  if (-aheadMs >= warmupMs + durationMs)
    throw new NoStart(`the start was at ${at}, and everything had been due before this worker came`);
  if (aheadMs > patienceMs)
    throw new NoStart(
      `the start is at ${at}, in ${seconds(aheadMs)} s, and a worker waits ${seconds(patienceMs)} s at the most: start it later, or give it longer with --patience`,
    );
  return startMs;
}

async function toldStart(
  { store, runId, patienceMs }: StartOptions,
  room: WaitingRoom,
): Promise<number | null> {
  const untilMs = room.now() + patienceMs;
  for (;;) {
    const startMs = await startIn(store, runId);
    if (startMs !== null) return startMs;
    if (room.interrupted.aborted) return null;
    const leftMs = untilMs - room.now();
    if (leftMs <= 0)
      throw new NoStart(
        `no start was told in ${store.uri} within ${seconds(patienceMs)} s: the 'bench fleet run' that would tell it has ended, or waits longer than this worker (--patience)`,
      );
    await room.pause(Math.min(leftMs, store.progressMs / ASKS));
  }
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/** Spread over the store's resolution, as many probes narrow the interval to a part of it. */
const PROBES = 5;

/**
 * The offset, or null where the store contradicts itself. Throws when the very first probe fails: a store that can't be written
 * takes no result either. After that it never throws: a run is worth more.
 */
export async function probeClock(store: Store, clock: Clock, name: string): Promise<ClockOffset | null> {
  const probes: ClockProbe[] = [];
  try {
    for (let probe = 0; probe < PROBES; probe++) {
      if (probe > 0) await wait(store.resolutionMs / PROBES);
      const beforeMs = clock.epochAt(clock.now());
      const storeMs = await store.clock(name);
      const afterMs = clock.epochAt(clock.now());
      probes.push({ beforeMs, storeMs, afterMs, resolutionMs: store.resolutionMs });
    }
  } catch (error) {
    if (probes.length === 0) throw error;
  }
  return clockOffset(probes);
}
