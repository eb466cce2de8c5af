/**
 * Many workers as one: opened together, started at the same moment, interrupted together. When one of them dies the
 * others are stopped and waited for, so that everything they measured is reported before the failure is.
 */
import type { Worker } from '../ports.ts';

export class Ensemble implements Worker {
  readonly #workers: readonly Worker[];

  constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  async open(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.open()));
  }

  async drive(startEpochMs: number): Promise<void> {
    const driven = this.#workers.map((worker) => worker.drive(startEpochMs));
    for (const drive of driven) drive.catch(() => this.interrupt());
    const outcomes = await Promise.allSettled(driven);
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  interrupt(): void {
    for (const worker of this.#workers) worker.interrupt();
  }
}
