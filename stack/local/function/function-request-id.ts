/** Request ids in the form Lambda gives them: a version 4 UUID. From the given chance, so a seed repeats them. */
import type { Random } from '../../../bench/ports.ts';

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
