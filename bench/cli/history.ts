/** `bench history`: its flags, and what it is composed of. */
import type { Argv } from 'yargs';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { historyDocument } from '../../reports/history/document.ts';
import { findRuns } from '../../reports/history/find.ts';
import { historyOf } from '../../reports/history/trends.ts';
import { writeHistory } from '../../reports/saved-reports.ts';
import { historyCommand } from '../command/history.ts';
import { DEFAULT_LAST } from '../command/history-options.ts';
import { seededRandom } from '../measure/random.ts';
import { type Arguments, handle, lastOf } from './arguments.ts';

export function historyVerbs(parser: Argv): Argv {
  return parser.command(
    'history [directory]',
    'trends and change points of the runs below a directory',
    historyFlags,
    handle(historyVerb),
  );
}

function historyFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return parser
    .positional('directory', {
      type: 'string',
      describe: 'where the runs are, or directories of repeats, down to four levels (default reports/runs)',
    })
    .options({
      'smallest-effect': text('smallest change that matters (default 5%)'),
      metric: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'only this metric, or those that begin so: latency.response',
      },
      last: text(`only the newest entries of each group (default ${DEFAULT_LAST})`),
      fail: {
        type: 'boolean',
        default: true,
        describe: 'exit code 3 when a regression reaches the newest runs; --no-fail to only look',
      },
      seed: text('seed of the permutation tests (default 1)'),
      out: text('directory (default reports/runs/TIME-history-ID); an earlier history there is written over'),
      quiet: {
        type: 'boolean',
        default: false,
        describe: 'print where the report is, and a verdict when the exit code is not 0',
      },
      json: { type: 'boolean', default: false, describe: 'print history.json and nothing else' },
    })
    .example('$0 history', 'everything that was run here')
    .example('$0 history performance/ --metric latency.response --last 60', 'a daily job, in CI');
}

function historyVerb(argv: Arguments): Promise<number> {
  const given = (name: string) => lastOf(argv[name]) as string | undefined;
  return historyCommand(
    {
      directory: argv.directory as string | undefined,
      flags: {
        smallestEffect: given('smallest-effect'),
        last: given('last'),
        seed: given('seed'),
        metrics: (argv.metric as string[] | undefined) ?? [],
        fail: lastOf(argv.fail) !== false,
      },
      out: given('out'),
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    {
      read: (directory, { smallestEffect, last, seed, metrics }) =>
        historyOf(findRuns(directory), { smallestEffect, last, seed, metrics }, seededRandom(seed)),
      write: writeHistory,
      summary: (history, options) => renderTerminal(historyDocument(history), options),
    },
  );
}
