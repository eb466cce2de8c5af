/** `bench stage`: local, up, status, down, clean. */
import type { Argv } from 'yargs';
import { isOrigin } from '../../stack/local/guard.ts';
import { STAGE_PORT } from '../command/doctor.ts';
import { parseQuirks, QUIRK_NAMES } from '../command/quirk-flags.ts';
import { LOCAL_STACK_NAME } from '../command/stage.ts';
import { stageCleanCommand } from '../command/stage-clean.ts';
import { stageDownCommand } from '../command/stage-down.ts';
import {
  STAGE_CLEAN_FLAGS,
  STAGE_DOWN_FLAGS,
  STAGE_STATUS_FLAGS,
  STAGE_UP_FLAGS,
} from '../command/stage-flags.ts';
import { stageLocalCommand } from '../command/stage-local.ts';
import { stageStatusCommand } from '../command/stage-status.ts';
import { stageUpCommand } from '../command/stage-up.ts';
import { PROFILES, SETTINGS } from '../model/plan.ts';
import { parsePlan } from '../node/plan-file.ts';
import { type Arguments, handle } from './arguments.ts';

export function stageVerbs(parser: Argv): Argv {
  return parser.command('stage', 'stages to drive', kinds);
}

function kinds(parser: Argv): Argv {
  return parser
    .command('local', 'serve the local stage until Ctrl-C', stageLocalFlags, handle(stageLocalVerb))
    .command(
      'up',
      'deploy a template as a stack on AWS, or change the stack to it',
      (stage) => stage.options(STAGE_UP_FLAGS),
      handle(stageUpCommand),
    )
    .command(
      'status',
      'what is deployed, with which settings, and what it costs',
      (stage) => stage.options(STAGE_STATUS_FLAGS),
      handle(stageStatusCommand),
    )
    .command(
      'down',
      'delete a stack that this tool made, and show that nothing is left',
      (stage) => stage.options(STAGE_DOWN_FLAGS),
      handle(stageDownCommand),
    )
    .command(
      'clean',
      'delete the stacks that jobs of this tool left behind',
      (stage) => stage.options(STAGE_CLEAN_FLAGS),
      handle(stageCleanCommand),
    )
    .demandCommand(1, 'Which stage command? See bench stage --help.');
}

function stageLocalFlags(parser: Argv): Argv {
  return parser
    .options({
      port: {
        type: 'string',
        default: String(STAGE_PORT),
        describe: 'port on 127.0.0.1; 0 for any free one',
      },
      template: { type: 'string', describe: 'CloudFormation template (default: the reference stack)' },
      name: { type: 'string', describe: `name of the stack (default: ${LOCAL_STACK_NAME})` },
      parameter: { type: 'string', array: true, nargs: 1, describe: 'Key=Value: template parameter' },
      empty: {
        type: 'boolean',
        default: false,
        describe: 'start without a stack; deploy some through the AWS endpoints',
      },
      profile: { type: 'string', default: 'aws', describe: `latencies and quotas: ${PROFILES.join(', ')}` },
      dispatch: { type: 'string', default: 'serial', describe: SETTINGS.dispatch.help },
      faults: {
        type: 'string',
        describe: 'fault plan, as for bench run; its times count from the start of serving',
      },
      seed: { type: 'string', default: '1', describe: 'seed of everything that is left to chance' },
      quirk: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: `what AWS may do and need not; repeatable: ${QUIRK_NAMES.join(', ')} (see stack/local/local-stage.md)`,
      },
      'refuse-deletion': {
        type: 'string',
        array: true,
        nargs: 1,
        describe:
          'a resource with this logical id refuses its deletion, for tests of what follows; repeatable',
      },
      'allow-origin': {
        type: 'string',
        array: true,
        nargs: 1,
        describe:
          'let web pages of this origin call, such as http://localhost:3000; repeatable (default: none)',
      },
    })
    .example('$0 stage local --port 0 --profile ideal', 'on a free port, without added latencies');
}

/** Settings that a stage shares with a plan are checked as a plan's. */
function stageLocalVerb(argv: Arguments): Promise<number> {
  const { parameter, template, profile, dispatch, faults, seed, name } = argv;
  const given = { parameter, template, profile, dispatch, faults, seed, name };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const port = Number(argv.port);
  const problems: string[] = [];
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push(`port: '${argv.port}' is not a port number from 0 to 65535`);
  const allowedOrigins = ((argv['allow-origin'] ?? []) as unknown[]).map(String);
  for (const origin of allowedOrigins)
    if (!isOrigin(origin))
      problems.push(
        `allow-origin: '${origin}' is not an origin as browsers send it, such as http://localhost:3000: scheme, host and port, nothing after them`,
      );
  const quirks = parseQuirks(((argv.quirk ?? []) as unknown[]).map(String), (sentence) =>
    problems.push(sentence),
  );
  const empty = argv.empty === true;
  for (const flag of empty ? ['template', 'name', 'parameter'] : [])
    if (argv[flag] !== undefined)
      problems.push(`${flag}: a stage that starts without a stack has none; leave out --empty or --${flag}`);
  const { plan } = parsePlan(
    {},
    { name: LOCAL_STACK_NAME, ...settings },
    { found: problems, environment: null },
  );
  return stageLocalCommand({
    port,
    empty,
    template: plan.template ?? undefined,
    name: plan.name,
    parameters: plan.parameters,
    profile: plan.profile,
    dispatch: plan.dispatch,
    quirks,
    faults: plan.faults,
    seed: plan.seed,
    allowedOrigins,
    refuseDeletion: ((argv['refuse-deletion'] ?? []) as unknown[]).map(String),
  });
}
