/** A plan for simulations and tests: small, complete, and changed where a caller cares. */
import type { Plan } from '../../model/plan.ts';
import { initialPlan } from '../../model/plan-settings.ts';

/** A valid plan with the given settings in place of its own. */
export function planWith(settings: Partial<Plan>): Plan {
  return {
    ...initialPlan(),
    name: 'simulated',
    stage: 'ws://127.0.0.1/',
    connections: 10,
    connectRatePerSecond: 1000,
    load: { kind: 'open', ratePerSecond: 1000, arrival: 'constant' },
    warmupMs: 1000,
    durationMs: 10_000,
    drainMs: 5000,
    payloadBytes: 128,
    profile: 'ideal',
    pacing: 'timer',
    ...settings,
  };
}
