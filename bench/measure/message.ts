/**
 * The message on the wire: one JSON object of fixed-width strings. It survives being parsed and printed again by a
 * gateway's template, and because every field has its place, a prepared frame is patched in place and an arrival is
 * read by position, without building a JSON value. An echo of our own is mostly bytes that are known beforehand: it is
 * held against a prepared frame word by word, and only what differs between messages is looked at. Anything that is not
 * laid out like that goes through the strict parser instead, so a re-serialised echo is understood too.
 *
 *   {"run":"16 hex","stream":"8 hex","sequence":"10 digits","trace":"0|1","sum":"8 hex","padding":"…"}
 *
 * `sum` protects the values, not the punctuation: CRC-32 of the bytes of run, stream, sequence and trace, exclusive-or
 * CRC-32 of the padding. The padding is the same in all messages of a run, so its share is computed once.
 */
import { crc32 } from '../model/crc32.ts';
import {
  AT,
  CLOSING_BRACE,
  EchoPattern,
  HEAD,
  HEAD_BYTES,
  isHex,
  LAYOUT,
  MIN_PAYLOAD_BYTES,
  PreparedFrame,
  QUOTE,
  readDecimal,
  sumAfterRun,
  sumOfValues,
  TAIL_BYTES,
  writeDecimal,
  writeHex,
  ZERO,
} from '../model/message-layout.ts';
import { HopScanner, type HopStamps, hopStampsOf } from './hop-stamps.ts';

export type { HopStamps };
export { MIN_PAYLOAD_BYTES };

/** What is appended beyond that is no stamps, which take some 400 bytes, and is not parsed. */
const MAX_APPENDED_BYTES = 4_096;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Writes the messages of one run into one frame that is used again for each. */
export class MessageWriter {
  readonly #prepared: PreparedFrame;

  /** `payloadBytes` is the whole message, at least {@link MIN_PAYLOAD_BYTES}. */
  constructor(options: { runId: string; payloadBytes: number; trace: boolean }) {
    const { runId, payloadBytes, trace } = options;
    if (!/^[0-9a-f]{16}$/.test(runId)) throw new Error(`run id ${runId}: not 16 hexadecimal digits`);
    if (payloadBytes < MIN_PAYLOAD_BYTES) throw new Error(`payload of ${payloadBytes} bytes is too small`);
    this.#prepared = new PreparedFrame(runId, payloadBytes);
    this.#prepared.bytes[AT.trace] = ZERO + (trace ? 1 : 0);
  }

  /** The message of a stream and sequence number, valid until the next call. */
  frame(stream: number, sequence: number): Uint8Array {
    const { bytes, runSum, paddingSum } = this.#prepared;
    writeHex(bytes, AT.stream, 8, stream);
    writeDecimal(bytes, AT.sequence, 10, sequence);
    writeHex(bytes, AT.sum, 8, (sumAfterRun(bytes, 0, runSum) ^ paddingSum) >>> 0);
    return bytes;
  }
}

/** What an arrival turned out to be. Everything but `message` is an unexpected arrival of that kind. */
export type ReadingKind = 'message' | 'undecodable' | 'gatewayError' | 'otherRun' | 'otherStream' | 'corrupt';

/** Reads arrivals. One reader per worker; its fields describe the last one read. */
export class MessageReader {
  /** Sequence number, when the reading was a message. */
  sequence = 0;
  /** Null unless the echo was traced and its stamps make sense. */
  hops: HopStamps | null = null;
  readonly #runId: string;
  readonly #payloadBytes: number;
  readonly #pattern: EchoPattern;
  readonly #hopScanner = new HopScanner();

  constructor(options: { runId: string; payloadBytes: number }) {
    this.#runId = options.runId;
    this.#payloadBytes = options.payloadBytes;
    this.#pattern = new EchoPattern(options.runId, options.payloadBytes);
  }

  /** Reads one arrival, bytes[start, end), on the given stream. */
  read(bytes: Uint8Array, stream: number, start = 0, end = bytes.length): ReadingKind {
    this.hops = null;
    if (this.#isOwn(bytes, stream, start, end)) {
      this.sequence = readDecimal(bytes, start + AT.sequence, 10);
      return 'message';
    }
    const arrival = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    return this.#isLaidOut(arrival)
      ? this.#readByPosition(arrival, stream)
      : this.#readStrictly(arrival, stream);
  }

