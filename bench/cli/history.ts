/** `bench history`: its flags, and what it is composed of. */

import { renderTerminal } from '../../reports/document/terminal.ts';
import { historyDocument } from '../../reports/history/document.ts';
import { findRuns } from '../../reports/history/find.ts';
import { historyOf } from '../../reports/history/trends.ts';
import { writeHistory } from '../../reports/saved-reports.ts';
import { HISTORY_FLAGS, historyCommand } from '../command/history.ts';
import { seededRandom } from '../measure/random.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'history [directory]',
    help: 'trends and change points of the runs below a directory',
    words: 'where the runs are, or directories of repeats, down to four levels (default reports/runs)',
    flags: HISTORY_FLAGS,
    examples: [
      ['history', 'everything that was run here'],
      ['history performance/ --metric latency.response --last 60', 'a daily job, in CI'],
    ],
    run: (given) =>
      historyCommand(given, {
        read: (directory, { smallestEffect, last, seed, metric }) =>
          historyOf(
            findRuns(directory),
            { smallestEffect, last, seed, metrics: metric ?? [] },
            seededRandom(seed),
          ),
        write: writeHistory,
        summary: (history, options) => renderTerminal(historyDocument(history), options),
      }),
  }),
];
