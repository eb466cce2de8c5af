/**
 * The small files of a fleet beside its partials, by name and shape: what the run is, the agreed start, and how each worker
 * is getting on. Each is versioned with the run's id, so that files of an earlier run in the same place say nothing.
 */
import { z } from 'zod';
import type { Probed } from '../measure/fleet/merge.ts';
import { isPartialName } from '../measure/fleet/partial.ts';
import { STAGE_FACTS, type StageFacts } from '../model/result.ts';
import type { Store } from './store.ts';

/** The plan, as a plan file. */
export const PLAN_NAME = 'plan.json';

/** A stage of a hundred functions has some 20 KB of facts. */
const MAX_SMALL_FILE_BYTES = 1024 * 1024;

/** As much of a worker's reason as a person reads. */
const MAX_REASON_LENGTH = 1_000;

const RUN_NAME = 'run.json';
const START_NAME = 'start.json';
const STAGE_NAME = 'stage.json';

const PROBED = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  sent: z.number().int().nonnegative(),
  unanswered: z.number().int().nonnegative(),
  throttled: z.number().int().nonnegative(),
}) satisfies z.ZodType<Probed>;

const RUN = z.object({
  runId: z.string(),
  planHash: z.string(),
  of: z.number().int().positive(),
  engine: z.string(),
  job: z.string().nullable(),
  /** The workers' AWS region; left out where nobody knows it. */
  region: z.string().optional(),
  /** What was sent to see that the stage is ready, before the workers were asked for. */
  probed: PROBED.optional(),
});

/** What the run is: written by whoever starts a fleet, read by whoever merges it. */
export type RunFile = z.infer<typeof RUN>;

const START = z.object({ runId: z.string(), startAt: z.iso.datetime() });

/** What a worker is doing, in its order; `waiting` is for the others. */
const WORKER_STATES = [
  'waiting',
  'starting',
  'opening',
  'warming up',
  'measuring',
  'draining',
  'done',
  'failed',
] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

const PROGRESS = z.object({
  runId: z.string(),
  index: z.number().int(),
  state: z.enum(WORKER_STATES),
  connections: z.number(),
  sent: z.number(),
  delivered: z.number(),
  /** Why it failed; empty otherwise. */
  reason: z.string().transform((reason) => reason.slice(0, MAX_REASON_LENGTH)),
});

/** How a worker is getting on, for people to watch. No figure of a result comes from it. */
export type WorkerProgress = z.infer<typeof PROGRESS>;

function bytesOf(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

async function read<T>(store: Pick<Store, 'get'>, name: string, schema: z.ZodType<T>): Promise<T | null> {
  const bytes = await store.get(name);
  if (bytes === null || bytes.length > MAX_SMALL_FILE_BYTES) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Writes what the run is. */
export function putRun(store: Store, run: RunFile): Promise<void> {
  return store.put(RUN_NAME, bytesOf(run));
}

/** What the run in the store is; null where nobody wrote it, or nobody can read it. */
export function runIn(store: Store): Promise<RunFile | null> {
  return read(store, RUN_NAME, RUN);
}

/** Tells the workers when to start. */
export function putStart(store: Store, runId: string, startMs: number): Promise<void> {
  return store.put(START_NAME, bytesOf({ runId, startAt: new Date(startMs).toISOString() }));
}

/** The start that was agreed for the run, UTC milliseconds; null as long as there is none. */
export async function startIn(store: Pick<Store, 'get'>, runId: string): Promise<number | null> {
  const start = await read(store, START_NAME, START);
  return start === null || start.runId !== runId ? null : Date.parse(start.startAt);
}

/** Hands the stage on, so that a thousand workers need neither credentials nor a call each to find it. */
export function putStage(store: Store, facts: StageFacts): Promise<void> {
  return store.put(STAGE_NAME, bytesOf(facts));
}

/** The stage that was handed on; null where none was. */
export async function stageIn(store: Store): Promise<StageFacts | null> {
  return read(store, STAGE_NAME, STAGE_FACTS);
}

function progressName(index: number): string {
  return `progress-${String(index).padStart(5, '0')}.json`;
}

export function putProgress(store: Store, progress: WorkerProgress): Promise<void> {
  return store.put(progressName(progress.index), bytesOf(progress));
}

/** The worker's latest progress; null before it has told any, or when it is of another run. */
export async function progressIn(store: Store, runId: string, index: number): Promise<WorkerProgress | null> {
  const progress = await read(store, progressName(index), PROGRESS);
  return progress === null || progress.runId !== runId ? null : progress;
}

const OWN_NAMES = [PLAN_NAME, RUN_NAME, STAGE_NAME, START_NAME];

/**
 * Takes back what was put into the store for a run of which nothing was measured: plan, run, stage, start, progress. Where
 * there is a partial, all stays. Never rejects; returns the names of what could not be removed.
 */
export async function withdrawRun(store: Pick<Store, 'list' | 'remove'>): Promise<string[]> {
  const names = await store.list('').catch(() => []);
  if (names.some(isPartialName)) return [];
  const own = names.filter((name) => OWN_NAMES.includes(name) || /^progress-\d+\.json$/.test(name));
  const removals = await Promise.allSettled(own.map((name) => store.remove(name)));
  return own.filter((_, index) => removals[index]!.status === 'rejected');
}
