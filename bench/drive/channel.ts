/**
 * A channel is one stream being driven: its connection, its ledger, and the judgement of what arrives on it. It makes
 * no decision about when to send; a sender does.
 */
import type { Arrival, LedgerListener } from '../measure/arrival.ts';
import { StreamLedger } from '../measure/ledger.ts';
import type { HopStamps, MessageReader, MessageWriter } from '../measure/message.ts';
import type { HopMemory } from '../measure/ordering-hops.ts';
import type { StreamViolation } from '../measure/ordering-report.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { UnexpectedKind } from '../measure/second.ts';
import type { Redact } from '../model/secrets.ts';
import type { Clock, Connection, ConnectionEvents, Cut, Dialer } from '../ports.ts';
import { witnessDuplicated, witnessLost, witnessMs, witnessReordered, witnessUnexpected } from './witness.ts';

/**
 * Bytes that a connection may have waiting in the driver. Past it the peer has stopped reading, and messages are
 * refused rather than piled up in memory: 5,000 connections at this limit hold 1.2 GiB.
 */
const BACKLOG_LIMIT_BYTES = 256 * 1024;

/** Stamps of traced overtakers remembered per channel, to place a reorder before or after the stream. */
const REMEMBERED_OVERTAKERS = 256;

/** What the channels of one worker share. */
export interface ChannelContext {
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Of the share's secrets in what arrives. */
  readonly redact: Redact;
  readonly writer: MessageWriter;
  readonly reader: MessageReader;
  /** The worker's latest traced arrivals. */
  readonly traced: HopMemory;
  /** Reading of the clock at the start of measurement; Infinity until the start is agreed. */
  measuredFromMs: number;
  /** Reading of the clock at the last arrival of any kind. */
  lastArrivalMs: number;
  /** Told the time before anything is recorded at it, so that it falls into its own second. */
  readonly reached: (nowMs: number) => void;
  /** Told of every opening, failure and end. */
  readonly changed: (change: ChannelChange, channel: Channel) => void;
  /** Told of every measured message refused because churn was just replacing its connection. */
  readonly refusedInChurn: () => void;
  /** Told of every first arrival. */
  answered: (channel: Channel, nowMs: number) => void;
}

export type ChannelChange =
  | { readonly kind: 'opened'; readonly connectMs: number }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string }
  | { readonly kind: 'closed'; readonly code: string; readonly detail: string }
  | { readonly kind: 'churned' };

/** `retiring`: sends nothing more and waits for its answers. `closing`: the driver has begun to close it. */
type ChannelState = 'new' | 'opening' | 'open' | 'retiring' | 'closing' | 'failed' | 'closed';

export class Channel implements ConnectionEvents, LedgerListener {
  readonly ledger: StreamLedger;
  state: ChannelState = 'new';
  #isInChurn: boolean;
  readonly #context: ChannelContext;
  #connection: Connection | null = null;
  #dialedMs = 0;
  #overtakers: Map<number, HopStamps> | null = null;
  /** Set when the run is over: the connection's end is then no news, and what still arrives is not counted. */
  #finished = false;
  /** Whether there was any violation on the stream, and whether its ledger was closed and that said. */
  #isAffected = false;
  #isClosed = false;

  constructor(stream: number, context: ChannelContext, isInChurn = false) {
    this.#context = context;
    this.#isInChurn = isInChurn;
    this.ledger = new StreamLedger({
      stream,
      tallies: context.recorder.tallies,
      listener: this,
    });
  }

