/** `bench report`: renders what a run directory holds, of whichever kind it is. */
import path from 'node:path';
import { readSaved } from '../../reports/saved-data.ts';
import { savedFileIn, writeSavedReports } from '../../reports/saved-reports.ts';
import { parseResult } from '../../reports/schema.ts';
import { absentRuns, absentText, parseSweepResult } from '../../reports/sweep/saved.ts';
import { writeReports } from '../../reports/write.ts';
import { REPORT_FLAGS, reportCommand } from '../command/report.ts';
import { note } from '../node/terminal.ts';
import { type Verb, verb } from './verb.ts';

/** Says on the terminal which runs of a sweep are gone; the report has their figures from sweep.json. */
async function warnOfAbsentRuns(directory: string): Promise<void> {
  const result = await readSaved(path.join(directory, 'sweep.json'), parseSweepResult);
  const absence = absentText(absentRuns(directory, result));
  if (absence !== null) note(`warning: ${absence}`);
}

/** A directory is a run's, that of a capacity search, a sweep, the claims, a comparison or a history, by what is in it. */
async function writeAnyReports(directory: string): Promise<unknown> {
  const file = savedFileIn(directory);
  if (file === 'sweep.json') await warnOfAbsentRuns(directory);
  return file === null ? writeReports(directory) : writeSavedReports(file, directory);
}

export const verbs: readonly Verb[] = [
  verb({
    usage: 'report <run>',
    help: 'render the reports of a run directory again',
    words: 'a directory that a command has written, or its result.json',
    flags: REPORT_FLAGS,
    examples: [['report reports/runs/DIRECTORY --refresh-metrics', 'when CloudWatch has published them']],
    run: (given) => reportCommand(given, { parse: parseResult, write: writeAnyReports }),
  }),
];
