/** Which tests can notice a mutant: those beside the measured parts that import its file, directly or through others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where tests of the measured parts are, as the start of a path. */
const PLACES = [
  'bench/model/',
  'bench/measure/',
  'bench/judge/',
  'reports/statistics/',
  'reports/compare/',
  'reports/history/',
  'stack/aws/',
];

/** Their tests start processes or browsers, or take minutes. */
const LEFT_OUT = /\.(browser|proof|cli|e2e)\.test\.ts$/;

/** Files of tests, under the current directory, that reach one of the files. */
export function testsThatReach(files: readonly string[]): string[] {
  const wanted = new Set(files.map((file) => path.resolve(file)));
  const reached = new Map<string, boolean>();
  const reaches = (file: string): boolean => {
    if (wanted.has(file)) return true;
    const known = reached.get(file);
    if (known !== undefined) return known;
    reached.set(file, false);
    const found = importsOf(file).some(reaches);
    reached.set(file, found);
    return found;
  };
  return allTests().filter((file) => reaches(path.resolve(file)));
}

function allTests(): string[] {
  return PLACES.flatMap((place) =>
    readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.test(file))
      .map((file) => path.join(place, file)),
  ).sort();
}

/** Files that a file imports by their relative path, without those of which it wants types only. */
function importsOf(file: string): string[] {
  const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...source.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)';/gms)].map(([, place]) =>
    path.resolve(path.dirname(file), place!),
  );
}
