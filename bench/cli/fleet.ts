/** `bench fleet`: its verbs. */
import { summaryLines } from '../../reports/run/document.ts';
import { writeReports } from '../../reports/write.ts';
import { fleetMergeCommand, MERGE_FLAGS } from '../command/fleet-merge.ts';
import { FLEET_FLAGS } from '../command/fleet-options.ts';
import { FLEET_PLAN_FLAGS, fleetPlanCommand } from '../command/fleet-plan.ts';
import { fleetRunCommand } from '../command/fleet-run.ts';
import { ALL_SETTINGS } from './run.ts';
import { type Verb, verb } from './verb.ts';

const REPORTING = { write: writeReports, summary: summaryLines };

const PLAN = 'bundled plan, or a YAML or JSON file (default quick)';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'fleet run [plan]',
    help: 'submit the workers, watch them, merge what they measured',
    words: PLAN,
    settings: ALL_SETTINGS,
    flags: FLEET_FLAGS,
    examples: [
      ['fleet run plan.yaml --engine slurm --workers 8 --store file:///shared/bench', ''],
      ['fleet run plan.yaml --engine slurm --engine-arg=--partition=load --workers 8 --store …', ''],
    ],
    run: (given) => fleetRunCommand(given, REPORTING),
  }),
  verb({
    usage: 'fleet merge <store>',
    help: 'merge the partials of a directory or s3:// URI',
    words: 'directory or s3:// URI of the partials',
    flags: MERGE_FLAGS,
    run: (given) => fleetMergeCommand(given, REPORTING),
  }),
  verb({
    usage: 'fleet plan [plan]',
    help: 'how many workers a plan needs, and which quotas it meets',
    words: PLAN,
    settings: ALL_SETTINGS,
    flags: FLEET_PLAN_FLAGS,
    run: fleetPlanCommand,
  }),
];
