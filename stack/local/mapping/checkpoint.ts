/**
 * How far a mapping has come in a shard. Lanes finish records out of order; the checkpoint may only pass a record when
 * it and everything before it are finished, whichever lane they went to. It is the position a restart would read from,
 * and what the shard must keep.
 */

/** Passed entries tolerated at the front before the rest is moved down. */
const COMPACT_AT = 1_024;

export class Checkpoint {
  readonly #finished = new Set<number>();
  #held: number[] = [];
  #head = 0;

  /** Records handed over and not yet passed by the checkpoint. */
  get span(): number {
    return this.#held.length - this.#head;
  }

  /** Records handed over and not finished with. */
  get unfinished(): number {
    return this.span - this.#finished.size;
  }

  /** The lowest position that is not finished; null when everything handed over is. */
  get oldest(): number | null {
    return this.#held[this.#head] ?? null;
  }

  /** Positions above {@link oldest} that are finished: a restart from there hands them over again. */
  get finishedBeyond(): number[] {
    return [...this.#finished];
  }

  /** A record is handed over. Positions increase; they may have gaps. */
  hold(position: number): void {
    this.#held.push(position);
  }

  /** A held record was processed or dropped. */
  finish(position: number): void {
    this.#finished.add(position);
    while (this.#head < this.#held.length && this.#finished.delete(this.#held[this.#head]!)) this.#head += 1;
    if (this.#head < COMPACT_AT && this.#head < this.#held.length) return;
    this.#held.splice(0, this.#head);
    this.#head = 0;
  }
}
