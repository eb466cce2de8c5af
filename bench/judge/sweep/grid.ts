/**
 * The grid of a sweep: every combination of the varied settings, each with a name that is the same on every machine and in
 * every order, so that a directory can be found again.
 */
import { crc32 } from '../../model/crc32.ts';
import type { Variation } from '../../model/sweep.ts';

/** A combination of settings. */
export interface GridCell {
  readonly id: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** More cells than anybody looks at, and days of runs: a grid above it is a mistake, or several sweeps. */
export const MAX_CELLS = 500;

/** Names of directories must stay below 255 bytes on every common file system; longer ones end in a checksum. */
const MAX_ID_LENGTH = 100;

/** How many cells the variations make. */
export function gridSize(vary: readonly Variation[]): number {
  return vary.reduce((product, { values }) => product * values.length, 1);
}

/** Every combination, the last variation changing fastest. */
export function cellsOf(vary: readonly Variation[]): GridCell[] {
  const combinations = vary.reduce<Record<string, string>[]>(
    (cells, { name, values }) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
  return combinations.map((settings) => ({ id: cellId(settings), settings }));
}

/** `ShardCount-2_BatchSize-100`: what a shell and every file system take as it is. */
export function cellId(settings: Readonly<Record<string, string>>): string {
  const plain = Object.entries(settings).map(([name, value]) => `${name}-${value}`);
  const id = plain.map((part) => part.replaceAll(/[^\w.-]/g, '-')).join('_');
  const isFaithful = plain.join('_') === id && id.length <= MAX_ID_LENGTH && !id.startsWith('.');
  if (isFaithful) return id === '' ? 'all' : id;
  const bytes = new TextEncoder().encode(JSON.stringify(settings));
  const sum = crc32(bytes, 0, bytes.length, 0).toString(16).padStart(8, '0');
  return `${id.slice(0, MAX_ID_LENGTH - 9).replace(/^\.+/, '')}-${sum}`;
}
