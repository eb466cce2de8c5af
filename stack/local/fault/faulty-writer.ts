/**
 * The stream with faults, as the gateway's integrations write to it: messages that are accepted and vanish, come twice,
 * late or in the wrong order, and shards that refuse. What the stage's AWS endpoints put themselves is left alone. The
 * gateway is told "accepted" of a message that is dropped or held for a reorder, so serial dispatch goes on to the next.
 *
 * Blocking is only needed where AWS would not keep order either: a put takes its place at some moment before its answer.
 */

import type { MessageWriter, PutMessage } from '../gateway/integration.ts';
import type { KinesisWriter, MetricRegistry, PutRecordInput } from '../ports.ts';
import { refusal } from '../stream/kinesis-put.ts';
import { writeMeters } from '../stream/stream-meters.ts';
import type { ArmedFault } from './armed-fault.ts';
import type { FaultInjector } from './fault-injector.ts';
import { type FaultPeriod, firstThatPicks } from './fault-period.ts';
import { IngestLine } from './ingest-line.ts';
import { type MessageIdentity, messageIdentity } from './message-identity.ts';

type PutAnswer = Awaited<ReturnType<KinesisWriter['putRecord']>>;

export interface FaultyWriterOptions {
  readonly kinesis: KinesisWriter;
  readonly faults: FaultInjector;
  /** Index of the shard that a put goes to, in the order of its stream's shards; null when there is no such stream. */
  readonly shardOf: (input: PutRecordInput) => number | null;
  readonly metrics: MetricRegistry;
}

/** What the gateway hears of a message that is not in the stream, or not yet. It looks at no more than `ok`. */
const ACCEPTED: PutAnswer = { ok: true, value: { ShardId: '', SequenceNumber: '' } };

export class FaultyWriter implements MessageWriter {
  readonly #options: FaultyWriterOptions;
  /** Of connections that a fault is just touching. */
  readonly #lines = new Map<string, IngestLine>();

  constructor(options: FaultyWriterOptions) {
    this.#options = options;
  }

  putRecord(input: PutRecordInput, { context, body }: PutMessage): Promise<PutAnswer> {
    const { stall } = this.#options.faults;
    const { connectionId } = context;
    return stall.passing(() => {
      const line = this.#lines.get(connectionId) ?? new IngestLine();
      return line.enter(() => this.#enter(line, input, connectionId, body.text));
    });
  }

  async #enter(line: IngestLine, input: PutRecordInput, connectionId: string, text: string) {
    const { faults, kinesis } = this.#options;
    const { period } = faults;
    if (period === null) return kinesis.putRecord(input);
    const armed = firstThatPicks(this.#candidates(period, input), faults.clock.now());
    if (armed === null && line.held === null) return kinesis.putRecord(input);
    const message = messageIdentity(connectionId, text);
    if (line.held === null && period.isStruck(message)) return kinesis.putRecord(input);
    this.#lines.set(connectionId, line);
    line.touching += 1;
    try {
      if (line.held !== null) return await this.#passHeld(line, input, message, period);
      period.strike(armed!, message);
      return await this.#strike(line, input, message, armed!);
    } finally {
      line.touching -= 1;
      this.#forgetIfIdle(line, connectionId);
    }
  }

  #candidates({ onPut }: FaultPeriod, input: PutRecordInput): readonly ArmedFault[] {
    if (!onPut.some(({ fault }) => fault.shard !== null)) return onPut;
    const shard = this.#options.shardOf(input);
    return onPut.filter(({ fault }) => fault.shard === null || fault.shard === shard);
  }

  #strike(
    line: IngestLine,
    input: PutRecordInput,
    message: MessageIdentity,
    armed: ArmedFault,
  ): Promise<PutAnswer> {
    switch (armed.fault.do) {
      case 'throttle':
        return Promise.resolve(this.#throttle(input));
      case 'duplicate':
        return this.#duplicate(line, input, message, armed);
      case 'delay':
        return line.block(() => this.#late(input, armed.fault.delayMs));
      case 'reorder':
        return Promise.resolve(this.#hold(line, input, message, armed));
      default:
        armed.count('lost', message);
        return Promise.resolve(ACCEPTED);
    }
  }

  /** As the stream itself refuses; its metrics show it, those of the shard do not. */
  #throttle(input: PutRecordInput): PutAnswer {
    const name = input.StreamName ?? input.StreamARN?.split('/').at(-1) ?? '';
    const meters = writeMeters(name, this.#options.metrics);
    meters.throttled.record(1);
    meters.success.record(0);
    return refusal('ProvisionedThroughputExceededException', `Rate exceeded for shard in stream ${name}.`);
  }

  /** The second put starts when the first was accepted; later messages wait for it, and the gateway does not. */
  async #duplicate(line: IngestLine, input: PutRecordInput, message: MessageIdentity, armed: ArmedFault) {
    const first = await this.#options.kinesis.putRecord(input);
    if (!first.ok) return first;
    const again = line.block(async () => {
      const second = await this.#options.kinesis.putRecord(input);
      if (second.ok) armed.count('duplicated', message);
    });
    void again.then(() => this.#forgetIfIdle(line, message.connectionId));
    return first;
  }

  async #late(input: PutRecordInput, delayMs: number): Promise<PutAnswer> {
    await new Promise<void>((resolve) => this.#options.faults.after(delayMs, resolve));
    return this.#options.kinesis.putRecord(input);
  }

  #hold(line: IngestLine, input: PutRecordInput, message: MessageIdentity, armed: ArmedFault): PutAnswer {
    const put = async () => (await this.#options.kinesis.putRecord(input)).ok;
    const held = { armed, message, put, isDue: false };
    line.held = held;
    this.#options.faults.after(armed.fault.delayMs, () => {
      held.isDue = true;
      if (line.held === held && line.passing === 0) this.#release(line, message.connectionId, false);
    });
    return ACCEPTED;
  }

  /** A message that comes while another is held is the one that overtakes it, if the stream takes it. */
  async #passHeld(line: IngestLine, input: PutRecordInput, message: MessageIdentity, period: FaultPeriod) {
    const { held } = line;
    period.spare(message);
    line.passing += 1;
    const answer = await this.#options.kinesis.putRecord(input);
    line.passing -= 1;
    if (line.held !== held || held === null) return answer;
    if (answer.ok) this.#release(line, message.connectionId, true);
    else if (held.isDue && line.passing === 0) this.#release(line, message.connectionId, false);
    return answer;
  }

  #release(line: IngestLine, connectionId: string, hasBeenPassed: boolean): void {
    void line.release(hasBeenPassed).then(() => this.#forgetIfIdle(line, connectionId));
  }

  #forgetIfIdle(line: IngestLine, connectionId: string): void {
    if (line.isIdle && this.#lines.get(connectionId) === line) this.#lines.delete(connectionId);
  }
}
