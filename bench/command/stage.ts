/** Opens the stage that a plan names. */
import type { Plan } from '../core/plan.ts';
import type { Stage } from '../ports.ts';

/** Name of the local stage's stack, where a deployed one would have its own. */
export const LOCAL_STACK_NAME = 'local';

/** Opens the plan's stage. The caller closes it. */
export async function openStage(plan: Plan, log: (line: string) => void): Promise<Stage> {
  if (plan.stage !== 'local') return urlStage(plan.stage);
  const { openLocalStage } = await import('../../stack/local/child.ts');
  return openLocalStage({
    templatePath: plan.template,
    stackName: LOCAL_STACK_NAME,
    parameters: plan.parameters,
    profile: plan.profile,
    seed: plan.seed,
    port: 0,
    log,
  });
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
