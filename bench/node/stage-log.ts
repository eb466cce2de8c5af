/**
 * What the stage and its functions say during a run. It is kept out of the progress display, saved beside the result, and
 * shown when a run fails before it has one.
 */

import type { Redact } from '../model/secrets.ts';

/** Lines kept: a failing function says the same thing over and over, and its first words matter most. */
const LINES_KEPT = 5_000;

/** Characters kept of a line: more is a dump, and 5,000 of these are 20 MB. */
const MAX_LINE_LENGTH = 4_096;

/** Lines shown of a stage that failed. */
const LINES_SHOWN = 10;

export class StageLog {
  readonly #redact: Redact;
  readonly #lines: string[] = [];
  #leftOut = 0;

  /** Functions of the stage may log what they were sent: the plan's secrets are redacted. */
  constructor(redact: Redact = (text) => text) {
    this.#redact = redact;
  }

  readonly add = (line: string): void => {
    if (this.#lines.length < LINES_KEPT) this.#lines.push(this.#redact(line).slice(0, MAX_LINE_LENGTH));
    else this.#leftOut++;
  };

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Everything kept, one line each, and how much is missing. */
  text(): string {
    const rest = this.#leftOut === 0 ? [] : [`(${this.#leftOut} more lines left out)`];
    return [...this.#lines, ...rest].map((line) => `${line}\n`).join('');
  }

  /** The last lines, for a message about a failure. */
  tail(): readonly string[] {
    return this.#lines.slice(-LINES_SHOWN);
  }
}
