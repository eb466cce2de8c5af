/** What mutation testing found in a file, kept until the file or a test that reaches it changes. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Mutant } from './scores.ts';
import { testsThatReach } from './tests.ts';

const KEPT = 'node_modules/.cache/mutation';

/** The mutants of a file as they were found last; null when it, or a test that reaches it, is another one by now. */
export function keptMutants(file: string): Mutant[] | null {
  const at = keptAt(file);
  if (!existsSync(at)) return null;
  const { key, mutants } = JSON.parse(readFileSync(at, 'utf8'));
  return key === keyOf(file) ? mutants : null;
}

/** Keeps them under the key that the file and its tests had when they were read. */
export function keepMutants(file: string, key: string, mutants: readonly Mutant[]): void {
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(keptAt(file), JSON.stringify({ key, mutants }));
}

const keptAt = (file: string) => path.join(KEPT, `${file.replaceAll('/', '+')}.json`);

/** Another one as soon as the file, or a test that reaches it, is. */
export function keyOf(file: string): string {
  const hash = createHash('sha256');
  for (const one of [file, ...testsThatReach([file])]) hash.update(readFileSync(one));
  return hash.digest('hex');
}
