/** Brings what a function prints into the stage's log, line by line and at most so many a second. */
import type { Clock } from '../../../bench/ports.ts';

/** Lines let through per second and function. A person reads fewer. */
const LINES_PER_SECOND = 20;

/** Longest line let through; the rest is cut and the cut is shown. */
const LINE_CHARACTERS = 1_000;

interface FunctionLogOptions {
  readonly functionName: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export class FunctionLog {
  readonly #options: FunctionLogOptions;
  #secondMs = Number.NEGATIVE_INFINITY;
  #printed = 0;
  #left = 0;

  constructor(options: FunctionLogOptions) {
    this.#options = options;
  }

  /** Takes one stream of output; each call starts a stream of its own with its own unfinished line. */
  stream(): (chunk: string) => void {
    let unfinished = '';
    return (chunk) => {
      const lines = (unfinished + chunk).split('\n');
      unfinished = (lines.pop() ?? '').slice(0, LINE_CHARACTERS + 1);
      for (const line of lines) this.line(line);
    };
  }

  line(text: string): void {
    const nowMs = this.#options.clock.now();
    if (nowMs >= this.#secondMs + 1_000) {
      this.close();
      this.#secondMs = nowMs;
      this.#printed = 0;
    }
    if (this.#printed >= LINES_PER_SECOND) {
      this.#left += 1;
      return;
    }
    this.#printed += 1;
    const shown = text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS)} …` : text;
    this.#options.log(`${this.#options.functionName}: ${shown}`);
  }

  /** Says how many lines were left out. */
  close(): void {
    if (this.#left === 0) return;
    this.#options.log(`${this.#options.functionName}: (${this.#left} lines left out)`);
    this.#left = 0;
  }
}

/** Lambda API reference, Invoke: "the last 4 KB of the execution log". */
const LIMIT_BYTES = 4_096;

/**
 * The end of what one invocation prints, as Lambda returns it when it is asked to (LogType Tail of Invoke): the lines that
 * Lambda itself writes around the function's own, at most 4 kB, in base64. The line REPORT has what is known here; how much
 * memory was used is not.
 */
export class LogTail {
  #text = '';
  #requestId = '';

  /** The invocation has begun; what was printed before belongs to the start of its environment. */
  started(requestId: string): void {
    this.#requestId = requestId;
    this.add(`START RequestId: ${requestId} Version: $LATEST\n`);
  }

  add(text: string): void {
    this.#text = (this.#text + text).slice(-LIMIT_BYTES);
  }

  ended(durationMs: number, memoryMb: number): void {
    if (this.#text !== '' && !this.#text.endsWith('\n')) this.add('\n');
    this.add(`END RequestId: ${this.#requestId}\n`);
    const billedMs = Math.ceil(durationMs);
    this.add(
      `REPORT RequestId: ${this.#requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\tMemory Size: ${memoryMb} MB\t\n`,
    );
  }

  base64(): string {
    return Buffer.from(this.#text).subarray(-LIMIT_BYTES).toString('base64');
  }
}
