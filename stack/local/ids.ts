/**
 * Makes ids in AWS's forms. API Gateway's of connections, messages and requests are 11 bytes in base64, which is 16
 * characters ending in `=` (seen in public logs, such as `L0SM9cOFvHcCIhw=`).
 */
import type { Random } from '../../bench/ports.ts';

const BYTES = 11;
const WORD_BYTES = 4;

export function awsIds(random: Random): () => string {
  const bytes = Buffer.alloc(BYTES + 1);
  return () => {
    for (let offset = 0; offset < bytes.length; offset += WORD_BYTES) {
      bytes.writeUInt32BE(Math.floor(random.next() * 0x1_0000_0000), offset);
    }
    return `${bytes.toString('base64url', 0, BYTES)}=`;
  };
}

// Request ids in the form Lambda gives them: a version 4 UUID. From the given chance, so a seed repeats them.

function hexDigits(random: Random, count: number): string {
  return Math.floor(random.next() * 16 ** count)
    .toString(16)
    .padStart(count, '0');
}

/** A new id, such as `3f2c9c1e-0b7a-4d55-9a31-5f0e4c6b8d21`. */
export function requestId(random: Random): string {
  const variant = (8 + Math.floor(random.next() * 4)).toString(16);
  return [
    hexDigits(random, 8),
    hexDigits(random, 4),
    `4${hexDigits(random, 3)}`,
    `${variant}${hexDigits(random, 3)}`,
    hexDigits(random, 6) + hexDigits(random, 6),
  ].join('-');
}
