/**
 * `bench history`: the runs below a directory as trends with change points, and exit code 3 when a regression reaches the
 * newest. It reads results and writes a report; it measures nothing.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError } from '../model/failure.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { RunDirectory, runIdOf } from '../node/run-directory.ts';
import { type SummaryOf, sayClosing } from './closing.ts';
import { EXIT } from './exit.ts';
import { type HistoryFlags, type HistorySettings, parseHistoryFlags } from './history-options.ts';

/** Where every command writes what it measured, unless told otherwise. */
const RUNS = path.join(PACKAGE_ROOT, 'reports', 'runs');

/** What of a history the command itself looks at. */
interface Judged {
  readonly verdict: string;
}

/** What the command needs of the reports, given by the composition root. */
export interface HistoryReporting<Result extends Judged> {
  read(directory: string, settings: HistorySettings): Result;
  write(directory: string, history: Result): Promise<unknown>;
  readonly summary: SummaryOf<Result>;
}

export interface HistoryArguments {
  /** Undefined for where runs are written. */
  readonly directory: string | undefined;
  readonly flags: HistoryFlags;
  readonly out: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Reads, writes, and answers the exit code. */
export async function historyCommand<Result extends Judged>(
  given: HistoryArguments,
  reporting: HistoryReporting<Result>,
): Promise<number> {
  const settings = parseHistoryFlags(given.flags);
  const history = reporting.read(given.directory ?? (path.relative(process.cwd(), RUNS) || '.'), settings);
  const out = outOf(given.out);
  await out.write((place) => reporting.write(place, history));
  const code = settings.isFailing && history.verdict === 'regression' ? EXIT.threshold : EXIT.ok;
  sayClosing(given, history, out, reporting.summary, code);
  return code;
}

/** A directory of its own each time, unless one is named: an earlier history there is written over, nothing else is. */
function outOf(out: string | undefined): RunDirectory {
  if (out === undefined) return new RunDirectory(path.join(RUNS, runIdOf('history', Date.now())));
  if (existsSync(path.join(out, 'result.json')))
    throw new ConfigurationError([`out: ${out} is a run; a history is written beside runs, not into one`]);
  return new RunDirectory(out, existsSync(path.join(out, 'history.json')) ? 'kept' : 'none');
}
