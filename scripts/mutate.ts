/**
 * Mutation testing of the parts where numbers are made and judged: Stryker makes every small mistake that can be made
 * mechanically, one at a time, and the tests beside those parts must notice. Prints the mistakes that no test noticed and the
 * score of each part, and fails where one is below 85 %. Not counted are texts of several words: the golden texts of the
 * documents hold what people read. scripts/mutation/survivors.md argues why some mistakes may go unnoticed.
 *
 *   npm run mutate                   everything, and writes scripts/mutation/scores.md and survivors.txt; takes an hour or two.
 *                                    What was found is kept file by file until the file or its tests change, so after an
 *                                    interruption or a change the same command goes on where it has to
 *   npm run mutate -- --kept         only writes what is kept, when there is no time for the rest
 *   npm run mutate -- PATTERN…       the files whose path contains a pattern; writes nothing
 *   npm run mutate -- --changed      the lines that differ from main, or from the commit before where this is main; a few
 *                                    minutes at most: of a large change a sample, which --seed N draws again
 *   npm run mutate -- --since COMMIT the same, of the lines that differ from a commit
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { seededRandom } from '../bench/measure/random.ts';
import { keepMutants, keptMutants, keyOf } from './mutation/kept.ts';
import {
  batchesOf,
  changedLines,
  fileOf,
  linesOf,
  measuredParts,
  sampledLines,
} from './mutation/measured.ts';
import { countedMutants, type Mutant, scoreOf, scoreTable, survivorLines } from './mutation/scores.ts';
import { refuse, scriptArguments, wholeOf } from './script-arguments.ts';

/** Below it the command fails. */
const LEAST_SCORE = 85;

/** A changed line has a mutant or two, and a second has two to ten. */
const MOST_LINES = 250;
const MOST_MINUTES = 5;

/** Of fewer a single one that does the same would decide; they are listed for the reader to judge. */
const FEW_MUTANTS = 20;

const { values, positionals } = scriptArguments(
  {
    changed: { type: 'boolean' },
    since: { type: 'string' },
    seed: { type: 'string' },
    kept: { type: 'boolean' },
  },
  { positionals: true },
);
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const directory = mkdtempSync(path.join(tmpdir(), 'mutants-'));
process.env.TMPDIR = directory;
process.env.NODE_OPTIONS = '--import tsx';
// Trials by the hundred take too long for every mutant; exact tests have to notice it.
process.env.COVERAGE_TRIALS ??= '0';
try {
  if (values.changed || values.since !== undefined) await testChange(values.since ?? baseOf());
  else await testParts();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Whole files, those of which nothing is kept. */
async function testParts(): Promise<void> {
  const parts = measuredParts(positionals);
  const missing = values.kept
    ? []
    : parts.flatMap(({ files }) => batchesOf(files.filter((file) => keptMutants(file) === null)));
  for (const [at, batch] of missing.entries()) {
    console.log(`${at + 1} of ${missing.length}: ${batch.join(' ')}`);
    const keys = new Map(batch.map((file) => [file, keyOf(file)]));
    for (const [file, mutants] of await mutantsOf(batch)) keepMutants(file, keys.get(file)!, mutants);
  }
  const found = parts.map(({ name, files }) => ({
    name,
    files: files.flatMap((file) => {
      const mutants = keptMutants(file);
      return mutants === null ? [] : [{ file, mutants }];
    }),
    unmeasured: files.filter((file) => keptMutants(file) === null),
  }));
  const survivors = found.flatMap(({ files }) => files.flatMap(survivorLines));
  const table = scoreTable(found);
  console.log([...survivors, '', table].join('\n'));
  if (positionals.length === 0) write(table, survivors);
  for (const { name, files } of found.filter((part) => part.files.length > 0))
    judge(
      name,
      files.flatMap(({ mutants }) => mutants),
    );
}

function write(table: string, survivors: readonly string[]): void {
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(
    'scripts/mutation/scores.md',
    `# Mutation scores\n\nMade by \`npm run mutate\` at commit ${git('rev-parse', '--short', 'HEAD')}, ${day}. survivors.txt lists what no test noticed, and survivors.md argues why that may be.\n\n${table}\n`,
  );
  writeFileSync('scripts/mutation/survivors.txt', `${survivors.join('\n')}\n`);
}

/** Changed lines, as many as fit. */
async function testChange(base: string): Promise<void> {
  const seed = wholeOf(
    'seed',
    values.seed ?? `${Number.parseInt(git('rev-parse', 'HEAD').slice(0, 7), 16)}`,
    0,
  );
  const ranges = changedLines(base);
  const chosen = sampledLines(ranges, MOST_LINES, seededRandom(seed));
  const batches = batchesOf(chosen);
  const untilMs = performance.now() + MOST_MINUTES * 60_000;
  const mutants: Mutant[] = [];
  let tested = 0;
  for (; tested < batches.length && performance.now() < untilMs; tested++)
    for (const [file, found] of await mutantsOf(batches[tested]!)) {
      mutants.push(...found);
      for (const line of survivorLines({ file, mutants: found })) console.log(line);
    }
  const lines = linesOf(batches.slice(0, tested).flat());
  console.log(
    `${lines} of ${linesOf(ranges)} changed lines in measured files (seed ${seed}): ${mutants.length} mutants`,
  );
  if (mutants.length >= FEW_MUTANTS) judge('of what changed', mutants);
}

/** The mutants of files or of ranges of their lines, by file. */
async function mutantsOf(ranges: readonly string[]): Promise<Map<string, Mutant[]>> {
  const results = await new Stryker(optionsOf(ranges)).runMutationTest();
  const files = [...new Set(ranges.map(fileOf))];
  return new Map(
    files.map((file) => [
      file,
      countedMutants(
        results.filter(({ fileName }) => path.relative('', fileName) === file),
        readFileSync(file, 'utf8'),
      ),
    ]),
  );
}

function optionsOf(ranges: readonly string[]): PartialStrykerOptions {
  return {
    mutate: [...ranges],
    testRunner: 'node-test',
    plugins: ['./scripts/mutation/runner.ts'],
    coverageAnalysis: 'perTest',
    mutator: { excludedMutations: [], plugins: null },
    concurrency: 1,
    // A loaded machine is no endless loop, and those are found by counting.
    timeoutMS: 30_000,
    ignorePatterns: ['/reports/runs'],
    tempDirName: path.join(directory, 'sandbox'),
    reporters: [process.stdout.isTTY ? 'progress' : 'dots'],
    logLevel: 'warn' as never,
    allowEmpty: true,
  } as PartialStrykerOptions;
}

function judge(name: string, mutants: readonly Mutant[]): void {
  const score = scoreOf(mutants);
  console.log(`${score.toFixed(1)} % of ${mutants.length} mutants ${name} noticed`);
  if (score < LEAST_SCORE) process.exitCode = 1;
}

function git(...words: string[]): string {
  return execFileSync('git', words, { encoding: 'utf8' }).trim();
}

/** What this commit is to be compared with. */
function baseOf(): string {
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
