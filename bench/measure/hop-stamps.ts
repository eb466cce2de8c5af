/**
 * The stamps that the reference service adds to a traced echo: `,"hops":{…}}` behind the last value of the message. The
 * service prints them always alike, so they are read by position, in half the time that a parser takes;
 * whatever is printed in another way is the parser's. Both must agree on what they both understand.
 */
import { ZERO } from '../model/message-layout.ts';

/** Time stamps that the reference service adds to a traced echo. UTC milliseconds on the service's clocks. */
export interface HopStamps {
  /** Arrival in the stream, on Kinesis' clock. */
  readonly arrivedMs: number;
  /** Start of the handler and start of the post, on the function's clock. */
  readonly startedMs: number;
  readonly postedMs: number;
  /** Kinesis sequence number: its order is the order in the shard. Digits. */
  readonly record: string;
  readonly shard: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const SHARD = encoder.encode(',"hops":{"shard":"');
const RECORD = encoder.encode('","record":"');
const GATEWAY = encoder.encode('","gatewayMs":');
const ARRIVED = encoder.encode(',"arrivedMs":');
const STARTED = encoder.encode(',"startedMs":');
const POSTED = encoder.encode(',"postedMs":');
const BATCH_SIZE = encoder.encode(',"batchSize":');
const BATCH_INDEX = encoder.encode(',"batchIndex":');
const REQUEST = encoder.encode(',"requestId":"');
const COLD = encoder.encode('","coldStart":true}}');
const WARM = encoder.encode('","coldStart":false}}');

const NINE = ZERO + 9;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Longest name of a shard (Kinesis API reference, Shard: 128 characters). Each is kept, by 1,000 shards and 10,000 witnesses. */
const MAX_SHARD_LENGTH = 128;

/** Most digits of a sequence number (Kinesis API reference, Record: 0 or a digit and up to 128 more). */
const MAX_RECORD_DIGITS = 129;

/** More digits than a number holds exactly are the parser's. */
const MAX_DIGITS = 15;

/** Reads the stamps of one message after the other; allocates what it answers and nothing else. */
export class HopScanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #number = 0;
  /** The shard of the last message: a stream has few. */
  #shard = '';
  #shardBytes: Uint8Array = new Uint8Array(0);

  /** The stamps in bytes[from, to), which is everything behind the last value; null when they are not printed as usual. */
  scan(bytes: Uint8Array, from: number, to: number): HopStamps | null {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    if (!this.#literal(SHARD)) return null;
    const shardFrom = this.#at;
    if (!this.#plainText() || this.#at - shardFrom > MAX_SHARD_LENGTH) return null;
    const shard = this.#shardIn(shardFrom, this.#at);
    if (!this.#literal(RECORD)) return null;
    const recordFrom = this.#at;
    if (!this.#digits() || this.#at - recordFrom > MAX_RECORD_DIGITS) return null;
    const recordTo = this.#at;
    if (!this.#literal(GATEWAY) || !this.#whole() || !this.#literal(ARRIVED) || !this.#whole()) return null;
    const arrivedMs = this.#number;
    if (!this.#literal(STARTED) || !this.#whole()) return null;
    const startedMs = this.#number;
    if (!this.#literal(POSTED) || !this.#whole()) return null;
    const postedMs = this.#number;
    if (!this.#ends()) return null;
    return { arrivedMs, startedMs, postedMs, record: textOf(bytes, recordFrom, recordTo), shard };
  }

  #ends(): boolean {
    const isWhole =
      this.#literal(BATCH_SIZE) &&
      this.#whole() &&
      this.#literal(BATCH_INDEX) &&
      this.#whole() &&
      this.#literal(REQUEST) &&
      this.#plainText();
    return isWhole && (this.#literal(WARM) || this.#literal(COLD)) && this.#at === this.#end;
  }

  #literal(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at + expected.length > this.#end) return false;
    for (let index = 0; index < expected.length; index++) {
      if (bytes[at + index] !== expected[index]) return false;
    }
    this.#at = at + expected.length;
    return true;
  }

  /** Moves to the quotation mark that ends a text of printable ASCII without escapes. */
  #plainText(): boolean {
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#bytes[this.#at]!;
      if (byte === QUOTE) return true;
      if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return false;
    }
    return false;
  }

  /** Moves over one or more digits. */
  #digits(): boolean {
    const from = this.#at;
    while (this.#at < this.#end && isDigit(this.#bytes[this.#at]!)) this.#at++;
    return this.#at > from;
  }

  /** Reads a whole number as JSON prints it. */
  #whole(): boolean {
    const from = this.#at;
    let value = 0;
    for (; this.#at < this.#end && isDigit(this.#bytes[this.#at]!); this.#at++) {
      value = value * 10 + (this.#bytes[this.#at]! - ZERO);
    }
    this.#number = value;
    const digits = this.#at - from;
    return digits > 0 && digits <= MAX_DIGITS && (digits === 1 || this.#bytes[from] !== ZERO);
  }

  #shardIn(from: number, to: number): string {
    const known = this.#shardBytes;
    let same = known.length === to - from;
    for (let index = 0; same && index < known.length; index++)
      same = known[index] === this.#bytes[from + index];
    if (!same) {
      this.#shardBytes = this.#bytes.slice(from, to);
      this.#shard = textOf(this.#bytes, from, to);
    }
    return this.#shard;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to));
}

/** The stamps in a parsed value of `hops`, or null where they make no sense. */
export function hopStampsOf(value: unknown): HopStamps | null {
  if (typeof value !== 'object' || value === null) return null;
  const { arrivedMs, startedMs, postedMs, record, shard } = value as Record<string, unknown>;
  const stamped = [arrivedMs, startedMs, postedMs].every((time) => Number.isFinite(time));
  if (!stamped || typeof record !== 'string' || typeof shard !== 'string') return null;
  if (record.length > MAX_RECORD_DIGITS || !/^\d+$/.test(record) || shard.length > MAX_SHARD_LENGTH)
    return null;
  return { arrivedMs, startedMs, postedMs, record, shard } as HopStamps;
}
