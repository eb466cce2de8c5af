/** Reads sweep.json and writes the reports of a sweep into its directory, each file whole or not at all. */
import { join } from 'node:path';
import type { SweepResult } from '../../bench/model/sweep.ts';
import { sweptRunProblem } from '../../bench/node/swept-run.ts';
import { readSaved } from '../saved-data.ts';
import { writeWhole } from '../write.ts';
import { renderSweepPage } from './page.ts';
import { parseSweepResult } from './schema.ts';
import { renderSweepSummary } from './summary.ts';
import { absentText } from './words.ts';

/**
 * Writes index.html and summary.md, over earlier ones. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable sweep.json
 */
export async function writeSweepReports(directory: string): Promise<string[]> {
  const result = await readSaved(join(directory, 'sweep.json'), parseSweepResult);
  const absent = absentRuns(directory, result);
  const rendered = {
    'index.html': renderSweepPage(result, absent),
    'summary.md': renderSweepSummary(result, absent),
  };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}

/** What {@link writeSweepReports} says of runs that are not there, a sentence each. @throws UnreadableResult */
export async function sweepAbsences(directory: string): Promise<string[]> {
  const result = await readSaved(join(directory, 'sweep.json'), parseSweepResult);
  const absence = absentText(absentRuns(directory, result));
  return absence === null ? [] : [absence];
}

/** Directories of finished runs that are not there, or are other runs: their figures are known from sweep.json alone. */
function absentRuns(directory: string, { cells }: SweepResult): string[] {
  const runs = cells.flatMap((cell) => cell.runs);
  const done = runs.flatMap((run) => (run.status === 'done' ? [run] : []));
  const isAbsent = (run: (typeof done)[number]) =>
    sweptRunProblem(join(directory, run.directory, 'result.json'), run.figures) !== null;
  return done.filter(isAbsent).map((run) => run.directory);
}
