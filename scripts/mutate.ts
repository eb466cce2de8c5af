/**
 * Mutation testing of the parts where numbers are made and judged: Stryker makes every small mistake that can be made
 * mechanically, one at a time, and the tests beside those parts must notice. It prints the mistakes that none noticed and the
 * score of each file, and fails where a part's score is below 85 %. Texts are left alone: the golden texts of the documents
 * cover what is read. scripts/mutation/survivors.md argues why the others may go unnoticed.
 *
 *   npm run mutate                      everything; takes an hour or so
 *   npm run mutate -- PATTERN…          the files whose path contains a pattern
 *   npm run mutate -- --changed         the lines that differ from main, or from the commit before where this is main;
 *                                       a few minutes at most: of a great change, as much as fits
 *   npm run mutate -- --since COMMIT    the same, of the lines that differ from a commit
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { changedLines, firstLines, measuredParts } from './mutation/measured.ts';
import { refuse, scriptArguments } from './script-arguments.ts';

/** Below it the command fails. */
const LEAST_SCORE = 85;

/** A changed line has a mutant or two, and a second has two to ten. */
const MOST_LINES = 250;

const UNNOTICED: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);

const { values, positionals } = scriptArguments(
  { changed: { type: 'boolean' }, since: { type: 'string' } },
  { positionals: true },
);
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const parts =
  values.changed || values.since !== undefined
    ? [changed(values.since ?? baseOf())]
    : measuredParts(positionals);
if (parts.flat().length === 0) console.log('nothing to test: no measured file is concerned');

const directory = mkdtempSync(path.join(tmpdir(), 'mutants-'));
process.env.TMPDIR = directory;
process.env.NODE_OPTIONS = '--import tsx';
try {
  for (const part of parts.filter(({ length }) => length > 0)) {
    const mutants = await new Stryker(optionsOf(part, directory)).runMutationTest();
    for (const mutant of mutants) if (UNNOTICED.has(mutant.status)) console.log(lineOf(mutant));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function optionsOf(mutate: string[], directory: string): PartialStrykerOptions {
  return {
    mutate,
    testRunner: 'node-test',
    plugins: ['./scripts/mutation/runner.ts'],
    coverageAnalysis: 'perTest',
    mutator: { excludedMutations: ['StringLiteral'], plugins: null },
    thresholds: { high: 95, low: 90, break: LEAST_SCORE },
    concurrency: 1,
    ignorePatterns: ['/reports/runs'],
    tempDirName: path.join(directory, 'sandbox'),
    reporters: process.stdout.isTTY ? ['progress', 'clear-text'] : ['clear-text'],
    clearTextReporter: { reportMutants: false, reportTests: false, allowColor: process.stdout.isTTY },
    logLevel: 'warn' as never,
    allowEmpty: true,
  } as PartialStrykerOptions;
}

/** What this commit is to be compared with. */
function baseOf(): string {
  const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();
  try {
    const main =
      ['origin/main', 'main'].find((name) => git('for-each-ref', `refs/*/${name}`) !== '') ?? 'HEAD';
    const base = git('merge-base', main, 'HEAD');
    return base === git('rev-parse', 'HEAD') ? git('rev-parse', 'HEAD~1') : base;
  } catch {
    refuse(['there is no commit to compare with; fetch the history, or name one after --since']);
    return '';
  }
}

function changed(base: string): string[] {
  const ranges = changedLines(base);
  const chosen = firstLines(ranges, MOST_LINES);
  if (chosen.length < ranges.length)
    console.log(`only the first ${MOST_LINES} changed lines or so, to be brief`);
  return chosen;
}

/** `file:line mutator: what was written → what went unnoticed in its place`. */
function lineOf({ fileName, location, mutatorName, replacement = '' }: MutantResult): string {
  const { start, end } = location;
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const text = lines.map((line, at) =>
    line.slice(at === 0 ? start.column - 1 : 0, at === lines.length - 1 ? end.column - 1 : undefined),
  );
  const brief = (words: string) => words.replace(/\s+/g, ' ').slice(0, 80);
  return `${path.relative('', fileName)}:${start.line} ${mutatorName}: ${brief(text.join(' '))} → ${brief(replacement)}`;
}
