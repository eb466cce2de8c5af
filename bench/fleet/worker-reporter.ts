/**
 * Tells the store how a worker is getting on, for people to watch: its phase, and a few counts now and then. It writes from
 * the thread where no message is timed, one file at a time, and a store that can't take it costs the run nothing.
 */
import type { Rollup } from '../measure/rollup.ts';
import type { Phase, RunObserver } from '../ports.ts';
import { putProgress, type WorkerState } from './fleet-files.ts';
import type { Store } from './store.ts';

const STATES: Readonly<Record<Phase, WorkerState>> = {
  probing: 'starting',
  opening: 'opening',
  'warming up': 'warming up',
  measuring: 'measuring',
  draining: 'draining',
  'reading metrics': 'draining',
};

export interface ReporterOptions {
  readonly store: Store;
  readonly runId: string;
  readonly index: number;
}

export class WorkerReporter implements RunObserver {
  readonly #options: ReporterOptions;
  readonly #timer: NodeJS.Timeout;
  #state: WorkerState = 'waiting';
  #reason = '';
  #rollup: Rollup | null = null;
  #writing: Promise<void> | null = null;
  /** Something was to be told while the last was on its way. */
  #isStale = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tell(), options.store.progressMs);
    this.#tell();
  }

  phase(phase: Phase, rollup: Rollup): void {
    this.#state = STATES[phase];
    this.#rollup = rollup;
    this.#tell();
  }

  /** Tells the last state, and resolves when it is told. */
  async end(state: 'done' | 'failed', reason = ''): Promise<void> {
    clearInterval(this.#timer);
    this.#state = state;
    this.#reason = reason;
    this.#tell();
    while (this.#writing !== null) await this.#writing;
  }

  #tell(): void {
    if (this.#writing !== null) {
      this.#isStale = true;
      return;
    }
    this.#isStale = false;
    const { store, runId, index } = this.#options;
    const rollup = this.#rollup;
    const told = putProgress(store, {
      runId,
      index,
      state: this.#state,
      connections: rollup === null ? 0 : rollup.connections.opened - rollup.connections.closedEarly,
      sent: rollup === null ? 0 : rollup.warmup.sent + rollup.measured.sent,
      delivered: rollup === null ? 0 : rollup.warmup.delivered + rollup.measured.delivered,
      reason: this.#reason,
    });
    this.#writing = told
      .catch(() => {})
      .then(() => {
        this.#writing = null;
        if (this.#isStale) this.#tell();
      });
  }
}