  /** Whether churn is why it is not open: it is being closed for churn, or opened in the place of one that was. */
  get isInChurn(): boolean {
    return this.#isInChurn;
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

  /** Sends the next message, which was due at `intendedMs`, or counts it as refused. Returns whether it was sent. */
  send(intendedMs: number, measured: boolean): boolean {
    const connection = this.#connection;
    const open = this.state === 'open' && connection !== null && connection.isOpen();
    if (!open || connection.backlogBytes() > BACKLOG_LIMIT_BYTES) {
      this.ledger.refuse(measured);
      if (this.#isInChurn && measured) this.#context.refusedInChurn();
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
    this.#isInChurn = true;
  }

  /** Closes the connection. What arrives until it is closed still counts; what is outstanding then is indeterminate. */
  hangUp(): void {
    this.state = 'closing';
    this.#connection?.close();
  }

  /** The run is over for this channel: outstanding messages are settled as told and the connection is closed. */
  finish(as: 'lost' | 'indeterminate'): void {
    this.#finished = true;
    this.#closeLedger(this.state === 'closing' ? 'indeterminate' : as);
    this.#connection?.close();
  }

  opened(): void {
    this.state = 'open';
    const connectMs = this.#context.clock.now() - this.#dialedMs;
    this.#tell({ kind: 'opened', connectMs });
  }

  failed(code: string, detail: string): void {
    this.state = 'failed';
    this.#tell({ kind: 'failed', code, detail });
  }

  closed(closeCode: number, reason: string, cut?: Cut): void {
    const isByDriver = this.state === 'closing';
    this.state = 'closed';
    if (this.#finished) return;
    this.#closeLedger('indeterminate');
    const { code, detail } = cut ?? { code: `CLOSE_${closeCode}`, detail: reason };
    this.#tell(isByDriver ? { kind: 'churned' } : { kind: 'closed', code, detail });
  }

  /** Only the close that churn asked for leaves the channel in churn. */
  #tell(change: ChannelChange): void {
    this.#context.changed(change, this);
    if (change.kind !== 'churned') this.#isInChurn = false;
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    if (this.#finished) return;
    const context = this.#context;
    const nowMs = context.clock.now();
    context.lastArrivalMs = nowMs;
    context.reached(nowMs);
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
    const { measured } = this.ledger.last;
    const context = this.#context;
    const { hops } = context.reader;
    context.recorder.arrival(measured);
    if (measured && hops !== null) context.recorder.shard(hops.shard, arrival);
    if (arrival === 'duplicated') {
      if (measured) this.#recordDuplicate(nowMs);
      return;
    }
    if (measured) this.#recordTimes(nowMs);
    if (arrival === 'reordered') {
      if (measured) this.#recordReorder(nowMs);
    } else if (this.ledger.last.jumped && hops !== null) {
      this.#rememberOvertaker(context.reader.sequence, hops);
    }
    context.answered(this, nowMs);
  }

  #recordTimes(nowMs: number): void {
    const { clock, recorder, reader, traced } = this.#context;
    const { stream, last } = this.ledger;
    const { intendedMs, sentMs } = last;
    recorder.time('response', nowMs - intendedMs);
    recorder.time('service', nowMs - sentMs);
    if (reader.hops === null) return;
    recorder.hops(reader.hops, clock.epochAt(sentMs), clock.epochAt(nowMs), nowMs - sentMs);
    traced.add(stream, reader.sequence, reader.hops);
  }

  #recordReorder(nowMs: number): void {
    const context = this.#context;
    const { sequence, hops } = context.reader;
    const { ledger } = this;
    const overtakerHops = this.#overtakers?.get(ledger.last.overtakerSequence) ?? null;
    const where = whereReordered(hops, overtakerHops);
    context.recorder.reorder(ledger.last, where);
    this.#violated('reordered');
    witnessReordered(context, { ledger, sequence, nowMs, hops }, { where, hops: overtakerHops });
  }

  #rememberOvertaker(sequence: number, hops: HopStamps): void {
    this.#overtakers ??= new Map();
    if (this.#overtakers.size >= REMEMBERED_OVERTAKERS) {
      const [oldest] = this.#overtakers.keys();
      this.#overtakers.delete(oldest!);
    }
    this.#overtakers.set(sequence, hops);
  }

  #recordDuplicate(nowMs: number): void {
    this.#violated('duplicated');
    const context = this.#context;
    if (!context.recorder.keepsViolations) return;
    const { ledger } = this;
    const { sequence, hops } = context.reader;
    const firstHops = hops === null ? null : context.traced.find(ledger.stream, sequence);
    witnessDuplicated(context, { ledger, sequence, nowMs, hops }, firstHops);
  }

  #unexpected(kind: UnexpectedKind, bytes: Uint8Array, nowMs: number): void {
    const context = this.#context;
    const measured = nowMs >= context.measuredFromMs;
    context.recorder.arrival(measured);
    context.recorder.unexpected(kind, measured);
    if (!measured) return;
    this.#violated('unexpected');
    witnessUnexpected(context, this.ledger.stream, kind, { bytes, nowMs });
  }

  unanswered(
    as: 'lost' | 'indeterminate',
    _stream: number,
    sequence: number,
    intendedMs: number,
    sentMs: number,
    measured: boolean,
  ): void {
    if (as !== 'lost' || !measured) return;
    const context = this.#context;
    // In whole microseconds, so that what was due on the second is not of the one before by a rounding.
    context.recorder.lost(Math.floor(witnessMs(intendedMs - context.measuredFromMs) / 1000));
    this.#violated('lost');
    witnessLost(context, this.ledger.stream, sequence, { intendedMs, sentMs });
  }

  gap(messages: number): void {
    this.#context.recorder.gap(messages);
  }

  #violated(violation: StreamViolation): void {
    this.#context.recorder.streamViolation(this.ledger.stream, violation, !this.#isAffected);
    this.#isAffected = true;
  }

  /** Settles what is outstanding, and says once of a stream with violations what else there was on it. */
  #closeLedger(as: 'lost' | 'indeterminate'): void {
    const { ledger } = this;
    ledger.close(as);
    if (!this.#isAffected || this.#isClosed) return;
    this.#isClosed = true;
    this.#context.recorder.streamClosed(ledger.stream, ledger.measuredAnswered, ledger.shortestWaitMs);
  }
}

/**
 * Before the stream, when the overtaken message also has the higher number in the shard; after it, when the shard had
 * them in the order they were sent. Only messages of one shard can be compared.
 */
function whereReordered(
  hops: HopStamps | null,
  overtaker: HopStamps | null,
): 'ingest' | 'delivery' | 'unknown' {
  if (hops === null || overtaker === null || overtaker.shard !== hops.shard) return 'unknown';
  return BigInt(hops.record) > BigInt(overtaker.record) ? 'ingest' : 'delivery';
}
