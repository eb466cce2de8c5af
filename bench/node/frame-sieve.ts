/**
 * Takes the common case out of a byte stream from a WebSocket server: final, unmasked text frames below 64 KiB that lie
 * whole in what was read are handed over where they lie, without a copy or an object. Everything else – control frames,
 * binary, fragments, long messages, what is cut by the end of a read, what is not valid at all – is passed on byte for
 * byte to a full implementation behind the sieve. No message may overtake another, so while that implementation has bytes
 * it has not looked at, or an open message, everything goes to it.
 */

const FINAL = 0x80;
const OPCODE = 0x0f;
const RESERVED = 0x70;
const MASKED = 0x80;
const CONTINUATION = 0x0;
const BINARY = 0x2;
const CLOSE = 0x8;
const PONG = 0xa;
const MAX_CONTROL_BYTES = 125;

/** More fragments than any server means well with. Past it the message is no longer followed. */
const MAX_FRAGMENTS = 1_000;

/** Final, text, no reserved bit. */
const WHOLE_TEXT = 0x81;

export interface SieveEvents {
  /** One complete text message: bytes[start, end), valid only during the call. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** Bytes that are not the sieve's to judge, in order with the messages. Valid only during the call. */
  rest(bytes: Uint8Array, start: number, end: number): void;
  /** Whether what was given to {@link rest} has not been looked at yet. */
  restWaits(): boolean;
}

export class FrameSieve {
  readonly #events: SieveEvents;
  readonly #tracker: FrameTracker;
  /** Whether all that came before has been dealt with, so that a message may be handed over. */
  #clear = false;

  /** `maxMessageBytes` is the bound of the implementation behind. */
  constructor(events: SieveEvents, maxMessageBytes: number) {
    this.#events = events;
    this.#tracker = new FrameTracker(maxMessageBytes);
  }

  /** Follows bytes that reached the implementation behind on another way, before the first {@link take}. */
  skip(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) at = this.#tracker.follow(bytes, at, to);
  }

  /** Sorts bytes[from, to), which follow on what was taken before. */
  take(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#clear || this.#nowClear()) at = this.#takeMessages(bytes, at, to);
      if (at < to) at = this.#pass(bytes, at, to);
    }
  }

  #nowClear(): boolean {
    this.#clear = this.#tracker.betweenMessages && !this.#events.restWaits();
    return this.#clear;
  }

  /** Hands over the messages from `from` on, and returns where the first other thing begins. */
  #takeMessages(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (to - at >= 2 && bytes[at] === WHOLE_TEXT) {
      let start = at + 2;
      let length = bytes[at + 1]!;
      if (length > 126) break;
      if (length === 126) {
        if (to - at < 4) break;
        length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        start = at + 4;
      }
      if (start + length > to) break;
      at = start + length;
      this.#events.message(bytes, start, at);
    }
    return at;
  }

  /** Passes on as much as belongs to other things, and returns where it ends. */
  #pass(bytes: Uint8Array, from: number, to: number): number {
    const tracker = this.#tracker;
    let at = tracker.follow(bytes, from, to);
    while (at < to && !tracker.betweenMessages) at = tracker.follow(bytes, at, to);
    this.#clear = false;
    this.#events.rest(bytes, from, at);
    return at;
  }
}

/**
 * Follows the frames that a WebSocket server sends (RFC 6455 section 5.2) without reading what is in them: where each ends, and
 * whether a message is still open behind it. It judges no frame. From the first one that it does not know for valid it knows no
 * boundary any more, and the rest is left to the implementation behind the sieve.
 */
class FrameTracker {
  readonly #maxMessageBytes: number;
  /** Bytes of the header that were seen; 0 between frames. */
  #headerSeen = 0;
  /** Length of the header, known from its second byte on. */
  #headerBytes = 2;
  #first = 0;
  /** Bytes of payload that are still to come. */
  #left = 0;
  /** Of the open message: fragments and bytes so far. */
  #fragments = 0;
  #messageBytes = 0;
  #lost = false;

  /** Messages above `maxMessageBytes` count as invalid. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether the byte that comes next is the first of a message. */
  get betweenMessages(): boolean {
    return !this.#lost && this.#headerSeen === 0 && this.#fragments === 0;
  }

  /** Follows bytes[from, to) up to the end of the frame that they begin or go on with. Returns where they are cut. */
  follow(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && !this.#lost && this.#headerSeen < this.#headerBytes) this.#header(bytes[at++]!);
    if (this.#lost) return to;
    if (this.#headerSeen < this.#headerBytes) return at;
    const step = Math.min(this.#left, to - at);
    this.#left -= step;
    if (this.#left === 0) this.#end();
    return at + step;
  }

  #header(byte: number): void {
    const position = this.#headerSeen++;
    if (position === 0) this.#first = byte;
    else if (position === 1) this.#second(byte);
    else this.#left = this.#left * 256 + byte;
    if (this.#headerSeen === this.#headerBytes) this.#complete();
  }

  #second(byte: number): void {
    const length = byte & ~MASKED;
    this.#headerBytes = length < 126 ? 2 : length === 126 ? 4 : 10;
    this.#left = length < 126 ? length : 0;
    if ((byte & MASKED) !== 0 || !this.#mayFollow(length)) this.#lost = true;
  }

  /** Whether a frame of this kind is valid here. A close frame is the last thing that is followed. */
  #mayFollow(length: number): boolean {
    const opcode = this.#first & OPCODE;
    if ((this.#first & RESERVED) !== 0) return false;
    if (opcode > CLOSE && opcode <= PONG) return (this.#first & FINAL) !== 0 && length <= MAX_CONTROL_BYTES;
    return opcode <= BINARY && (opcode === CONTINUATION) === this.#fragments > 0;
  }

  #complete(): void {
    if ((this.#first & OPCODE) > BINARY) return;
    this.#fragments++;
    this.#messageBytes += this.#left;
    if (this.#messageBytes > this.#maxMessageBytes || this.#fragments > MAX_FRAGMENTS) this.#lost = true;
  }

  #end(): void {
    this.#headerSeen = 0;
    this.#headerBytes = 2;
    if ((this.#first & OPCODE) > BINARY || (this.#first & FINAL) === 0) return;
    this.#fragments = 0;
    this.#messageBytes = 0;
  }
}
