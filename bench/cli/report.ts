/** `bench report`: renders what a run directory holds, of whichever kind it is. */
import path from 'node:path';
import type { Argv } from 'yargs';
import { readSaved } from '../../reports/saved-data.ts';
import { savedFileIn, writeSavedReports } from '../../reports/saved-reports.ts';
import { parseResult } from '../../reports/schema.ts';
import { absentRuns, absentText, parseSweepResult } from '../../reports/sweep/saved.ts';
import { writeReports } from '../../reports/write.ts';
import { reportCommand } from '../command/report.ts';
import { note } from '../node/terminal.ts';
import { type Arguments, handle, lastOf } from './arguments.ts';

export function reportVerbs(parser: Argv): Argv {
  return parser.command(
    'report <run>',
    'render the reports of a run directory again',
    reportFlags,
    handle(reportVerb),
  );
}

function reportFlags(parser: Argv): Argv {
  return parser
    .options({
      'refresh-metrics': {
        type: 'boolean',
        default: false,
        describe: "read the metrics of a stack's run from CloudWatch again, which publishes them late",
      },
      region: { type: 'string', describe: 'region to ask (default: that of the run)' },
      prices: {
        type: 'string',
        describe: 'price table for the cost, which follows the metrics (default stack/prices.json)',
      },
    })
    .example('$0 report reports/runs/DIRECTORY --refresh-metrics', 'when CloudWatch has published them');
}

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

function reportVerb(argv: Arguments): Promise<number> {
  return reportCommand(
    {
      run: argv.run as string,
      refreshMetrics: argv['refresh-metrics'] === true,
      region: lastOf(argv.region) as string | undefined,
      prices: lastOf(argv.prices) as string | undefined,
    },
    { parse: parseResult, write: writeAnyReports },
  );
}
