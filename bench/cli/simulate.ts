/** `bench simulate`: the settings of a run that mean something on virtual time, and its own flags. */
import { summaryLines } from '../../reports/run/document.ts';
import { writeReports } from '../../reports/write.ts';
import { SIMULATE_FLAGS, simulateCommand } from '../command/simulate.ts';
import { settingsThat } from './run.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'simulate [plan]',
    help: 'the same run on virtual time: driver and local stage in one process, repeatable to the byte',
    words: 'as for run (default quick)',
    settings: settingsThat(({ isReal }) => isReal !== true),
    flags: SIMULATE_FLAGS,
    examples: [
      ['simulate quick --seed 7', 'the quick plan in seconds, the same every time'],
      ['simulate --faults lossy --verify', 'with faults, twice'],
    ],
    run: (given) => simulateCommand(given, { write: writeReports, summary: summaryLines }),
  }),
];
