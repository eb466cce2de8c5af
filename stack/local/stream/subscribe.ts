/**
 * Performs SubscribeToShard: pushes a consumer's records of one shard for five minutes as a stream of events. Delays
 * and rate are those of fan-out to a mapping; an empty event about every five seconds says that the connection is
 * alive. AWS lets a later call take the subscription over, and so do we after five seconds. A shard that an event
 * source mapping reads through this consumer is always refused: on AWS the call and Lambda would take it from each
 * other in turns.
 */
import type * as sdk from '@aws-sdk/client-kinesis';
import type { ActionContext } from '../endpoints/action.ts';
import { AwsError } from '../errors.ts';
import { Pause } from '../waiting.ts';
import { type KinesisActionsOptions, shardOf, streamOf } from './action-context.ts';
import type { RecordSink, Subscription } from './consumer.ts';
import { fanOutMeters } from './consumer-fan-out.ts';
import { childShards, consumerOf } from './describe-actions.ts';
import { recordView, requestedPosition } from './get-records.ts';
import type { EventSource } from './kinesis.ts';
import type { Shard, ShardRecord } from './shard.ts';

/** API reference of SubscribeToShard; the heartbeat's interval is what the service is seen to send. */
const SUBSCRIPTION_MS = 5 * 60_000;
const TAKE_OVER_AFTER_MS = 5_000;
const CALL_INTERVAL_MS = 1_000;
const HEARTBEAT_MS = 5_000;

/** Most bytes of one event: a second's worth of a push. AWS publishes no such number. */
const EVENT_BYTES = 2_000_000;

/** Records that wait for a client that reads slowly; beyond it the push waits, and the lag shows. */
const BACKLOG_RECORDS = 10_000;

/** The last call for a shard by a consumer. */
interface Call {
  readonly atMs: number;
  /** Null for a call that was refused. */
  readonly push: ShardPush | null;
  readonly succeededMs: number;
}

/** A call matters to the next one while its subscription lasts, which is five minutes at most. */
const CALL_KEPT_MS = 600_000;

export function subscribeAction(options: KinesisActionsOptions) {
  const calls = new Map<string, Call>();
  return (input: sdk.SubscribeToShardInput, context: ActionContext): sdk.SubscribeToShardOutput => {
    const consumer = consumerOf(options, { ConsumerARN: input.ConsumerARN });
    const stream = streamOf(options, { StreamARN: consumer.stream.arn });
    const shard = shardOf(options, stream, input.ShardId!);
    const key = `${consumer.arn} ${shard.shardId}`;
    const last = calls.get(key);
    const nowMs = options.clock.now();
    for (const [known, { atMs }] of calls) if (nowMs - atMs > CALL_KEPT_MS) calls.delete(known);
    calls.set(key, { push: null, succeededMs: Number.NEGATIVE_INFINITY, ...last, atMs: nowMs });
    refuse(options, consumer, shard, last, nowMs);
    const position = requestedPosition(options, stream, shard, input.StartingPosition ?? {});
    last?.push?.end();
    const push = new ShardPush({ options, consumer, shard, position, signal: context.signal });
    calls.set(key, { atMs: nowMs, succeededMs: nowMs, push });
    return { EventStream: push.events() };
  };
}

function refuse(
  { kinesis, profile, metrics, accountId }: KinesisActionsOptions,
  consumer: EventSource,
  shard: Shard,
  last: Call | undefined,
  nowMs: number,
): void {
  const what = `consumer ${consumer.consumerName} and shard ${shard.shardId} in stream ${consumer.stream.name} under account ${accountId}`;
  const refused = (code: string, message: string): AwsError => {
    const { stream, consumerName } = consumer;
    const names = { streamName: stream.name, consumerName: consumerName ?? '' };
    fanOutMeters(metrics, names)['SubscribeToShard.RateExceeded'].record(1);
    return new AwsError(code, message);
  };
  if (last && nowMs < last.succeededMs + TAKE_OVER_AFTER_MS)
    throw refused('ResourceInUseException', `Another active subscription exists for ${what}.`);
  const isLimited = profile.quotas.shardBytesPerSecond !== null;
  if (isLimited && last && nowMs < last.atMs + CALL_INTERVAL_MS)
    throw refused('LimitExceededException', `Rate exceeded for ${what}.`);
  const isTakenByCall = last?.push != null && !last.push.over;
  if (!isTakenByCall && kinesis.isRead(consumer, shard))
    throw refused('ResourceInUseException', `An event source mapping reads by ${what}.`);
}

