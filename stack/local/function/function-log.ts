/**
 * What a function prints, line by line, for the stage's log. A function that prints every event would drown the terminal
 * and cost the stage its time, so lines beyond a rate are left out; how many is said as soon as there is room again.
 */
import type { Clock } from '../../../bench/ports.ts';

/** Lines let through per second and function. A person reads fewer. */
export const LINES_PER_SECOND = 20;

/** Longest line let through; the rest is cut and the cut is shown. */
const LINE_CHARACTERS = 1_000;

export interface FunctionLogOptions {
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
    if (nowMs >= this.#secondMs + 1_000) this.#nextSecond(nowMs);
    if (this.#printed >= LINES_PER_SECOND) {
      this.#left += 1;
      return;
    }
    this.#printed += 1;
    const shown = text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS)} …` : text;
    this.#options.log(`${this.#options.functionName}: ${shown}`);
  }

  /** Says what was left out and not yet told. */
  close(): void {
    this.#tellLeft();
  }

  #nextSecond(nowMs: number): void {
    this.#tellLeft();
    this.#secondMs = nowMs;
    this.#printed = 0;
  }

  #tellLeft(): void {
    if (this.#left === 0) return;
    this.#options.log(`${this.#options.functionName}: (${this.#left} lines left out)`);
    this.#left = 0;
  }
}
