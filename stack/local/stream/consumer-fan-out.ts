/**
 * Pushes records to a consumer by enhanced fan-out, which has 2 MB/s of every shard to itself. A delay drawn per
 * record would make every record wait for the slowest before it, and a real push path slows down and recovers as a
 * whole. So the delay of a shard is redrawn once per {@link DELAY_HOLD_MS}: nothing overtakes, and the delays seen
 * keep the distribution asked for, save for the few records that wait behind a slower window. Without latency a
 * record is handed over in the microtask after its arrival, so records that arrive in one go stay together.
 */
import type { Timer } from '../../../bench/ports.ts';
import { FAN_OUT, type Meters, metersOf } from '../meters.ts';
import type { MetricRegistry } from '../ports.ts';
import { sampler } from '../profile.ts';
import { TokenBucket } from '../token-bucket.ts';
import { type ReadOptions, ShardSubscription } from './consumer.ts';
import type { ShardRecord } from './shard.ts';

/** How long a drawn delay stays in force. Much below a delay's own spread records would queue behind slow draws. */
export const DELAY_HOLD_MS = 50;

/** Bytes per second that one consumer gets from one shard ("Quotas and limits", Kinesis Data Streams). */
const PUSH_BYTES_PER_SECOND = 2_000_000;

/** Most records of one pushed event: a second's worth of a shard's writes. AWS publishes no such number. */
const EVENT_RECORDS = 1_000;

/** A subscription lasts five minutes and is then made again (SubscribeToShard API reference). */
const SUBSCRIPTION_MS = 5 * 60_000;

interface FanOutOptions extends ReadOptions {
  readonly consumerName: string;
}

export class FanOutSubscription extends ShardSubscription<FanOutOptions> {
  readonly #link: TokenBucket;
  readonly #drawDelay: () => number;
  readonly #isImmediate: boolean;
  readonly #meters: Meters<typeof FAN_OUT>;
  #renewal: Timer | null = null;
  #isArmed = false;
  #window = Number.NEGATIVE_INFINITY;
  #delayMs = 0;
  #deliveredMs = Number.NEGATIVE_INFINITY;

  constructor(options: FanOutOptions) {
    super(options);
    const { profile, random } = options;
    this.#link = new TokenBucket(profile.quotas.shardBytesPerSecond === null ? null : PUSH_BYTES_PER_SECOND);
    this.#drawDelay = sampler(profile.latency.fanOutPush, random);
    this.#isImmediate = profile.latency.fanOutPush.kind === 'none';
    this.#meters = fanOutMeters(options.metrics, options);
    this.#subscribe();
    this.#arm();
  }

  appended(): void {
    this.#arm();
  }

  resume(): void {
    this.#arm();
  }

  override close(): void {
    this.#renewal?.cancel();
    super.close();
  }

  #subscribe(): void {
    const { clock } = this.options;
    this.#meters['SubscribeToShard.Success'].record(1);
    this.#renewal = clock.at(clock.now() + SUBSCRIPTION_MS, () => this.#subscribe());
  }

  /** Sees to it that the next record is handed over when it is due, if there is one and the sink wants it. */
  #arm(): void {
    if (this.#isArmed || this.isClosed || this.options.sink.room() <= 0) return;
    const head = this.peek();
    if (!head) {
      this.endIfOver();
      return;
    }
    this.#isArmed = true;
    const nowMs = this.options.clock.now();
    const dueMs = this.#dueMs(head, nowMs);
    if (this.#isImmediate && dueMs <= nowMs) queueMicrotask(() => this.#push(dueMs));
    else this.timer = this.options.clock.at(dueMs, () => this.#push(dueMs));
  }

  /** Hands over everything due. `dueMs` counts as reached even if the timer ran a fraction early. */
  #push(dueMs: number): void {
    this.#isArmed = false;
    if (this.isClosed) return;
    const records = this.#take(Math.max(dueMs, this.options.clock.now()));
    if (records.length > 0) {
      this.#measure(records);
      this.options.sink.deliver(records);
    }
    this.#arm();
  }

  #take(nowMs: number): ShardRecord[] {
    const records: ShardRecord[] = [];
    const most = Math.min(EVENT_RECORDS, this.options.sink.room());
    let head = this.peek();
    while (head && records.length < most) {
      const dueMs = this.#dueMs(head, nowMs);
      if (dueMs > nowMs) break;
      this.#deliveredMs = dueMs;
      this.#link.take(head.bytes);
      this.advance();
      records.push(head);
      head = this.peek();
    }
    return records;
  }

  /** When the record may be handed over, seen from a moment that is given so that time stands still meanwhile. */
  #dueMs(record: ShardRecord, nowMs: number): number {
    const window = Math.floor(record.arrivedMs / DELAY_HOLD_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#delayMs = this.#drawDelay();
    }
    const pushedMs = Math.max(this.#deliveredMs, record.arrivedMs + this.#delayMs);
    return Math.max(pushedMs, this.#link.freeMs(nowMs));
  }

  #measure(records: readonly ShardRecord[]): void {
    let bytes = 0;
    for (const record of records) bytes += record.bytes;
    this.#meters['SubscribeToShardEvent.Success'].record(1);
    this.#meters['SubscribeToShardEvent.Records'].record(records.length);
    this.#meters['SubscribeToShardEvent.Bytes'].record(bytes);
    this.#meters['SubscribeToShardEvent.MillisBehindLatest'].record(
      this.#millisBehindLatest(records.at(-1)!),
    );
  }

  /** Age of the last record handed over, if another is due already; records still in transit don't count as lag. */
  #millisBehindLatest(last: ShardRecord): number {
    const nowMs = this.options.clock.now();
    const next = this.peek();
    if (!next || next.arrivedMs + this.#delayMs > nowMs) return 0;
    return nowMs - last.arrivedMs;
  }
}

export function fanOutMeters(
  metrics: MetricRegistry,
  { streamName, consumerName }: Pick<FanOutOptions, 'streamName' | 'consumerName'>,
): Meters<typeof FAN_OUT> {
  const dimensions = { StreamName: streamName, ConsumerName: consumerName };
  return metersOf(metrics, 'AWS/Kinesis', FAN_OUT, dimensions);
}
