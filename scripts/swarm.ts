/**
 * Runs the swarm: many small simulated runs, each drawn from its seed, each checked against brute force. A failure is one
 * line that repeats it. `--speed` measures instead how many messages a second one core can model.
 *
 *   npm run swarm -- --seeds 1000 [--from 1]    npm run swarm -- --seed 1234    npm run swarm -- --speed
 */
import { readFileSync } from 'node:fs';
import { runSeed, type SwarmRun } from '../bench/sim/testing/swarm.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';
import { speed } from './swarm/speed.ts';

const TEMPLATE = new URL('../stack/template.yaml', import.meta.url);

/** Each of so many seeds is run twice, and both must come to the same bytes. */
const TWICE_EVERY = 20;

const templateText = readFileSync(TEMPLATE, 'utf8');

async function outcomeOf(seed: number, isTwice: boolean): Promise<SwarmRun> {
  try {
    const run = await runSeed(seed, templateText);
    if (!isTwice) return run;
    const again = await runSeed(seed, templateText);
    const differences = again.text === run.text ? [] : ['a second run comes to other bytes'];
    return { ...run, differences: [...run.differences, ...differences] };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { differences: [`stopped: ${text}`], text: '', messages: 0 };
  }
}

async function swarm(seeds: readonly number[]): Promise<number> {
  const startMs = performance.now();
  let failed = 0;
  let messages = 0;
  for (const seed of seeds) {
    const run = await outcomeOf(seed, seeds.length === 1 || seed % TWICE_EVERY === 0);
    messages += run.messages;
    if (run.differences.length === 0) continue;
    failed++;
    process.stdout.write(`npm run swarm -- --seed ${seed}   # ${run.differences.join('; ')}\n`);
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  process.stdout.write(`${seeds.length} seeds, ${messages} messages, ${failed} failed, ${seconds} s\n`);
  return failed === 0 ? 0 : 1;
}

const OPTIONS = {
  seeds: { type: 'string', default: '200' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  speed: { type: 'boolean', default: false },
} as const;

const { values } = scriptArguments(OPTIONS);
if (values.speed) await speed(templateText);
else {
  const first = wholeOf('from', values.from);
  const many = Array.from({ length: wholeOf('seeds', values.seeds) }, (_, index) => first + index);
  process.exitCode = await swarm(values.seed === undefined ? many : [wholeOf('seed', values.seed)]);
}
