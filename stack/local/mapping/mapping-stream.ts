/**
 * Decides which shards of a stream a mapping reads, and from where. A shard that came out of resharding is read from
 * its beginning when the shards it took over from are finished, so a partition key keeps its order although it moved
 * ("Resharding", Kinesis Data Streams developer guide: read the parents first).
 */
import type { Clock, Timer } from '../../../bench/ports.ts';
import { firstPosition } from '../stream/consumer.ts';
import type { EventSource, Kinesis } from '../stream/kinesis.ts';
import type { Shard } from '../stream/shard.ts';
import type { MappingSettings } from './mapping-settings.ts';
import { ShardMapping, type ShardMappingOptions, type ShardProgress } from './mapping-shard.ts';

/** How far the work on each shard has come; a shard that is not in it has not been begun. */
export interface StreamProgress {
  readonly stream: EventSource['stream'];
  readonly shards: ReadonlyMap<Shard, ShardProgress>;
  /** Closed shards that are finished. */
  readonly done: ReadonlySet<Shard>;
  /** Releases the records held for the next mapping. */
  readonly release: () => void;
}

export interface StreamMappingOptions {
  readonly settings: MappingSettings;
  readonly source: EventSource;
  readonly kinesis: Kinesis;
  /** Where an earlier mapping stopped; null starts at the settings' starting position. */
  readonly progress: StreamProgress | null;
  readonly clock: Clock;
  /** How late a shard is begun that was not read before, ms, by its index. */
  readonly latenessMs: (shard: number) => number;
  /** What the work on a shard needs beyond the settings. */
  readonly forShard: (
    shard: Shard,
  ) => Omit<ShardMappingOptions, 'shard' | 'settings' | 'progress' | 'drained'>;
}

export class StreamMapping {
  readonly #options: StreamMappingOptions;
  readonly #working = new Map<Shard, ShardMapping>();
  readonly #waiting: Map<Shard, ShardProgress>;
  readonly #done: Set<Shard>;
  /** Shards that are begun later: where, is settled then. */
  readonly #late = new Map<Shard, Timer>();
  #stopped = false;

  constructor(options: StreamMappingOptions) {
    const { source, progress, latenessMs } = options;
    this.#options = options;
    this.#done = new Set(progress?.done);
    this.#waiting = new Map(progress?.shards);
    if (!progress) {
      for (const [index, shard] of source.stream.shards.entries()) {
        if (latenessMs(index) > 0) this.#beginLate(shard, latenessMs(index));
        else this.#waiting.set(shard, this.#start(shard));
      }
    }
    this.#begin();
    progress?.release();
  }

  /** Takes no more records, lets invocations under way end, and returns how far it has come. */
  async stop(): Promise<StreamProgress> {
    this.#stopped = true;
    const shards = new Map(this.#waiting);
    for (const [shard, timer] of this.#late) {
      timer.cancel();
      shards.set(shard, this.#start(shard));
    }
    const working = [...this.#working];
    await Promise.all(working.map(async ([shard, work]) => shards.set(shard, await work.stop())));
    const release = () => {
      for (const [, work] of working) work.release();
    };
    return { stream: this.#options.source.stream, shards, done: this.#done, release };
  }

  /** Ends without waiting for an outcome; resolves when the invocations under way have ended. */
  async close(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#late.values()) timer.cancel();
    await Promise.all([...this.#working.values()].map((work) => work.close()));
  }

  #start(shard: Shard): ShardProgress {
    return { position: firstPosition(shard, this.#options.settings.from), finished: [] };
  }

  /** With LATEST, what comes until then is missed. */
  #beginLate(shard: Shard, latenessMs: number): void {
    const { clock } = this.#options;
    const begin = () => {
      this.#late.delete(shard);
      this.#waiting.set(shard, this.#start(shard));
      this.#begin();
    };
    this.#late.set(shard, clock.at(clock.now() + latenessMs, begin));
  }

  /** Begins every shard whose parents are finished. Parents are listed before their children, so one pass is enough. */
  #begin(): void {
    const { stream } = this.#options.source;
    for (const shard of new Set([...this.#waiting.keys(), ...stream.shards])) {
      if (this.#stopped) return;
      if (this.#done.has(shard) || this.#working.has(shard) || this.#late.has(shard)) continue;
      if (!shard.parents.some((parent) => this.#isUnfinished(parent))) this.#attach(shard);
    }
  }

  #isUnfinished(shard: Shard): boolean {
    if (this.#done.has(shard)) return false;
    return (
      this.#working.has(shard) ||
      this.#waiting.has(shard) ||
      this.#options.source.stream.shards.includes(shard)
    );
  }

  #attach(shard: Shard): void {
    const { settings, source, kinesis, forShard } = this.#options;
    const progress = this.#waiting.get(shard) ?? { position: 0, finished: [] };
    this.#waiting.delete(shard);
    if (shard.closed && progress.position >= shard.end) {
      this.#done.add(shard);
      return;
    }
    const drained = () => this.#finish(shard);
    const work = new ShardMapping({ ...forShard(shard), shard, settings, progress, drained });
    this.#working.set(shard, work);
    work.attach((from, sink) => kinesis.subscribe(source, shard, from, sink));
  }

  #finish(shard: Shard): void {
    this.#working.delete(shard);
    this.#done.add(shard);
    this.#begin();
  }
}
