/**
 * `bench history`: the runs below a directory as trends with change points, and exit code 3 when a regression reaches the
 * newest. It reads results and writes a report; it measures nothing.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { assertNone, ConfigurationError } from '../model/failure.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { EXIT } from './exit.ts';
import { flagOr, type Given, list, output, shareFrom, toggle, type Values, wholeFrom } from './flags.ts';

/** Where every command writes what it measured, unless told otherwise. */
const RUNS = path.join(PACKAGE_ROOT, 'reports', 'runs');

/** What of a history the command itself looks at. */
interface Judged {
  readonly verdict: string;
}

/** What the command needs of the reports, given by the composition root. */
export interface HistoryReporting<Result extends Judged> {
  read(directory: string, flags: Values<typeof HISTORY_FLAGS>): Result;
  write(directory: string, history: Result): Promise<unknown>;
  readonly summary: SummaryOf<Result>;
}

/** A change below a thousandth is noise to anyone; above ten times, no test is needed. */
const EFFECT = shareFrom(0.001, 10);

/** The tests take the square of the entries: twelve metrics of a thousand are half a minute. */
const MAX_LAST = 1_000;

/** By default enough entries of a group for most of a year of daily runs, tested in seconds. */
export const HISTORY_FLAGS = {
  smallestEffect: flagOr('5%', EFFECT, 'smallest change that matters'),
  metric: list('only this metric, or those that begin so: latency.response'),
  last: flagOr('200', wholeFrom(1, MAX_LAST), 'only the newest entries of each group'),
  fail: toggle('exit code 3 when a regression reaches the newest runs; --no-fail to only look', true),
  seed: flagOr('1', wholeFrom(0, 999_999_999_999_999), 'seed of the permutation tests'),
  ...output(
    'history.json',
    'directory (default reports/runs/TIME-history-ID); an earlier history there is written over',
  ),
};

/** Reads, writes, and answers the exit code. */
export async function historyCommand<Result extends Judged>(
  { words, flags, problems }: Given<typeof HISTORY_FLAGS>,
  reporting: HistoryReporting<Result>,
): Promise<number> {
  assertNone(problems);
  const history = reporting.read(words[0] ?? (path.relative(process.cwd(), RUNS) || '.'), flags);
  const out = outOf(flags.out);
  await out.write((place) => reporting.write(place, history));
  const code = flags.fail && history.verdict === 'regression' ? EXIT.threshold : EXIT.ok;
  sayClosing(flags, history, out, reporting.summary, code);
  return code;
}

/** A directory of its own each time, unless one is named: an earlier history there is written over, nothing else is. */
function outOf(out: string | null): RunDirectory {
  if (out === null) return new RunDirectory(path.join(RUNS, runIdOf('history', Date.now())));
  if (existsSync(path.join(out, 'result.json')))
    throw new ConfigurationError([`out: ${out} is a run; a history is written beside runs, not into one`]);
  return new RunDirectory(out, existsSync(path.join(out, 'history.json')) ? 'kept' : 'none');
}
