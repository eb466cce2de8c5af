/**
 * Watches a fleet: what the engine says of each task beside what each worker says of itself. The engine knows who died,
 * the worker what it is doing; a task that the engine has ended and that left no partial has failed, whatever it last said.
 */
import pLimit from 'p-limit';
import { printable, writeTo } from '../node/terminal.ts';
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

/** Workers that have a line each; of more of them only the states are counted. */
const MAX_LINES = 32;

/** Lines off a terminal are this far apart, unless the states changed. */
const PLAIN_MS = 10_000;

export class FleetDisplay {
  readonly #stream: NodeJS.WriteStream;
  #lines = 0;
  #before = '';
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(workers: readonly Watched[], nowMs: number): void {
    const states = statesText(workers);
    if (this.#stream.isTTY) {
      this.#redraw([
        sumText(workers, states),
        ...(workers.length > this.#room() ? [] : workers.map(workerText)),
      ]);
    } else if (states !== this.#before || nowMs - this.#shownMs >= PLAIN_MS) {
      writeTo(this.#stream, sumText(workers, states));
      this.#shownMs = nowMs;
    }
    this.#before = states;
  }

  /** Says a line that stays, above what is drawn. */
  note(line: string): void {
    const away = this.#lines === 0 ? '' : `\x1b[${this.#lines}A\x1b[0J`;
    this.#stream.write(away);
    writeTo(this.#stream, line);
    this.#lines = 0;
  }

  /** Workers that fit a terminal: what has left it at the top can't be drawn again. */
  #room(): number {
    return Math.min(MAX_LINES, (this.#stream.rows ?? MAX_LINES) - 2);
  }

  #redraw(lines: readonly string[]): void {
    const up = this.#lines === 0 ? '' : `\x1b[${this.#lines}A`;
    this.#stream.write(`${up}${lines.map((line) => `\x1b[2K${printable(line)}\n`).join('')}`);
    this.#lines = lines.length;
  }
}

function statesText(workers: readonly Watched[]): string {
  const counts = new Map<string, number>();
  for (const worker of workers) counts.set(stateOf(worker), (counts.get(stateOf(worker)) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}

function sumText(workers: readonly Watched[], states: string): string {
  const sum = (name: 'connections' | 'sent' | 'delivered') =>
    workers.reduce((total, { progress }) => total + (progress?.[name] ?? 0), 0);
  return `workers: ${states} · ${sum('connections')} connections · ${sum('sent')} sent · ${sum('delivered')} back`;
}

function workerText(worker: Watched): string {
  const { index, progress } = worker;
  const counts =
    progress === null
      ? ''
      : `${progress.connections} connections, ${progress.sent} sent, ${progress.delivered} back`;
  return `  ${String(index).padStart(4)}  ${stateOf(worker).padEnd(11)} ${counts}`;
}
