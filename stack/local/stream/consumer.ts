/**
 * Reads a shard for an event source mapping, by enhanced fan-out or by shared polling, which differ in latency, limits and
 * metrics. A consumer hands records over in order, each once, and holds back while its sink is full, so that a slow function
 * shows as lag in the stream, where AWS shows it.
 */
import type { Timer } from '../../../bench/ports.ts';
import type { Part } from '../ports.ts';
import type { Shard, ShardReader, ShardRecord } from './shard.ts';

/** Where a consumer starts reading; the first three are the mapping's StartingPosition. */
export type StartingPosition =
  | { readonly kind: 'LATEST' }
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'AT_TIMESTAMP'; readonly epochMs: number }
  /** Where a reader was before; no property of a mapping, but how one is resumed. */
  | { readonly kind: 'POSITION'; readonly position: number };

export interface RecordSink {
  /** How many more records it takes now. When there is room again after there was none, it calls {@link Subscription.resume}. */
  room(): number;
  deliver(records: readonly ShardRecord[]): void;
  /** A poll found no records. */
  polledNothing?(): void;
  /** Records that were trimmed from the shard before they could be handed over. */
  skipped(count: number): void;
  /** Position of the oldest record handed over and not finished with; null when there is none. */
  oldestHeld(): number | null;
  /** The shard is closed and everything in it was handed over. Called once, and nothing comes after it. */
  ended?(): void;
}

export interface Subscription {
  /** Position of the next record to be handed over. */
  readonly position: number;
  resume(): void;
  close(): void;
}

export function firstPosition(shard: Shard, from: StartingPosition): number {
  switch (from.kind) {
    case 'LATEST':
      return shard.end;
    case 'TRIM_HORIZON':
      return shard.first;
    case 'AT_TIMESTAMP':
      return shard.positionAt(from.epochMs);
    case 'POSITION':
      return from.position;
  }
}

/** What a consumer of one shard is given. */
export interface ReadOptions extends Omit<Part, 'log'> {
  readonly streamName: string;
  readonly shard: Shard;
  readonly from: StartingPosition;
  readonly sink: RecordSink;
  readonly closed?: () => void;
}

/** Shared by both kinds: a position in the shard that moves forward and skips trimmed records. */
export abstract class ShardSubscription<O extends ReadOptions> implements Subscription, ShardReader {
  protected readonly options: O;
  protected timer: Timer | null = null;
  isClosed = false;
  #position: number;

  constructor(options: O) {
    this.options = options;
    this.#position = firstPosition(options.shard, options.from);
    options.shard.join(this);
  }

  abstract appended(): void;
  abstract resume(): void;

  get position(): number {
    return this.#position;
  }

  neededFrom(): number {
    return this.options.sink.oldestHeld() ?? this.#position;
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
    this.options.shard.leave(this);
    this.options.closed?.();
  }

  /** The next record, without moving; undefined at the end of the shard. */
  protected peek(): ShardRecord | undefined {
    const { shard, sink } = this.options;
    const missing = shard.first - this.#position;
    if (missing > 0) {
      this.#position = shard.first;
      sink.skipped(missing);
    }
    return shard.at(this.#position);
  }

  protected advance(count = 1): void {
    this.#position += count;
  }

  /** Whether the shard has records beyond the position. */
  protected get isBehind(): boolean {
    return this.#position < this.options.shard.end;
  }

  /** Ends, and returns true, when nothing will ever come again: the shard is closed and its last record was passed. */
  protected endIfOver(): boolean {
    if (this.options.shard.closed === null || this.isBehind) return false;
    this.close();
    this.options.sink.ended?.();
    return true;
  }
}
