/** `bench run`: what it takes, and what it is composed of. */
import { summaryLines } from '../../reports/run/document.ts';
import { writeReports } from '../../reports/write.ts';
import { runCommand } from '../command/run.ts';
import { RUN_FLAGS } from '../command/run-options.ts';
import { SETTING_ROWS, type SettingName, type SettingRow } from '../model/plan.ts';
import { type Verb, verb } from './verb.ts';

/** Settings of a plan of which `is` holds. */
export function settingsThat(is: (row: SettingRow, name: SettingName) => boolean): SettingName[] {
  return SETTING_ROWS.filter(([name, row]) => is(row, name)).map(([name]) => name);
}

export const ALL_SETTINGS = settingsThat(() => true);

export const verbs: readonly Verb[] = [
  verb({
    usage: 'run [plan]',
    help: 'one run: drive a stage, measure, report',
    words: 'bundled plan (quick, bursty, closed-loop) or a YAML or JSON file (default quick)',
    settings: ALL_SETTINGS,
    flags: RUN_FLAGS,
    examples: [
      ['run --connections 5000 --rate 1000', 'the local stage, harder'],
      ['run --stage my-stack --region eu-west-1 --max-cost 1', 'a deployed stack, with its metrics'],
      ['run --stage wss://… --rate 200 --duration 5m', 'any echo service'],
    ],
    run: (given) => runCommand(given, { write: writeReports, summary: summaryLines }),
  }),
];
