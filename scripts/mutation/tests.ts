/**
 * Which tests can notice a mutant: those of the same part that import its file, directly or through others. A part's own tests
 * have to notice its mistakes; what only a test somewhere else would notice, nobody finds while working on the part.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Tests by the start of a measured file's path; what is measured is judged, and so is tested by judging. */
const TESTS: readonly (readonly [start: string, tests: RegExp])[] = [
  ['bench/', /^bench\/(measure|judge)\//],
  ['reports/statistics/', /^reports\/statistics\//],
  ['reports/compare/', /^reports\/compare\//],
  // The trials of whole histories take seconds, for every mutant.
  ['reports/history/', /^reports\/history\/(?!(history|find)\.test)/],
  ['stack/aws/', /^stack\/aws\/(.*-)?(cost|prices)\.test/],
];

/** Their tests start processes or browsers, or take minutes. */
const LEFT_OUT = /\.(browser|proof|run|cli|e2e)\.test\.ts$/;

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
  return testsBeside(files).filter((file) => reaches(path.resolve(file)));
}

function testsBeside(files: readonly string[]): string[] {
  const concerned = TESTS.filter(([start]) =>
    files.some((file) => path.relative('', file).startsWith(start)),
  );
  return ['bench', 'reports', 'stack']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.test(file))
    .filter((file) => concerned.some(([, tests]) => tests.test(file)))
    .sort();
}

/** Files that a file imports by their relative path, without those of which it wants types only. */
function importsOf(file: string): string[] {
  const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...source.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)';/gms)].map(([, place]) =>
    path.resolve(path.dirname(file), place!),
  );
}