interface PushOptions {
  readonly options: KinesisActionsOptions;
  readonly consumer: EventSource;
  readonly shard: Shard;
  readonly position: number;
  readonly signal: AbortSignal;
}

/** One subscription: a queue between the shard's push and the client that takes events at its own pace. */
class ShardPush implements RecordSink {
  readonly #given: PushOptions;
  readonly #startedMs: number;
  #queue: ShardRecord[] = [];
  #sent: string;
  #subscription: Subscription | null = null;
  #shardEnded = false;
  #over = false;
  readonly #news = new Pause();

  constructor(given: PushOptions) {
    const { options, consumer, shard, position, signal } = given;
    this.#given = given;
    this.#startedMs = options.clock.now();
    this.#sent = shard.at(position - 1)?.sequenceNumber ?? shard.startingSequenceNumber;
    this.#subscription = options.kinesis.subscribe(consumer, shard, { kind: 'POSITION', position }, this);
    signal.addEventListener('abort', () => this.end(), { once: true });
    if (signal.aborted) this.end();
  }

  get over(): boolean {
    return this.#over;
  }

  room(): number {
    return BACKLOG_RECORDS - this.#queue.length;
  }

  deliver(records: readonly ShardRecord[]): void {
    this.#queue.push(...records);
    this.#news.end();
  }

  /** Expired before they were pushed: the client sees the gap in the sequence numbers, as on AWS. */
  skipped(): void {}

  oldestHeld(): number | null {
    return null;
  }

  ended(): void {
    this.#shardEnded = true;
    this.#news.end();
  }

  /** Ends the events after the one under way. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#subscription?.close();
    this.#news.end();
  }

  async *events(): AsyncGenerator<{ SubscribeToShardEvent: sdk.SubscribeToShardEvent }> {
    const { clock } = this.#given.options;
    const untilMs = this.#startedMs + SUBSCRIPTION_MS;
    try {
      while (!this.#over && clock.now() < untilMs) {
        if (this.#queue.length === 0 && !this.#shardEnded) await this.#untilNews(untilMs);
        if (this.#over) return;
        this.#refuseIfGone();
        const records = this.#take();
        const isLast = this.#shardEnded && this.#queue.length === 0;
        yield { SubscribeToShardEvent: this.#event(records, isLast) };
        if (isLast) return;
      }
    } finally {
      this.end();
    }
  }

  /** Who deregisters a consumer, or deletes its stream, ends its subscriptions. */
  #refuseIfGone(): void {
    const { options, consumer } = this.#given;
    if (options.kinesis.eventSource(consumer.arn) !== consumer)
      throw options.kinesis.consumerNotFound(consumer.arn);
  }

  /** What fits into an event of that which waits; the first record always does. */
  #take(): ShardRecord[] {
    let bytes = 0;
    let count = 0;
    for (const record of this.#queue) {
      bytes += record.bytes;
      if (count > 0 && bytes > EVENT_BYTES) break;
      count += 1;
    }
    const records = this.#queue.splice(0, count);
    if (count > 0 && !this.#shardEnded) this.#subscription?.resume();
    return records;
  }

  #event(records: readonly ShardRecord[], isLast: boolean): sdk.SubscribeToShardEvent {
    const { shard, options } = this.#given;
    const last = records.at(-1);
    this.#sent = last?.sequenceNumber ?? this.#sent;
    const next = last ? shard.at(last.position + 1) : undefined;
    return {
      Records: records.map(recordView),
      ContinuationSequenceNumber: isLast ? undefined : this.#sent,
      MillisBehindLatest: next && last ? Math.round(options.clock.now() - last.arrivedMs) : 0,
      ...(isLast ? { ChildShards: childShards(shard) } : {}),
    };
  }

  /** Until there is something to send, if only a heartbeat. */
  #untilNews(untilMs: number): Promise<void> {
    const { clock } = this.#given.options;
    return this.#news.for(clock, Math.min(untilMs - clock.now(), HEARTBEAT_MS));
  }
}
