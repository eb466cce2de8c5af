/**
 * CRC-32 as in ISO 3309 and gzip (reflected, polynomial 0xEDB88320), over a range of bytes in place. zlib has one, but
 * the core imports no part of Node; the test holds this one against it.
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** CRC-32 of bytes[from, to), continuing from the CRC of what came before (0 at the start). Unsigned. */
export function crc32(bytes: Uint8Array, from: number, to: number, before: number): number {
  let remainder = ~before;
  for (let index = from; index < to; index++) {
    remainder = TABLE[(remainder ^ bytes[index]!) & 0xff]! ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}
