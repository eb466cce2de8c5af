/**
 * Follows the frames that a WebSocket server sends (RFC 6455 section 5.2) without reading what is in them: where each
 * ends, and whether a message is still open behind it. It judges no frame. What it does not know for valid it calls
 * lost, and from there on it knows no boundary any more; whoever asked leaves the rest to a full implementation.
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

export class FrameTracker {
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

  /** Follows bytes[from, to) up to the end of the frame that they begin or go on with. Answers where they are cut. */
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
    const place = this.#headerSeen++;
    if (place === 0) this.#first = byte;
    else if (place === 1) this.#second(byte);
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
