/** `bench stage`: its verbs. */
import { STAGE_CLEAN_FLAGS, stageCleanCommand } from '../command/stage-clean.ts';
import { STAGE_DOWN_FLAGS, stageDownCommand } from '../command/stage-down.ts';
import { STAGE_LOCAL_FLAGS, STAGE_LOCAL_SETTINGS, stageLocalCommand } from '../command/stage-local.ts';
import { STAGE_STATUS_FLAGS, stageStatusCommand } from '../command/stage-status.ts';
import { stageUpCommand } from '../command/stage-up.ts';
import { STAGE_UP_FLAGS } from '../command/stage-up-arguments.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'stage local',
    help: 'serve the local stage until Ctrl-C',
    settings: STAGE_LOCAL_SETTINGS,
    flags: STAGE_LOCAL_FLAGS,
    examples: [['stage local --port 0 --profile ideal', 'on a free port, without added latencies']],
    run: stageLocalCommand,
  }),
  verb({
    usage: 'stage up',
    help: 'deploy a template as a stack on AWS, or change the stack to it',
    flags: STAGE_UP_FLAGS,
    run: stageUpCommand,
  }),
  verb({
    usage: 'stage status',
    help: 'what is deployed, with which settings, and what it costs',
    flags: STAGE_STATUS_FLAGS,
    run: stageStatusCommand,
  }),
  verb({
    usage: 'stage down',
    help: 'delete a stack that this tool made, and show that nothing is left',
    flags: STAGE_DOWN_FLAGS,
    run: stageDownCommand,
  }),
  verb({
    usage: 'stage clean',
    help: 'delete the stacks that jobs of this tool left behind',
    flags: STAGE_CLEAN_FLAGS,
    run: stageCleanCommand,
  }),
];
