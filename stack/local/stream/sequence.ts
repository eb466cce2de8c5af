/**
 * Sequence numbers as Kinesis writes them: a decimal number of 56 digits that starts with 49, increases within its
 * shard and is unique within its stream. Kinesis does not publish how it composes them, so the digits here are ours:
 * `49`, 13 digits of the shard's creation time (a stream made again starts above its predecessor, and a shard above its
 * parents), 29 digits of a
 * counter, 12 digits of the shard. All have the same length, so comparing text compares numbers.
 */

const CREATED_DIGITS = 13;
const COUNTER_DIGITS = 29;
/** The last digits say which shard gave the number out. */
export const SHARD_DIGITS = 12;

export class SequenceNumbers {
  readonly #prefix: string;
  readonly #suffix: string;
  #count = 0;

  /** `createdEpochMs` is the UTC millisecond in which the shard was made. */
  constructor(createdEpochMs: number, shardIndex: number) {
    this.#prefix = `49${String(Math.floor(createdEpochMs)).padStart(CREATED_DIGITS, '0')}`;
    this.#suffix = String(shardIndex).padStart(SHARD_DIGITS, '0');
  }

  /** The number the shard starts at; no record has it. */
  get starting(): string {
    return this.#compose(0);
  }

  /** The newest number given out; the starting one before the first. */
  get newest(): string {
    return this.#compose(this.#count);
  }

  /** The next number, above every earlier one of this shard. */
  next(): string {
    this.#count += 1;
    return this.#compose(this.#count);
  }

  #compose(count: number): string {
    return this.#prefix + String(count).padStart(COUNTER_DIGITS, '0') + this.#suffix;
  }
}
