/**
 * What a worker reports about order beside tallies and histograms: which streams and which shards the violations were on,
 * when lost messages were due, how long was waited for them, and the sums of the hops. Plain data of one second that adds.
 *
 * Memory is bounded by what went wrong, never by what was sent: streams without a violation are in no report, and their
 * number in a sum has a limit, as has that of shards. What is beyond the limits is still counted, but not by name.
 */
import { addCounts } from '../model/counts.ts';
import type { StreamOrder } from '../model/result.ts';

/** Streams whose violations a sum keeps apart, 10 MB of them; of streams beyond it only their number is known. */
export const MAX_STREAMS = 100_000;

/** Shards that are kept apart; an AWS account has 20,000 of them at the most, a benchmark some dozens. */
const MAX_SHARDS = 1_000;

/** Messages of all further shards. */
const OTHER_SHARDS = 'others';

/** Violations of one stream; `delivered` is counted when its ledger closes. */
export type StreamCounts = { -readonly [K in Exclude<keyof StreamOrder, 'stream'>]: number };

/** A violation, as its stream counts it. */
export type StreamViolation = Exclude<keyof StreamCounts, 'delivered'>;

/** First arrivals, reorders and duplicates of traced messages of one shard. */
export interface ShardCounts {
  delivered: number;
  reordered: number;
  duplicated: number;
}

/** Whole microseconds, so that sums are exact in any order, over messages none of whose hops came out below zero. */
export interface HopSums {
  samples: number;
  ingest: number;
  queue: number;
  process: number;
  deliver: number;
  service: number;
}

export interface OrderReport {
  /** Streams whose first violation was in this second. */
  readonly affected: number;
  readonly streams: ReadonlyMap<number, Readonly<StreamCounts>>;
  readonly shards: ReadonlyMap<string, Readonly<ShardCounts>>;
  /** Lost messages by the second in which they were due. */
  readonly lostDue: Readonly<Record<number, number>>;
  /** The shortest that a message was waited for which was given up for want of room; Infinity when none was. */
  readonly shortestWaitMs: number;
  readonly hops: Readonly<HopSums>;
}

/** Of a second in which nothing happened. */
export function emptyOrder(): OrderReport {
  return {
    affected: 0,
    streams: new Map(),
    shards: new Map(),
    lostDue: {},
    shortestWaitMs: Number.POSITIVE_INFINITY,
    hops: emptyHopSums(),
  };
}

function emptyHopSums(): HopSums {
  return { samples: 0, ingest: 0, queue: 0, process: 0, deliver: 0, service: 0 };
}

/** Adds up: what a worker counts during a second, and the reports of all workers. */
export class OrderSum implements OrderReport {
  affected = 0;
  readonly streams = new Map<number, StreamCounts>();
  readonly shards = new Map<string, ShardCounts>();
  readonly lostDue: Record<number, number> = {};
  shortestWaitMs = Number.POSITIVE_INFINITY;
  readonly hops = emptyHopSums();
  readonly #maxStreams: number;

  constructor(maxStreams = MAX_STREAMS) {
    this.#maxStreams = maxStreams;
  }

  add(report: OrderReport): void {
    this.affected += report.affected;
    for (const [stream, counts] of report.streams) {
      const found = this.stream(stream);
      if (found !== null) addCounts(found, counts);
    }
    for (const [shard, counts] of report.shards) addCounts(this.shard(shard), counts);
    addCounts(this.lostDue, report.lostDue);
    this.shortestWaitMs = Math.min(this.shortestWaitMs, report.shortestWaitMs);
    addCounts(this.hops, report.hops);
  }

  /** The counts of a stream, to count into; null when there are too many to keep another. */
  stream(stream: number): StreamCounts | null {
    let found = this.streams.get(stream);
    if (found !== undefined) return found;
    if (this.streams.size >= this.#maxStreams) return null;
    found = { delivered: 0, reordered: 0, duplicated: 0, lost: 0, unexpected: 0 };
    this.streams.set(stream, found);
    return found;
  }

  /** The counts of a shard, to count into. */
  shard(shard: string): ShardCounts {
    let found = this.shards.get(shard);
    if (found !== undefined) return found;
    if (this.shards.size >= MAX_SHARDS && shard !== OTHER_SHARDS) return this.shard(OTHER_SHARDS);
    found = { delivered: 0, reordered: 0, duplicated: 0 };
    this.shards.set(shard, found);
    return found;
  }

  /** The sums as data. */
  toReport(): OrderReport {
    const { affected, streams, shards, lostDue, shortestWaitMs, hops } = this;
    return { affected, streams, shards, lostDue, shortestWaitMs, hops };
  }
}
