/** A plan for simulations and tests: small, complete, and changed where a caller cares. */
import type { Plan } from '../../model/plan.ts';

/** A valid plan with the given settings in place of its own. */
export function planWith(settings: Partial<Plan>): Plan {
  return {
    name: 'simulated',
    stage: 'ws://127.0.0.1/',
    region: null,
    connections: 10,
    connectRatePerSecond: 1000,
    reconnect: false,
    churnPerSecond: 0,
    localAddresses: [],
    load: { kind: 'open', ratePerSecond: 1000, arrival: 'constant' },
    warmupMs: 1000,
    durationMs: 10_000,
    drainMs: 5000,
    payloadBytes: 128,
    trace: false,
    parameters: {},
    template: null,
    profile: 'ideal',
    dispatch: 'serial',
    faults: null,
    headerNames: [],
    thresholds: [],
    threads: 1,
    pacing: 'timer',
    masking: 'random',
    seed: 1,
    ...settings,
  };
}
