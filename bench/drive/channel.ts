/**
 * A channel is one stream being driven: its connection, its ledger, and the judgement of what arrives on it. It makes
 * no decision about when to send; a sender does.
 */
import { type Arrival, StreamLedger, type UnansweredListener } from '../core/ledger.ts';
import type { HopStamps, MessageReader, MessageWriter } from '../core/message.ts';
import type { Recorder } from '../core/recorder.ts';
import type { UnexpectedKind } from '../core/share.ts';
import type { Clock, Connection, ConnectionEvents, Dialer } from '../ports.ts';

/**
 * Bytes that a connection may have waiting in the driver. Past it the peer has stopped reading, and messages are
 * refused rather than piled up in memory: 5,000 connections at this limit hold 1.2 GiB.
 */
const BACKLOG_LIMIT_BYTES = 256 * 1024;

/** Kinesis numbers of overtakers remembered per channel, to place a reorder before or after the stream. */
const REMEMBERED_OVERTAKERS = 256;

/** Characters of an unexpected arrival kept in its witness. */
const EXCERPT_BYTES = 120;

/** What the channels of one worker share. */
export interface ChannelContext {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly writer: MessageWriter;
  readonly reader: MessageReader;
  readonly unanswered: UnansweredListener;
  /** Reading of the clock at the start of measurement; Infinity until the start is agreed. */
  measuredFromMs: number;
  /** Reading of the clock at the last arrival of any kind. */
  lastArrivalMs: number;
  /** Told of every opening, failure and end. */
  readonly changed: (change: ChannelChange, channel: Channel) => void;
  /** Told of every measured message refused because churn was just replacing its connection. */
  readonly refusedInChurn: () => void;
  /** Told of every first arrival. */
  answered: (channel: Channel, nowMs: number) => void;
}

export type ChannelChange =
  | { readonly kind: 'opened'; readonly connectMs: number }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'closed'; readonly code: number }
  | { readonly kind: 'churned' };

/** A time as a witness states it: whole microseconds, which is what the clock is good for. */
export function witnessMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** `retiring`: sends nothing more and waits for its answers. `closing`: the driver has begun to close it. */
type ChannelState = 'new' | 'opening' | 'open' | 'retiring' | 'closing' | 'failed' | 'closed';

export class Channel implements ConnectionEvents {
  readonly ledger: StreamLedger;
  state: ChannelState = 'new';
  /** Whether churn is why it is not open: it is being closed for churn, or opened in the place of one that was. */
  isInChurn = false;
  readonly #context: ChannelContext;
  #connection: Connection | null = null;
  #dialedMs = 0;
  #overtakers: Map<number, HopStamps> | null = null;
  /** Set when the run is over: the connection's end is then no news, and what still arrives is not counted. */
  #finished = false;

  constructor(stream: number, context: ChannelContext) {
    this.#context = context;
    this.ledger = new StreamLedger({
      stream,
      tallies: context.recorder.tallies,
      unanswered: context.unanswered,
    });
  }

  open(dialer: Dialer, url: string): void {
    this.state = 'opening';
    this.#dialedMs = this.#context.clock.now();
    this.#connection = dialer.dial(url, this);
  }

