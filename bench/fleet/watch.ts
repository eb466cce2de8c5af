/**
 * Watches a fleet: what the engine says of each task beside what each worker says of itself. The engine knows who died,
 * the worker what it is doing; a task that the engine has ended and that left no partial has failed, whatever it last said.
 */
import pLimit from 'p-limit';
import type { Engine, TaskState } from './engine.ts';
import { progressIn, type WorkerProgress } from './fleet-files.ts';
import type { Store } from './store.ts';

/** A worker, as both say. */
export interface Watched {
  readonly index: number;
  readonly task: TaskState;
  readonly progress: WorkerProgress | null;
  /** Its partial is in the store. */
  readonly hasPartial: boolean;
}

export interface Fleet {
  readonly engine: Engine;
  readonly store: Store;
  readonly runId: string;
  readonly job: string;
  readonly of: number;
}

/** Files read from the store at the same time. */
const AT_ONCE = 32;

/** One look at all workers. An engine that can't be asked at the moment leaves its tasks unknown. */
export async function look({ engine, store, runId, job, of }: Fleet): Promise<Watched[]> {
  const unknown = () => new Array<TaskState>(of).fill('unknown');
  const [tasks, names] = await Promise.all([engine.states(job, of).catch(unknown), store.list('worker-')]);
  const partials = new Set(names.map((name) => Number(/^worker-(\d{5})\.json/.exec(name)?.[1] ?? -1)));
  const limit = pLimit(AT_ONCE);
  return Promise.all(
    Array.from({ length: of }, async (_, index) => {
      const progress = await limit(() => progressIn(store, runId, index).catch(() => null));
      return { index, task: tasks[index] ?? 'unknown', progress, hasPartial: partials.has(index) };
    }),
  );
}

/** Nothing more will come of it: its partial is there, or its task ended without one. */
export function isOver({ task, progress, hasPartial }: Watched): boolean {
  return hasPartial || task === 'done' || task === 'failed' || progress?.state === 'failed';
}

/** It waits for the start. */
export function isReady({ progress }: Watched): boolean {
  return progress?.state === 'waiting';
}

/** What it is doing, in a word. */
export function stateOf({ task, progress, hasPartial }: Watched): string {
  if (hasPartial) return 'done';
  if (task === 'failed' || task === 'done' || progress?.state === 'failed') return 'failed';
  return progress?.state ?? task;
}
