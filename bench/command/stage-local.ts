/** `bench stage local`: serves the local stage and its AWS endpoints until it is interrupted. */

import path from 'node:path';
import { z } from 'zod';
import { regionOfEnvironment } from '../../stack/aws/clients.ts';
import { profileNotes } from '../../stack/local/deployment.ts';
import { isOrigin } from '../../stack/local/guard.ts';
import { StageHealthWatch } from '../../stack/local/health.ts';
import { profileWith } from '../../stack/local/profile.ts';
import { seededRandom } from '../measure/random.ts';
import { ConfigurationError, unreadable } from '../model/failure.ts';
import type { FaultPlan, FaultTally } from '../model/fault.ts';
import type { Plan, SettingName } from '../model/plan.ts';
import { readTextFile, TEMPLATE_FILE_BYTES } from '../node/bounded-file.ts';
import { systemClock } from '../node/clock.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { parsePlan } from '../node/plan-file.ts';
import { note, print } from '../node/terminal.ts';
import { STAGE_PORT } from './doctor.ts';
import { EXIT } from './exit.ts';
import { type Flag, flag, flagOr, type Given, list, TEXT, toggle, typed, type Values } from './flags.ts';
import { QUIRK_FLAG } from './quirk-flags.ts';
import { foreseen, LOCAL_STACK_NAME } from './stage.ts';

const PORT = typed('port', 'a port number from 0 to 65535', (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null,
);

const ORIGINS = z.array(
  typed(
    'origin',
    'an origin as browsers send it, such as http://localhost:3000: scheme, host and port, nothing after them',
    (text) => (isOrigin(text) ? text : null),
  ),
);

/** What a stage is asked beside the settings that it shares with a plan. */
export const STAGE_LOCAL_FLAGS = {
  port: flagOr(String(STAGE_PORT), PORT, 'port on 127.0.0.1; 0 for any free one'),
  name: flag(TEXT, `name of the stack (default: ${LOCAL_STACK_NAME})`),
  empty: toggle('start without a stack; deploy some through the AWS endpoints'),
  quirk: QUIRK_FLAG,
  refuseDeletion: list(
    'a resource with this logical id refuses its deletion, for tests of what follows; repeatable',
  ),
  allowOrigin: {
    shape: 'list',
    schema: ORIGINS,
    help: 'let web pages of this origin call, such as http://localhost:3000; repeatable (default: none)',
    initial: [],
  } as Flag<readonly string[]>,
};

/** Settings of a plan that are the stage's. */
export const STAGE_LOCAL_SETTINGS: readonly SettingName[] = [
  'template',
  'parameter',
  'profile',
  'dispatch',
  'faults',
  'seed',
];

interface StageLocalArguments extends Values<typeof STAGE_LOCAL_FLAGS> {
  readonly plan: Plan;
}

/** The flags, and the settings as a plan's are checked. Throws a ConfigurationError with every problem. */
function asked({ flags, settings, problems: found }: Given<typeof STAGE_LOCAL_FLAGS>): StageLocalArguments {
  const problems = [...found];
  const given = { ...settings, ...(flags.name === null ? {} : { name: flags.name }) };
  for (const flag of flags.empty ? ['template', 'name', 'parameter'] : [])
    if (flag in given)
      problems.push(`${flag}: a stage that starts without a stack has none; leave out --empty or --${flag}`);
  const sources = { found: problems, environment: null };
  return { ...flags, plan: parsePlan({}, { name: LOCAL_STACK_NAME, ...given }, sources).plan };
}

/** The reference stack's template. */
const REFERENCE_TEMPLATE = path.join(PACKAGE_ROOT, 'stack', 'template.yaml');

/** A stage that runs, as this command shows it. */
interface Served {
  readonly port: number;
  /** What follows "local stage". */
  readonly description: string;
  readonly url: string;
  readonly notes: readonly string[];
  measuring(fromEpochMs: number): void;
  faults(): readonly FaultTally[];
  close(): Promise<void>;
}

/** Serves until it is interrupted and answers the exit code. */
export async function stageLocalCommand(request: Given<typeof STAGE_LOCAL_FLAGS>): Promise<number> {
  const given = asked(request);
  const stopped = stopSignal();
  const say = note;
  const health = new StageHealthWatch(systemClock);
  health.onSaturated(say);
  try {
    const { loadEndpoints } = await import('../../stack/local/endpoints/load-endpoints.ts');
    await foreseen(loadEndpoints());
    const stage = await foreseen(given.empty ? servedEmpty(given, say) : servedWithStack(given, say));
    print(`local stage ${stage.description} is ready at ${stage.url}`);
    for (const note of stage.notes) say(`  ${note}`);
    say(`  AWS endpoints, for SDKs and CLI: AWS_ENDPOINT_URL=http://127.0.0.1:${stage.port}`);
    stage.measuring(systemClock.epochAt(systemClock.now()));
    await stopped;
    for (const line of faultLines(given.plan.faults, stage.faults())) say(line);
    await stage.close();
  } finally {
    health.close();
  }
  return EXIT.ok;
}

/** What each fault did. */
function faultLines(plan: FaultPlan | null, tallies: readonly FaultTally[]): string[] {
  return (plan?.faults ?? []).map(({ name }, index) => {
    const known = Object.entries(tallies[index] ?? {}).filter(([, count]) => count !== null);
    const counts = known.map(([what, count]) => `${what} ${count}`);
    return `fault '${name}': ${counts.join(', ')}`;
  });
}

function settingsOf(given: StageLocalArguments, log: (line: string) => void) {
  const region = regionOfEnvironment();
  const { profile, dispatch, seed, faults } = given.plan;
  return {
    profile: profileWith({ name: profile, dispatch, quirks: given.quirk }),
    port: given.port,
    clock: systemClock,
    random: seededRandom(seed),
    faults,
    allowedOrigins: given.allowOrigin,
    refuseDeletion: given.refuseDeletion ?? [],
    // Where whoever shares this environment looks for its stack.
    ...(region === null ? {} : { region }),
    log,
  };
}

async function servedWithStack(given: StageLocalArguments, log: (line: string) => void): Promise<Served> {
  const templatePath = given.plan.template ?? REFERENCE_TEMPLATE;
  const { startLocalStage } = await import('../../stack/local/stage.ts');
  const stage = await startLocalStage({
    ...settingsOf(given, log),
    templateText: readTemplate(templatePath),
    templatePath,
    stackName: given.plan.name,
    parameters: given.plan.parameters,
  });
  return { ...stage, description: `'${given.plan.name}' (profile ${given.plan.profile})` };
}

async function servedEmpty(given: StageLocalArguments, log: (line: string) => void): Promise<Served> {
  const { startLocalAws } = await import('../../stack/local/local-aws.ts');
  const settings = settingsOf(given, log);
  const aws = await startLocalAws(settings);
  return {
    port: aws.port,
    description: `without a stack (profile ${given.plan.profile})`,
    url: `http://127.0.0.1:${aws.port}`,
    notes: profileNotes(settings.profile),
    measuring: (fromEpochMs) => aws.faults?.measuring(fromEpochMs),
    faults: () => aws.faults?.tallies() ?? [],
    close: () => aws.close(),
  };
}

function readTemplate(templatePath: string): string {
  try {
    return readTextFile(templatePath, TEMPLATE_FILE_BYTES);
  } catch (error) {
    throw new ConfigurationError([`template: ${unreadable(templatePath, error as NodeJS.ErrnoException)}`]);
  }
}

/** Listened for from the first moment on: a stage that is interrupted while it starts still closes what it opened. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
