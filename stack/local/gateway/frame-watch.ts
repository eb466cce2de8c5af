/**
 * Sees the size of every WebSocket frame a client sends. API Gateway limits frames (32 KB) as well as messages
 * (128 KB), and ws reports messages only. So the bytes of the socket are walked here, header by header (RFC 6455 section
 * 5.2), before ws reads them; payloads are stepped over, never looked at, so a frame costs a few additions.
 */

/** Longest header before the payload: 2 bytes, 8 of extended length, 4 of mask. */
const HEADER_LIMIT_BYTES = 14;
const MASK_BYTES = 4;

export class FrameWatch {
  readonly #oversized: () => void;
  readonly #limitBytes: number;
  readonly #header = Buffer.alloc(HEADER_LIMIT_BYTES);
  #headerBytes = 0;
  #payloadBytesLeft = 0;

  /** Calls `oversized` for each frame whose payload is longer than the limit, as soon as its header is complete. */
  constructor(limitBytes: number, oversized: () => void) {
    this.#limitBytes = limitBytes;
    this.#oversized = oversized;
  }

  /** Takes the next bytes of the stream, however they are cut. */
  read(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#payloadBytesLeft > 0) {
        const step = Math.min(this.#payloadBytesLeft, chunk.length - offset);
        this.#payloadBytesLeft -= step;
        offset += step;
      } else {
        this.#header[this.#headerBytes++] = chunk[offset++]!;
        if (this.#headerBytes >= this.#headerLength()) this.#endHeader();
      }
    }
  }

  #headerLength(): number {
    if (this.#headerBytes < 2) return 2;
    const isMasked = (this.#header[1]! & 0x80) !== 0;
    return 2 + this.#extendedLengthBytes() + (isMasked ? MASK_BYTES : 0);
  }

  #extendedLengthBytes(): 0 | 2 | 8 {
    const length = this.#header[1]! & 0x7f;
    if (length < 126) return 0;
    return length === 126 ? 2 : 8;
  }

  #endHeader(): void {
    const extended = this.#extendedLengthBytes();
    let length = this.#header[1]! & 0x7f;
    if (extended === 2) length = this.#header.readUInt16BE(2);
    if (extended === 8) length = this.#header.readUInt32BE(2) * 0x1_0000_0000 + this.#header.readUInt32BE(6);
    this.#headerBytes = 0;
    this.#payloadBytesLeft = length;
    if (length > this.#limitBytes) this.#oversized();
  }
}
