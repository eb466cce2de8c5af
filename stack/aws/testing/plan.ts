/** For tests: a plan of ten minutes at 1,000 messages per second, with changes. */
import type { Plan } from '../../../bench/model/plan.ts';

const PLAN = {
  name: 'test',
  stage: 'demo',
  connections: 1000,
  connectRatePerSecond: 500,
  load: { kind: 'open', ratePerSecond: 1000, arrival: 'constant' },
  warmupMs: 0,
  durationMs: 600_000,
  drainMs: 0,
  payloadBytes: 256,
};

/** The estimates read no more of a plan than this. */
export function testPlan(changes: Partial<Plan>): Plan {
  return { ...PLAN, ...changes } as Plan;
}
