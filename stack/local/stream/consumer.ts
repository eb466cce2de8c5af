/**
 * What reads a shard for an event source mapping. There are two kinds, enhanced fan-out and shared polling; they differ
 * in latency, limits and metrics, and a mapping can't tell them apart. A consumer hands records over in order, each
 * once, and holds back while its sink is full, so that a slow function shows as lag in the stream, where AWS shows it.
 */
import type { Shard, ShardRecord } from './shard.ts';

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
  /** A poll that found no records; nobody tells of a push without any. */
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

/** A place in a shard that moves forward, and steps over what was trimmed under it. */
export class ShardCursor {
  readonly #shard: Shard;
  readonly #sink: RecordSink;
  #position: number;

  constructor(shard: Shard, sink: RecordSink, position: number) {
    this.#shard = shard;
    this.#sink = sink;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  /** The next record, without moving; undefined at the end of the shard. */
  peek(): ShardRecord | undefined {
    const missing = this.#shard.first - this.#position;
    if (missing > 0) {
      this.#position = this.#shard.first;
      this.#sink.skipped(missing);
    }
    return this.#shard.at(this.#position);
  }

  advance(): void {
    this.#position += 1;
  }

  /** Whether nothing will ever come again: the shard is closed and the cursor has passed its last record. */
  get atEnd(): boolean {
    return this.#shard.closed !== null && this.#position >= this.#shard.end;
  }

  /** The lowest position still needed by this cursor or its sink. */
  neededFrom(): number {
    return this.#sink.oldestHeld() ?? this.#position;
  }
}
