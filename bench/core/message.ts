/**
 * The message on the wire: one JSON object of fixed-width strings. It survives being parsed and printed again by a
 * gateway's template, and because every field has its place, a prepared frame is patched in place and an arrival is
 * read by position, without building a JSON value. Anything that is not laid out like that goes through the strict
 * parser instead, so a re-serialised echo is understood too.
 *
 *   {"run":"16 hex","stream":"8 hex","sequence":"10 digits","trace":"0|1","sum":"8 hex","padding":"…"}
 *
 * `sum` protects the values, not the punctuation: CRC-32 of the bytes of run, stream, sequence and trace, exclusive-or
 * CRC-32 of the padding. The padding is the same in all messages of a run, so its share is computed once.
 */
import { crc32 } from './crc32.ts';

const FIELDS = [
  { name: 'run', width: 16 },
  { name: 'stream', width: 8 },
  { name: 'sequence', width: 10 },
  { name: 'trace', width: 1 },
  { name: 'sum', width: 8 },
] as const;

type FieldName = (typeof FIELDS)[number]['name'];

interface Layout {
  /** The frame before any value is patched in, padding excluded: `{"run":"0000…","padding":"`. */
  readonly head: Uint8Array;
  /** 1 where `head` is punctuation or a key, 0 where it is a value. */
  readonly fixed: Uint8Array;
  readonly at: Readonly<Record<FieldName, number>>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

function layOut(): Layout {
  const at: Record<FieldName, number> = { run: 0, stream: 0, sequence: 0, trace: 0, sum: 0 };
  let text = '{';
  let mask = '1';
  for (const { name, width } of FIELDS) {
    const key = `"${name}":"`;
    at[name] = text.length + key.length;
    text += `${key}${'0'.repeat(width)}",`;
    mask += `${'1'.repeat(key.length)}${'0'.repeat(width)}11`;
  }
  text += '"padding":"';
  mask = mask.padEnd(text.length, '1');
  return { head: encoder.encode(text), fixed: Uint8Array.from(mask, Number), at };
}

const LAYOUT = layOut();
const HEAD = LAYOUT.head;
const HEAD_BYTES = HEAD.length;
const AT = LAYOUT.at;

/** Closing `"}`. */
const TAIL_BYTES = 2;

/** The smallest message, one without padding. */
export const MIN_PAYLOAD_BYTES = HEAD_BYTES + TAIL_BYTES;

const ZERO = 0x30;
const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;
const HEX = encoder.encode('0123456789abcdef');

function writeHex(frame: Uint8Array, offset: number, width: number, value: number): void {
  let rest = value;
  for (let place = offset + width - 1; place >= offset; place--) {
    frame[place] = HEX[rest & 15]!;
    rest >>>= 4;
  }
}

function writeDecimal(frame: Uint8Array, offset: number, width: number, value: number): void {
  let rest = value;
  for (let place = offset + width - 1; place >= offset; place--) {
    const tenth = Math.floor(rest / 10);
    frame[place] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
}

/** CRC-32 of the protected values of a frame, before the padding's share. */
function sumOfValues(bytes: Uint8Array): number {
  let sum = crc32(bytes, AT.run, AT.run + 16, 0);
  sum = crc32(bytes, AT.stream, AT.stream + 8, sum);
  sum = crc32(bytes, AT.sequence, AT.sequence + 10, sum);
  return crc32(bytes, AT.trace, AT.trace + 1, sum);
}

/** Writes the messages of one run into one frame that is used again for each. */
export class MessageWriter {
  readonly #frame: Uint8Array;
  readonly #paddingSum: number;

  /** `payloadBytes` is the whole message, at least {@link MIN_PAYLOAD_BYTES}. */
  constructor(options: { runId: string; payloadBytes: number; trace: boolean }) {
    const { runId, payloadBytes, trace } = options;
    if (!/^[0-9a-f]{16}$/.test(runId)) throw new Error(`run id ${runId}: not 16 hexadecimal digits`);
    if (payloadBytes < MIN_PAYLOAD_BYTES) throw new Error(`payload of ${payloadBytes} bytes is too small`);
    this.#frame = new Uint8Array(payloadBytes).fill(0x2e);
    this.#frame.set(HEAD);
    this.#frame.set(encoder.encode(runId), AT.run);
    this.#frame[AT.trace] = ZERO + (trace ? 1 : 0);
    this.#frame.set([QUOTE, CLOSING_BRACE], payloadBytes - TAIL_BYTES);
    this.#paddingSum = crc32(this.#frame, HEAD_BYTES, payloadBytes - TAIL_BYTES, 0);
  }

  /** The message of a stream and sequence number, valid until the next call. */
  frame(stream: number, sequence: number): Uint8Array {
    const frame = this.#frame;
    writeHex(frame, AT.stream, 8, stream);
    writeDecimal(frame, AT.sequence, 10, sequence);
    writeHex(frame, AT.sum, 8, (sumOfValues(frame) ^ this.#paddingSum) >>> 0);
    return frame;
  }
}

/** What an arrival turned out to be. Everything but `message` is an unexpected arrival of that kind. */
export type ReadingKind = 'message' | 'undecodable' | 'gatewayError' | 'otherRun' | 'otherStream' | 'corrupt';

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

/** Reads arrivals. One reader per worker; its fields describe the last one read. */
export class MessageReader {
  /** Sequence number, when the reading was a message. */
  sequence = 0;
  /** Null unless the echo was traced and its stamps make sense. */
  hops: HopStamps | null = null;
  readonly #runId: string;
  readonly #runBytes: Uint8Array;
  readonly #payloadBytes: number;

  constructor(options: { runId: string; payloadBytes: number }) {
    this.#runId = options.runId;
    this.#runBytes = encoder.encode(options.runId);
    this.#payloadBytes = options.payloadBytes;
  }

  /** Reads one arrival on the given stream. */
  read(bytes: Uint8Array, stream: number): ReadingKind {
    this.hops = null;
    return this.#isLaidOut(bytes) ? this.#readByPosition(bytes, stream) : this.#readStrictly(bytes, stream);
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
    if (!isHex(bytes, AT.sum, 8, sumOfValues(bytes) ^ paddingSum)) return 'corrupt';
    for (let index = 0; index < 16; index++) {
      if (bytes[AT.run + index] !== this.#runBytes[index]) return 'otherRun';
    }
    if (!isHex(bytes, AT.stream, 8, stream)) return 'otherStream';
    this.sequence = readDecimal(bytes, AT.sequence, 10);
    if (bytes.length > this.#payloadBytes) return this.#readAppended(bytes);
    return 'message';
  }

  /** Keys that the service appended after the padding; only `hops` is looked at. */
  #readAppended(bytes: Uint8Array): ReadingKind {
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

/** Whether the digits there are exactly those that the writer writes for the value: what is parsed can look alike. */
function isHex(bytes: Uint8Array, offset: number, width: number, value: number): boolean {
  let rest = value;
  for (let place = offset + width - 1; place >= offset; place--) {
    if (bytes[place] !== HEX[rest & 15]) return false;
    rest >>>= 4;
  }
  return true;
}

function readDecimal(bytes: Uint8Array, offset: number, width: number): number {
  let value = 0;
  for (let index = offset; index < offset + width; index++) value = value * 10 + (bytes[index]! - ZERO);
  return value;
}

function hopStampsOf(value: unknown): HopStamps | null {
  if (typeof value !== 'object' || value === null) return null;
  const { arrivedMs, startedMs, postedMs, record, shard } = value as Record<string, unknown>;
  const stamped = [arrivedMs, startedMs, postedMs].every((time) => Number.isFinite(time));
  if (!stamped || !isText(record) || !/^\d+$/.test(record) || !isText(shard)) return null;
  return { arrivedMs, startedMs, postedMs, record, shard } as HopStamps;
}