  /** Bytes that wait in the driver for the operating system to take them. */
  backlogBytes(): number {
    return this.state === 'open' ? (this.#connection?.backlogBytes() ?? 0) : 0;
  }

  /** Sends the next message, which was due at `intendedMs`, or counts it as refused. Answers whether it was sent. */
  send(intendedMs: number, measured: boolean): boolean {
    const connection = this.#connection;
    const open = this.state === 'open' && connection !== null && connection.isOpen();
    if (!open || connection.backlogBytes() > BACKLOG_LIMIT_BYTES) {
      this.ledger.refuse(measured);
      if (this.isInChurn && measured) this.#context.refusedInChurn();
      return false;
    }
    const { ledger } = this;
    const { clock, recorder, writer } = this.#context;
    const frame = writer.frame(ledger.stream, ledger.nextSequence);
    const sentMs = clock.now();
    ledger.send(intendedMs, sentMs, measured);
    if (measured) recorder.time('sendLag', sentMs - intendedMs);
    connection.send(frame);
    return true;
  }

  /** Sends nothing more; {@link hangUp} is for when its answers are in. */
  retire(): void {
    this.state = 'retiring';
    this.isInChurn = true;
  }

  /** Closes the connection. What arrives until it is closed still counts; what is outstanding then is indeterminate. */
  hangUp(): void {
    this.state = 'closing';
    this.#connection?.close();
  }

  /** The run is over for this channel: outstanding messages are settled as told and the connection is closed. */
  finish(as: 'lost' | 'indeterminate'): void {
    this.#finished = true;
    this.ledger.close(this.state === 'closing' ? 'indeterminate' : as);
    this.#connection?.close();
  }

  opened(): void {
    this.state = 'open';
    const connectMs = this.#context.clock.now() - this.#dialedMs;
    this.#context.changed({ kind: 'opened', connectMs }, this);
  }

  failed(code: string): void {
    this.state = 'failed';
    this.#context.changed({ kind: 'failed', code }, this);
  }

  closed(code: number): void {
    const isByDriver = this.state === 'closing';
    this.state = 'closed';
    if (this.#finished) return;
    this.ledger.close('indeterminate');
    this.#context.changed(isByDriver ? { kind: 'churned' } : { kind: 'closed', code }, this);
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    if (this.#finished) return;
    const context = this.#context;
    const nowMs = context.clock.now();
    context.lastArrivalMs = nowMs;
    const kind = context.reader.read(bytes, this.ledger.stream, start, end);
    if (kind !== 'message') {
      this.#unexpected(kind, bytes.subarray(start, end), nowMs);
      return;
    }
    const arrival = this.ledger.arrive(context.reader.sequence, nowMs);
    if (arrival === 'unsent' || arrival === 'expired')
      this.#unexpected(arrival, bytes.subarray(start, end), nowMs);
    else this.#arrived(arrival, nowMs);
  }

  #arrived(arrival: Exclude<Arrival, 'unsent' | 'expired'>, nowMs: number): void {
    const { measured } = this.ledger;
    const context = this.#context;
    context.recorder.arrival(measured);
    if (arrival === 'duplicated') {
      if (measured) this.#noteDuplicate(nowMs);
      return;
    }
    if (measured) this.#recordTimes(nowMs);
    if (arrival === 'reordered') {
      if (measured) this.#recordReorder(nowMs);
    } else if (this.ledger.jumped && context.reader.hops !== null) {
      this.#rememberOvertaker(context.reader.sequence, context.reader.hops);
    }
    context.answered(this, nowMs);
  }

  #recordTimes(nowMs: number): void {
    const { clock, recorder, reader } = this.#context;
    const { intendedMs, sentMs } = this.ledger;
    recorder.time('response', nowMs - intendedMs);
    recorder.time('service', nowMs - sentMs);
    if (reader.hops !== null) recorder.hops(reader.hops, clock.epochAt(sentMs), clock.epochAt(nowMs));
  }

  #recordReorder(nowMs: number): void {
    const { recorder, reader, measuredFromMs } = this.#context;
    const { ledger } = this;
    const where = this.#whereReordered(reader.hops);
    recorder.reorder(ledger.extent, ledger.lateTimeMs, where);
    if (!recorder.keepsViolations) return;
    recorder.violation({
      kind: 'reordered',
      stream: ledger.stream,
      sequence: reader.sequence,
      intendedMs: witnessMs(ledger.intendedMs - measuredFromMs),
      sentMs: witnessMs(ledger.sentMs - measuredFromMs),
      arrivedMs: witnessMs(nowMs - measuredFromMs),
      extent: ledger.extent,
      lateTimeMs: witnessMs(ledger.lateTimeMs),
      overtakenBy: {
        sequence: ledger.overtakerSequence,
        sentMs: witnessMs(ledger.overtakerSentMs - measuredFromMs),
        arrivedMs: witnessMs(ledger.overtakerArrivedMs - measuredFromMs),
      },
      where,
    });
  }

  /**
   * Before the stream, when the overtaken message also has the higher number in the shard; after it, when the shard had
   * them in the order they were sent. Only messages of one shard can be compared.
   */
  #whereReordered(hops: HopStamps | null): 'ingest' | 'delivery' | 'unknown' {
    const overtaker = this.#overtakers?.get(this.ledger.overtakerSequence);
    if (hops === null || overtaker === undefined || overtaker.shard !== hops.shard) return 'unknown';
    return BigInt(hops.record) > BigInt(overtaker.record) ? 'ingest' : 'delivery';
  }

  #rememberOvertaker(sequence: number, hops: HopStamps): void {
    this.#overtakers ??= new Map();
    if (this.#overtakers.size >= REMEMBERED_OVERTAKERS) {
      const [oldest] = this.#overtakers.keys();
      this.#overtakers.delete(oldest!);
    }
    this.#overtakers.set(sequence, hops);
  }

  #noteDuplicate(nowMs: number): void {
    const { recorder, reader, measuredFromMs } = this.#context;
    if (!recorder.keepsViolations) return;
    recorder.violation({
      kind: 'duplicated',
      stream: this.ledger.stream,
      sequence: reader.sequence,
      arrivedMs: witnessMs(nowMs - measuredFromMs),
    });
  }

  #unexpected(kind: UnexpectedKind, bytes: Uint8Array, nowMs: number): void {
    const { recorder, measuredFromMs } = this.#context;
    const measured = nowMs >= measuredFromMs;
    recorder.arrival(measured);
    recorder.unexpected(kind, measured);
    if (!measured || !recorder.keepsViolations) return;
    recorder.violation({
      kind: 'unexpected',
      stream: this.ledger.stream,
      what: kind,
      arrivedMs: witnessMs(nowMs - measuredFromMs),
      excerpt: new TextDecoder().decode(bytes.subarray(0, EXCERPT_BYTES)),
    });
  }
}
