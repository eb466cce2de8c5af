/**
 * How many messages a second one core models: full round trips through driver, gateway, mapping template, stream, mapping,
 * function and callback, with the model of the functions and without added latency. Deploying is not part of it. The
 * figure is per second of processor time, all threads of the process included, so a busy machine does not change it.
 */

import { simulate } from '../../bench/sim/simulate.ts';
import { planWith } from '../../bench/sim/testing/plan.ts';

/** Runs after the first, which warms the compiler up. */
const RUNS = 3;

const PLAN = planWith({
  name: 'speed',
  connections: 200,
  load: { kind: 'closed', inFlight: 10 },
  warmupMs: 0,
  durationMs: 20,
  payloadBytes: 128,
  parameters: {
    ...{ ShardCount: '4', BatchSize: '1000', AuditService: 'false' },
    // Above what the account allows: it is the model's speed that is measured, not a quota.
    ...{ ThrottlingRateLimit: '100000000', ThrottlingBurstLimit: '100000000' },
  },
});

/** Prints the rates of each run. */
export async function speed(templateText: string): Promise<void> {
  for (let run = 0; run <= RUNS; run++) {
    let startMs = 0;
    let before = process.cpuUsage();
    const { record } = await simulate({
      plan: PLAN,
      templateText,
      templatePath: 'stack/template.yaml',
      functions: 'model',
      log: () => {},
      version: 'speed',
      commit: null,
      interrupted: new AbortController().signal,
      opened: () => {
        startMs = performance.now();
        before = process.cpuUsage();
      },
    });
    const seconds = (performance.now() - startMs) / 1_000;
    const { delivered } = record.rollup.measured;
    const { user, system } = process.cpuUsage(before);
    const cpuSeconds = (user + system) / 1e6;
    const per = (of: number) => Math.round(delivered / of);
    if (run > 0)
      process.stdout.write(
        `${delivered} round trips: ${per(cpuSeconds)} messages per second of processor time (${cpuSeconds.toFixed(2)} s), ${per(seconds)} per second that passed\n`,
      );
  }
}