  /**
   * Whether it is a sound message of this run and stream, unchanged or with stamps behind its last value, which are then
   * read. If not, the slower ways tell what it is.
   */
  #isOwn(bytes: Uint8Array, stream: number, start: number, end: number): boolean {
    const close = start + this.#payloadBytes - 1;
    if (end <= close || bytes[close - 1] !== QUOTE) return false;
    if (end === close + 1 && bytes[close] !== CLOSING_BRACE) return false;
    if (!this.#pattern.fits(bytes, start) || !isHex(bytes, start + AT.stream, 8, stream)) return false;
    const { runSum, paddingSum } = this.#pattern.prepared;
    if (!isHex(bytes, start + AT.sum, 8, sumAfterRun(bytes, start, runSum) ^ paddingSum)) return false;
    if (end > close + 1) this.hops = this.#hopScanner.scan(bytes, close, end);
    return end === close + 1 || this.hops !== null;
  }

  /** Whether the arrival has our own layout: keys in place, and our padding's end where it belongs. */
  #isLaidOut(bytes: Uint8Array): boolean {
    if (bytes.length < this.#payloadBytes) return false;
    const end = this.#payloadBytes - TAIL_BYTES;
    if (bytes[end] !== QUOTE) return false;
    if (bytes.length === this.#payloadBytes ? bytes[end + 1] !== CLOSING_BRACE : bytes[end + 1] !== 0x2c)
      return false;
    for (let index = 0; index < HEAD_BYTES; index++) {
      if (LAYOUT.fixed[index] === 1 && bytes[index] !== HEAD[index]) return false;
    }
    return true;
  }

  #readByPosition(bytes: Uint8Array, stream: number): ReadingKind {
    const paddingSum = crc32(bytes, HEAD_BYTES, this.#payloadBytes - TAIL_BYTES, 0);
    if (!isHex(bytes, AT.sum, 8, sumOfValues(bytes, 0) ^ paddingSum)) return 'corrupt';
    const own = this.#pattern.prepared.bytes;
    for (let index = AT.run; index < AT.run + 16; index++) {
      if (bytes[index] !== own[index]) return 'otherRun';
    }
    if (!isHex(bytes, AT.stream, 8, stream)) return 'otherStream';
    this.sequence = readDecimal(bytes, AT.sequence, 10);
    if (bytes.length > this.#payloadBytes) return this.#readAppended(bytes);
    return 'message';
  }

  /** Keys that the service appended after the padding; only `hops` is looked at. */
  #readAppended(bytes: Uint8Array): ReadingKind {
    if (bytes.length - this.#payloadBytes > MAX_APPENDED_BYTES) return 'message';
    const appended = parse(bytes.subarray(this.#payloadBytes), '{');
    if (appended === null) return 'corrupt';
    this.hops = hopStampsOf(appended.hops);
    return 'message';
  }

  #readStrictly(bytes: Uint8Array, stream: number): ReadingKind {
    const object = parse(bytes, '');
    if (object === null) return 'undecodable';
    const { run, sequence, padding, sum } = object;
    if (!isText(run) || !isText(object.stream) || !isText(sequence) || !isText(padding) || !isText(sum)) {
      return isText(object.message) && isText(object.connectionId) ? 'gatewayError' : 'undecodable';
    }
    if (!/^\d{10}$/.test(sequence)) return 'corrupt';
    if (sum !== sumOfTexts([run, object.stream, sequence, String(object.trace)], padding)) return 'corrupt';
    if (run !== this.#runId) return 'otherRun';
    if (Number.parseInt(object.stream, 16) !== stream) return 'otherStream';
    this.sequence = Number(sequence);
    this.hops = hopStampsOf(object.hops);
    return 'message';
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** The JSON object in `prefix + bytes`, or null. */
function parse(bytes: Uint8Array, prefix: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(prefix + decoder.decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function sumOfTexts(values: readonly string[], padding: string): string {
  const protectedBytes = encoder.encode(values.join(''));
  const paddingBytes = encoder.encode(padding);
  const sum =
    crc32(protectedBytes, 0, protectedBytes.length, 0) ^ crc32(paddingBytes, 0, paddingBytes.length, 0);
  return (sum >>> 0).toString(16).padStart(8, '0');
}
