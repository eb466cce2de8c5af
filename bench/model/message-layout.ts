/**
 * Where everything is in a message, as bytes: the fields and their places, digits, the integrity check, and the prepared
 * frame that is patched to send and held against what arrives. What the fields mean is `message.ts`'s matter.
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

export const LAYOUT = layOut();
export const HEAD = LAYOUT.head;
export const HEAD_BYTES = HEAD.length;
export const AT = LAYOUT.at;

/** Closing `"}`. */
export const TAIL_BYTES = 2;

/** The smallest message, one without padding. */
export const MIN_PAYLOAD_BYTES = HEAD_BYTES + TAIL_BYTES;

export const ZERO = 0x30;
export const QUOTE = 0x22;
export const CLOSING_BRACE = 0x7d;
const HEX = encoder.encode('0123456789abcdef');

export function writeHex(frame: Uint8Array, offset: number, width: number, value: number): void {
  let rest = value;
  for (let place = offset + width - 1; place >= offset; place--) {
    frame[place] = HEX[rest & 15]!;
    rest >>>= 4;
  }
}

export function writeDecimal(frame: Uint8Array, offset: number, width: number, value: number): void {
  let rest = value;
  for (let place = offset + width - 1; place >= offset; place--) {
    const tenth = Math.floor(rest / 10);
    frame[place] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
}

/** CRC-32 of the protected values of the message at `start`, before the padding's share. */
export function sumOfValues(bytes: Uint8Array, start: number): number {
  return sumAfterRun(bytes, start, crc32(bytes, start + AT.run, start + AT.run + 16, 0));
}

/** The same from the CRC-32 of the run on, which is that of all messages of a run. */
export function sumAfterRun(bytes: Uint8Array, start: number, runSum: number): number {
  let sum = crc32(bytes, start + AT.stream, start + AT.stream + 8, runSum);
  sum = crc32(bytes, start + AT.sequence, start + AT.sequence + 10, sum);
  return crc32(bytes, start + AT.trace, start + AT.trace + 1, sum);
}

/** A message of the run with zeros for what differs between messages. */
export class PreparedFrame {
  readonly bytes: Uint8Array;
  readonly runSum: number;
  readonly paddingSum: number;

  constructor(runId: string, payloadBytes: number) {
    this.bytes = new Uint8Array(payloadBytes).fill(0x2e);
    this.bytes.set(HEAD);
    this.bytes.set(encoder.encode(runId), AT.run);
    this.bytes.set([QUOTE, CLOSING_BRACE], payloadBytes - TAIL_BYTES);
    this.runSum = crc32(this.bytes, AT.run, AT.run + 16, 0);
    this.paddingSum = crc32(this.bytes, HEAD_BYTES, payloadBytes - TAIL_BYTES, 0);
  }
}

/** Whether the digits there are exactly those that the writer writes for the value: what is parsed can look alike. */
export function isHex(bytes: Uint8Array, offset: number, width: number, value: number): boolean {
  let rest = value;
  for (let place = offset + width - 1; place >= offset; place--) {
    if (bytes[place] !== HEX[rest & 15]) return false;
    rest >>>= 4;
  }
  return true;
}

export function readDecimal(bytes: Uint8Array, offset: number, width: number): number {
  let value = 0;
  for (let index = offset; index < offset + width; index++) value = value * 10 + (bytes[index]! - ZERO);
  return value;
}

/** Bytes of a word, as echoes are compared. */
const WORD = 4;

/**
 * A prepared frame to hold arrivals against: words of the frame, and for each the bits that are the same in all messages
 * of the run. What is left over at the end, less than a word, is compared on its own.
 */
export class EchoPattern {
  readonly prepared: PreparedFrame;
  readonly #words: Int32Array;
  readonly #masks: Int32Array;
  /** Words of the head have masks; the padding is compared whole. */
  readonly #headWords = Math.ceil(HEAD_BYTES / WORD);
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

  constructor(runId: string, payloadBytes: number) {
    this.prepared = new PreparedFrame(runId, payloadBytes);
    const masks = new Uint8Array(payloadBytes).fill(0xff);
    for (const { name, width } of FIELDS) if (name !== 'run') masks.fill(0, AT[name], AT[name] + width);
    this.#words = wordsOf(this.prepared.bytes);
    this.#masks = wordsOf(masks);
  }

  /** Whether the message at `start`, its last two bytes excepted, is the pattern's but for the values. */
  fits(bytes: Uint8Array, start: number): boolean {
    // A view of what was read is made once: the connections of a thread read into one buffer.
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer);
    const view = this.#view;
    const words = this.#words;
    const masks = this.#masks;
    const offset = bytes.byteOffset + start;
    const headWords = Math.min(this.#headWords, words.length);
    for (let index = 0; index < headWords; index++) {
      if (((view.getInt32(offset + index * WORD, true) ^ words[index]!) & masks[index]!) !== 0) return false;
    }
    for (let index = headWords; index < words.length; index++) {
      if (view.getInt32(offset + index * WORD, true) !== words[index]!) return false;
    }
    return this.#restFits(bytes, start);
  }

  #restFits(bytes: Uint8Array, start: number): boolean {
    const prepared = this.prepared.bytes;
    for (let index = this.#words.length * WORD; index < prepared.length - TAIL_BYTES; index++) {
      if (bytes[start + index] !== prepared[index]) return false;
    }
    return true;
  }
}

/** The whole words of a message without its tail, the first byte lowest. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer);
  const count = Math.floor((bytes.length - TAIL_BYTES) / WORD);
  return Int32Array.from({ length: count }, (_, index) => view.getInt32(index * WORD, true));
}
