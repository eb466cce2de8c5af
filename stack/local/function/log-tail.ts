/**
 * The end of what one invocation prints, as Lambda returns it when it is asked to (LogType Tail of Invoke): the lines that
 * Lambda itself writes around the function's own, at most 4 kB, in base64. The line REPORT has what is known here; how much
 * memory was used is not.
 */

/** Lambda API reference, Invoke: "the last 4 KB of the execution log". */
const LIMIT_BYTES = 4_096;

export class LogTail {
  #text = '';
  #requestId = '';

  /** The invocation has begun; what was printed before belongs to the start of its environment. */
  started(requestId: string): void {
    this.#requestId = requestId;
    this.add(`START RequestId: ${requestId} Version: $LATEST\n`);
  }

  /** Takes what was printed, in pieces of any length. */
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

  /** The last bytes, in base64. */
  base64(): string {
    return Buffer.from(this.#text).subarray(-LIMIT_BYTES).toString('base64');
  }
}
