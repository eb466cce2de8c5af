/** `bench stage local`: serves the local stage and its AWS endpoints until it is interrupted. */

import path from 'node:path';
import { regionOfEnvironment } from '../../stack/aws/clients.ts';
import { profileNotes } from '../../stack/local/deployment.ts';
import { StageHealthWatch } from '../../stack/local/health.ts';
import { profileWith } from '../../stack/local/profile.ts';
import type { Quirks } from '../../stack/local/quirks.ts';
import { seededRandom } from '../measure/random.ts';
import { ConfigurationError, unreadable } from '../model/failure.ts';
import type { FaultPlan, FaultTally } from '../model/fault.ts';
import type { Dispatch, ProfileName } from '../model/plan.ts';
import { readTextFile, TEMPLATE_FILE_BYTES } from '../node/bounded-file.ts';
import { systemClock } from '../node/clock.ts';
import { PACKAGE_ROOT } from '../node/machine.ts';
import { note, print } from '../node/terminal.ts';
import { EXIT } from './exit.ts';
import { foreseen } from './stage.ts';

export interface StageLocalArguments {
  readonly port: number;
  /** No stack to begin with: stacks come through the CloudFormation endpoint. */
  readonly empty: boolean;
  readonly template: string | undefined;
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  readonly dispatch: Dispatch;
  readonly quirks: Quirks;
  /** Times count from the moment the stage is ready. */
  readonly faults: FaultPlan | null;
  readonly seed: number;
  /** Logical ids of resources that refuse their deletion. */
  readonly refuseDeletion: readonly string[];
  /** Origins whose web pages may call. */
  readonly allowedOrigins: readonly string[];
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
export async function stageLocalCommand(given: StageLocalArguments): Promise<number> {
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
    for (const line of faultLines(given.faults, stage.faults())) say(line);
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
  return {
    profile: profileWith({ name: given.profile, dispatch: given.dispatch, quirks: given.quirks }),
    port: given.port,
    clock: systemClock,
    random: seededRandom(given.seed),
    faults: given.faults,
    allowedOrigins: given.allowedOrigins,
    refuseDeletion: given.refuseDeletion,
    // Where whoever shares this environment looks for its stack.
    ...(region === null ? {} : { region }),
    log,
  };
}

async function servedWithStack(given: StageLocalArguments, log: (line: string) => void): Promise<Served> {
  const templatePath = given.template ?? REFERENCE_TEMPLATE;
  const { startLocalStage } = await import('../../stack/local/stage.ts');
  const stage = await startLocalStage({
    ...settingsOf(given, log),
    templateText: readTemplate(templatePath),
    templatePath,
    stackName: given.name,
    parameters: given.parameters,
  });
  return { ...stage, description: `'${given.name}' (profile ${given.profile})` };
}

async function servedEmpty(given: StageLocalArguments, log: (line: string) => void): Promise<Served> {
  const { startLocalAws } = await import('../../stack/local/local-aws.ts');
  const settings = settingsOf(given, log);
  const aws = await startLocalAws(settings);
  return {
    port: aws.port,
    description: `without a stack (profile ${given.profile})`,
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
