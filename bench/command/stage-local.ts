/** `bench stage local`: serves the local stage until it is interrupted. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { profileWith } from '../../stack/local/profile.ts';
import type { Dispatch, ProfileName } from '../core/plan.ts';
import { seededRandom } from '../core/random.ts';
import { systemClock } from '../edge/clock.ts';
import { PACKAGE_ROOT } from '../edge/machine.ts';
import { ConfigurationError } from '../edge/plan-file.ts';
import { EXIT } from './exit.ts';
import { foreseen } from './stage.ts';

export interface StageLocalArguments {
  readonly port: number;
  readonly template: string | undefined;
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  readonly dispatch: Dispatch;
  readonly seed: number;
}

/** The reference stack's template. */
const REFERENCE_TEMPLATE = path.join(PACKAGE_ROOT, 'stack', 'template.yaml');

/** Serves until SIGINT or SIGTERM and answers the exit code. */
export async function stageLocalCommand(given: StageLocalArguments): Promise<number> {
  const stopped = stopSignal();
  const templatePath = given.template ?? REFERENCE_TEMPLATE;
  const { startLocalStage } = await import('../../stack/local/stage.ts');
  const starting = startLocalStage({
    templateText: readTemplate(templatePath),
    templatePath,
    stackName: given.name,
    parameters: given.parameters,
    profile: profileWith({ name: given.profile, dispatch: given.dispatch }),
    port: given.port,
    clock: systemClock,
    random: seededRandom(given.seed),
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  const stage = await foreseen(starting);
  process.stdout.write(`local stage '${given.name}' (profile ${given.profile}) is ready at ${stage.url}\n`);
  for (const note of stage.notes) process.stderr.write(`  ${note}\n`);
  await stopped;
  await stage.close();
  return EXIT.ok;
}

function readTemplate(templatePath: string): string {
  try {
    return readFileSync(templatePath, 'utf8');
  } catch (error) {
    throw new ConfigurationError([`template: ${templatePath} can't be read: ${(error as Error).message}`]);
  }
}

/** Listened for from the first moment on: a stage that is interrupted while it starts still closes what it opened. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
