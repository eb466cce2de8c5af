/**
 * A worker in a thread of its own. Measuring has a thread to itself, so that encoding histograms, drawing progress and
 * writing files never delay a send or an arrival.
 */
import { Worker as NodeThread } from 'node:worker_threads';
import type { ShareEvent } from '../measure/share.ts';
import type { Assignment, ShareListener, Worker } from '../ports.ts';

export type ThreadCommand =
  | { readonly kind: 'open' }
  | { readonly kind: 'drive'; readonly startEpochMs: number }
  | { readonly kind: 'interrupt' };

export type ThreadMessage =
  | { readonly kind: 'event'; readonly event: ShareEvent }
  | { readonly kind: 'done'; readonly command: 'open' | 'drive' };

export class ThreadWorker implements Worker {
  readonly #thread: NodeThread;
  readonly #listener: ShareListener;
  #finish: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #death: Error | null = null;

  /** `program` is the module that the thread runs: it finds the assignment in its `workerData`. */
  constructor(program: URL, assignment: Assignment, listener: ShareListener) {
    this.#listener = listener;
    this.#thread = new NodeThread(program, { workerData: assignment });
    this.#thread.on('message', (message: ThreadMessage) => this.#heard(message));
    this.#thread.on('error', (error) => this.#died(error));
    this.#thread.on('exit', (code) => this.#died(new Error(`a driver thread exited with code ${code}`)));
  }

  open(): Promise<void> {
    return this.#order({ kind: 'open' });
  }

  async drive(startEpochMs: number): Promise<void> {
    await this.#order({ kind: 'drive', startEpochMs });
    this.#thread.removeAllListeners('exit');
  }

  interrupt(): void {
    this.#thread.postMessage({ kind: 'interrupt' } satisfies ThreadCommand);
  }

  /** Ends the thread, whatever it is doing. */
  async terminate(): Promise<void> {
    this.#thread.removeAllListeners('exit');
    await this.#thread.terminate();
  }

  #order(command: ThreadCommand): Promise<void> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
      this.#thread.postMessage(command);
    });
  }

  #heard(message: ThreadMessage): void {
    if (message.kind === 'event') this.#listener(message.event);
    else this.#finish?.resolve();
  }

  #died(error: Error): void {
    this.#death ??= error;
    this.#finish?.reject(error);
  }
}
