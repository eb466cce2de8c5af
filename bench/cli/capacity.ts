/** `bench capacity`: the settings of a run, but for those that the search decides itself, and its own flags. */
import { capacityDocument, probeLine } from '../../reports/capacity/document.ts';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeSavedReports } from '../../reports/saved-reports.ts';
import { writeReports } from '../../reports/write.ts';
import { capacityCommand } from '../command/capacity.ts';
import { CAPACITY_FLAGS } from '../command/capacity-options.ts';
import { settingsThat } from './run.ts';
import { type Verb, verb } from './verb.ts';

/** What the search decides, or has a flag of its own for. */
const ITS_OWN = ['rate', 'inFlight', 'duration', 'threshold'];

export const verbs: readonly Verb[] = [
  verb({
    usage: 'capacity [plan]',
    help: 'search the highest rate that still meets the SLOs',
    words: 'as for run (default quick); its rate and duration are not used',
    settings: settingsThat((_, name) => !ITS_OWN.includes(name)),
    flags: CAPACITY_FLAGS,
    examples: [
      ["capacity --slo 'latency.response.p99 < 100'", 'the local stage'],
      ['capacity --stage my-stack --max-rate 5000 --max-cost 2 --budget 20m', 'a deployed stack'],
    ],
    run: (given) =>
      capacityCommand(given, {
        writeRun: writeReports,
        writeCapacity: (directory) => writeSavedReports('capacity.json', directory),
        probeLine,
        summary: (result, options) => renderTerminal(capacityDocument(result), options),
      }),
  }),
];
