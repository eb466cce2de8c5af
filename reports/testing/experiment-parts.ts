/** What the results of experiments for golden texts have in common: a plan, a stage, a machine and a clock. */

import { summarise } from '../../bench/judge/summary.ts';
import { evenRun, oddRun } from '../../bench/measure/testing/distinct-run.ts';
import type { RunResult } from '../../bench/model/result.ts';

/** Of the run in which everything happens. */
export const ODD = summarise(oddRun().record, []);
/** Of the run in which nothing goes wrong. */
export const EVEN = summarise(evenRun().record, []);

/** A stage of our own. */
export const LOCAL: RunResult['stage'] = {
  kind: 'local',
  url: 'ws://127.0.0.1:40123/dev',
  name: 'local',
  region: 'us-east-1',
  parameters: { ShardCount: '2' },
  profile: 'aws',
  notes: ['The profile is a model.'],
};

/** What was to be driven on it. */
export const PLAN: RunResult['plan'] = {
  ...ODD.plan,
  name: 'distinct',
  stage: 'local',
  region: null,
  faults: null,
};

/** What drove it. */
export const { environment } = ODD;

/** Times of day, each a different number of minutes and seconds after the last. */
export const clock = (step: number): string =>
  new Date(Date.UTC(2026, 3, 5, 6, 7, 8) + step * 127_000 + step * step * 1000).toISOString();
