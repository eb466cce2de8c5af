/**
 * `bench compare`: runs, or sets of repeats, held against a base with intervals and verdicts; and `--self-check`, which tries the
 * comparison on repeats of one setting. It reads results and writes a report; it measures nothing.
 */
import path from 'node:path';
import { assertNone, attempted } from '../model/failure.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { printJson, printStyled } from '../node/terminal.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { type COMPARE_FLAGS, type CompareSettings, compareSettings } from './compare-options.ts';
import { EXIT } from './exit.ts';
import type { Given } from './flags.ts';

/** Random splits of a self-check. */
export const SELF_CHECK_SPLITS = 200;

/** What of a comparison the command itself looks at. */
export interface Compared {
  readonly contests: readonly { readonly verdict: string }[];
}

/** What the command needs of the reports, given by the composition root. */
export interface CompareReporting<Result extends Compared, Side, Check> {
  readSide(directory: string): Side;
  countRuns(side: Side): number;
  compare(base: Side, candidates: readonly Side[], settings: CompareSettings): Result;
  /** Whether figures of invalid or partial runs went in. */
  isDoubtful(comparison: Result): boolean;
  write(directory: string, comparison: Result): Promise<unknown>;
  readonly summary: SummaryOf<Result>;
  selfCheck(side: Side, settings: CompareSettings & { readonly splits: number }): Check;
  selfCheckLines(check: Check): string[];
}

/** Compares and answers the exit code: 3 where `--fail-on worse` found something, 4 where it would have judged invalid runs. */
export async function compareCommand<Result extends Compared, Side, Check>(
  given: Given<typeof COMPARE_FLAGS>,
  reporting: CompareReporting<Result, Side, Check>,
): Promise<number> {
  const settings = compareSettings(given);
  const { selfCheck, failOn, out, json } = settings;
  const sides = given.words;
  if (selfCheck !== null) return checkItself(selfCheck, settings, json, reporting);
  const read = readSides(sides, reporting.readSide);
  if (failOn !== null && !settings.allowSingleRuns) refuseSingles(sides, read.map(reporting.countRuns));
  const [base, ...candidates] = read;
  const comparison = reporting.compare(base!, candidates, settings);
  const id = runIdOf('compare', Date.now());
  const directory = new RunDirectory(out ?? path.join(PACKAGE_ROOT, 'reports', 'runs', id));
  await directory.write((place) => reporting.write(place, comparison));
  const code = failOn !== null ? codeOf(comparison, reporting.isDoubtful(comparison)) : EXIT.ok;
  sayClosing(settings, comparison, directory, reporting.summary, code);
  return code;
}

function codeOf({ contests }: Compared, isDoubtful: boolean): number {
  if (isDoubtful) return EXIT.invalid;
  return contests.some(({ verdict }) => verdict === 'worse') ? EXIT.threshold : EXIT.ok;
}

/** A gate must not act on what differs from run to run of one setting, which one run on a side can't show. */
function refuseSingles(directories: readonly string[], counts: readonly number[]): void {
  const problems = directories
    .filter((_, at) => counts[at] === 1)
    .map(
      (directory) =>
        `fail-on: ${directory} is one run, and runs of one setting differ from each other too: give two repeats or more of each side, or accept that with --allow-single-runs`,
    );
  assertNone(problems);
}

/** Reads all of them, so that everything that is wrong is said at once. */
function readSides<Side>(directories: readonly string[], readSide: (directory: string) => Side): Side[] {
  const problems: string[] = [];
  const sides = directories.map((directory) => attempted(() => readSide(directory), problems));
  assertNone(problems);
  return sides as Side[];
}

function checkItself<Result extends Compared, Side, Check>(
  directory: string,
  settings: CompareSettings,
  json: boolean,
  reporting: CompareReporting<Result, Side, Check>,
): number {
  const check = reporting.selfCheck(reporting.readSide(directory), {
    ...settings,
    splits: SELF_CHECK_SPLITS,
  });
  if (json) printJson(check);
  else printStyled(reporting.selfCheckLines(check));
  return EXIT.ok;
}
