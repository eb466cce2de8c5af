/** Opens the stage that a plan names. */
import type { Plan } from '../core/plan.ts';
import type { Stage } from '../ports.ts';
import { OperatingError } from './exit.ts';

/** Name of the local stage's stack, where a deployed one would have its own. */
export const LOCAL_STACK_NAME = 'local';

/** Opens the plan's stage. The caller closes it. */
export async function openStage(plan: Plan, log: (line: string) => void): Promise<Stage> {
  if (plan.stage !== 'local') return urlStage(plan.stage);
  const { openLocalStage } = await import('../../stack/local/child.ts');
  const stage = openLocalStage({
    templatePath: plan.template,
    stackName: LOCAL_STACK_NAME,
    parameters: plan.parameters,
    profile: plan.profile,
    seed: plan.seed,
    port: 0,
    log,
  });
  return foreseen(stage);
}

/** A stage that does not start for a reason that is no bug, such as a port in use, is an operating error. */
export async function foreseen<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof Error && !('problems' in error)) throw new OperatingError(error.message);
    throw error;
  }
}

/** Any server that echoes: nothing is known of it but its URL. */
function urlStage(url: string): Stage {
  return {
    facts: {
      kind: 'url',
      url,
      name: new URL(url).host,
      region: null,
      parameters: {},
      profile: null,
      notes: [],
    },
    hasMetrics: false,
    metrics: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

/** Whether a URL leads to this machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
