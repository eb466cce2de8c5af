/**
 * The measured window of a subject and the words it has with the benchmark, its parent: what it is to do, that the window
 * has begun, how it ended.
 */

/** A message of the default size of plans. */
export const PAYLOAD_BYTES = 256;

export interface SubjectTask {
  readonly subject: 'ours' | 'ours-zero' | 'ours-ws' | 'ws' | 'ws-json-hdr' | 'net' | 'idle' | 'record';
  readonly port: number;
  readonly connections: number;
  readonly warmupMs: number;
  /** Whole seconds. */
  readonly measuredMs: number;
}

/** What a subject sends: its window has begun, or ended with this outcome. */
export type SubjectMessage = { readonly kind: 'begin' } | ({ readonly kind: 'end' } & SubjectOutcome);

export interface SubjectOutcome {
  readonly messages: number;
  readonly ms: number;
  /** Processor time of this process in the window, microseconds. */
  readonly cpuMicros: number;
  readonly openMs: number;
  /** Resident memory before the first connection and with all open, bytes. */
  readonly rssBefore: number;
  readonly rssOpen: number;
}

/** Counts messages between the two ends of the measured window. */
export class Window {
  readonly #rssBefore = rss();
  readonly #startMs = performance.now();
  #openMs = 0;
  #rssOpen = 0;
  #beginMs = 0;
  #cpu = process.cpuUsage();
  #count = 0;

  opened(): void {
    this.#openMs = performance.now() - this.#startMs;
    this.#rssOpen = rss();
  }

  begin(count: number): void {
    process.send!({ kind: 'begin' } satisfies SubjectMessage);
    this.#count = count;
    this.#beginMs = performance.now();
    this.#cpu = process.cpuUsage();
  }

  end(count: number): void {
    const ms = performance.now() - this.#beginMs;
    const { user, system } = process.cpuUsage(this.#cpu);
    const message: SubjectMessage = {
      kind: 'end',
      messages: count - this.#count,
      ms,
      cpuMicros: user + system,
      openMs: this.#openMs,
      rssBefore: this.#rssBefore,
      rssOpen: this.#rssOpen,
    };
    process.send!(message, () => process.exit(0));
  }
}

/** Resident memory when garbage is collected, as far as V8 gives it back. */
function rss(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage.rss();
}
