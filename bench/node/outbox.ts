/**
 * Where the messages of one thread become frames. Header and payload are written side by side into one buffer that all
 * connections use in turn, and messages that follow each other on one connection leave in one write: at the latest when
 * another connection's turn comes, when the task that sent them ends, or when {@link MAX_HELD_BYTES} have gathered.
 *
 * The buffer may be written again as soon as the operating system has taken what was in it, which on a connection
 * without a backlog is before `write` returns. What the system did not take stays where it is until it does.
 *
 * Payloads are masked with keys that can't be foreseen, so that whoever chooses a payload does not choose the bytes that a proxy
 * sees (RFC 6455 section 5.3). Where the plan says that nobody but the one who runs it chooses payloads, the key is zero, which
 * every server takes and which leaves the payload as it is.
 */
import { randomFillSync } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Masking } from '../model/plan.ts';

/** Final text frame. */
const WHOLE_TEXT = 0x81;
const MASKED = 0x80;
const MASK_BYTES = 4;
const MAX_HEADER_BYTES = 14;

/** Of keys that are drawn at once. One call takes a few microseconds whatever it fills: this is a hundredth of one per message. */
const KEYS_BYTES = 8 * 1024;

const BUFFER_BYTES = 64 * 1024;

/**
 * Held bytes leave at this size. A message that waits for others is late by what these take to be made, about a
 * microsecond each, and beyond some 16 messages a write costs little more than its bytes.
 */
export const MAX_HELD_BYTES = 4 * 1024;

export class Outbox {
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #mask: Mask | null;
  /** Below it are bytes that a socket still holds. */
  #floor = 0;
  #end = 0;
  #socket: Socket | null = null;
  /** The part of the buffer that was written last: with messages of one size it is always the same. */
  #view = this.#buffer.subarray(0, 0);
  #viewFrom = 0;
  #scheduled = false;
  /** Whether somebody has promised to call {@link flush} before the task ends. */
  #attended = false;
  readonly #onTaskEnd = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(masking: Masking) {
    this.#mask = masking === 'zero' ? null : new Mask();
  }

  /** Bytes held for the socket. */
  heldBytes(socket: Socket): number {
    return this.#socket === socket ? this.#end - this.#floor : 0;
  }

  /** Promises to flush before the task ends; until then nothing is scheduled to do it. */
  attend(): void {
    this.#attended = true;
  }

  /** Keeps the promise. */
  leave(): void {
    this.#attended = false;
    if (this.#socket !== null) this.flush();
  }

  /** Frames one text message for the socket. The payload may be reused after the call. */
  send(socket: Socket, payload: Uint8Array): void {
    if (this.#socket !== socket) {
      if (this.#socket !== null) this.flush();
      this.#socket = socket;
    }
    const length = payload.length;
    if (this.#end + length + MAX_HEADER_BYTES > this.#buffer.length) this.#makeRoom(length);
    const start = this.#writeHeader(this.#end, length);
    this.#buffer.set(payload, start);
    this.#end = start + length;
    this.#mask?.apply(this.#buffer, start, this.#end);
    if (this.#end - this.#floor >= MAX_HELD_BYTES) this.flush();
    else if (!this.#attended && !this.#scheduled) this.#schedule();
  }

  /** Writes what is held. */
  flush(): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    const view = this.#held();
    if (socket.writable) socket.write(view);
    if (socket.writableLength > 0) this.#floor = this.#end;
    else this.#end = this.#floor;
  }

  #schedule(): void {
    this.#scheduled = true;
    queueMicrotask(this.#onTaskEnd);
  }

  #held(): Buffer {
    const length = this.#end - this.#floor;
    if (this.#view.length !== length || this.#viewFrom !== this.#floor) {
      this.#view = this.#buffer.subarray(this.#floor, this.#end);
      this.#viewFrom = this.#floor;
    }
    return this.#view;
  }

  /** Leaves the buffer to the sockets that hold parts of it. */
  #makeRoom(payloadBytes: number): void {
    const socket = this.#socket;
    this.flush();
    this.#socket = socket;
    const needed = payloadBytes + MAX_HEADER_BYTES;
    if (this.#end + needed <= this.#buffer.length) return;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, needed));
    this.#view = this.#buffer.subarray(0, 0);
    this.#viewFrom = 0;
    this.#floor = 0;
    this.#end = 0;
  }

  /** Writes a header with the key zero, and returns where the payload begins. */
  #writeHeader(from: number, length: number): number {
    const buffer = this.#buffer;
    let at = from;
    buffer[at++] = WHOLE_TEXT;
    if (length < 126) {
      buffer[at++] = MASKED | length;
    } else if (length < 65_536) {
      buffer[at++] = MASKED | 126;
      buffer[at++] = length >>> 8;
      buffer[at++] = length & 0xff;
    } else {
      buffer[at++] = MASKED | 127;
      buffer.writeBigUInt64BE(BigInt(length), at);
      at += 8;
    }
    for (let zeros = 0; zeros < MASK_BYTES; zeros++) buffer[at++] = 0;
    return at;
  }
}

/** Masks frames, each with a random key of its own (RFC 6455 section 5.3). Allocates nothing per frame. */
class Mask {
  readonly #keys = Buffer.allocUnsafeSlow(KEYS_BYTES);
  #nextKey = KEYS_BYTES;
  /** The key turned so that it begins where an aligned word of the buffer does, as bytes and as one word. */
  readonly #turned = new Uint8Array(MASK_BYTES);
  readonly #word = new Int32Array(this.#turned.buffer);
  #buffer: Buffer | null = null;
  #words: Int32Array = new Int32Array(0);

  /** Masks buffer[from, to), and writes the key in front of it. The buffer has an ArrayBuffer of its own. */
  apply(buffer: Buffer, from: number, to: number): void {
    const keys = this.#keys;
    const key = this.#drawn();
    for (let byte = 0; byte < MASK_BYTES; byte++) buffer[from - MASK_BYTES + byte] = keys[key + byte]!;
    let at = from;
    for (; at < to && at % MASK_BYTES !== 0; at++) buffer[at]! ^= keys[key + at - from]!;
    for (let byte = 0; byte < MASK_BYTES; byte++) this.#turned[byte] = keys[key + ((at - from + byte) & 3)]!;
    const word = this.#word[0]!;
    const words = this.#wordsOf(buffer);
    for (; at + MASK_BYTES <= to; at += MASK_BYTES) words[at >>> 2]! ^= word;
    for (; at < to; at++) buffer[at]! ^= keys[key + ((at - from) & 3)]!;
  }

  /** Returns where in {@link #keys} a key is that was not used. */
  #drawn(): number {
    if (this.#nextKey === KEYS_BYTES) {
      randomFillSync(this.#keys);
      this.#nextKey = 0;
    }
    this.#nextKey += MASK_BYTES;
    return this.#nextKey - MASK_BYTES;
  }

  #wordsOf(buffer: Buffer): Int32Array {
    if (this.#buffer !== buffer) {
      this.#buffer = buffer;
      this.#words = new Int32Array(buffer.buffer, 0, buffer.length >>> 2);
    }
    return this.#words;
  }
}
