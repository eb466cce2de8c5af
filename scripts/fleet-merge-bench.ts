/**
 * Measures merging: partials of a long run by many workers are made up, packed and put into a directory; a process of its own
 * merges them as `bench fleet merge` does and says how long it took and how much memory it had at most.
 *
 * Usage: npm run fleet:merge-bench -- [--workers 1000] [--seconds 600] [--rate 100] [--merge DIRECTORY]
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { collect } from '../bench/fleet/collect.ts';
import { planHashOf, settingsOfPlan } from '../bench/fleet/fleet-plan-file.ts';
import { openStore } from '../bench/fleet/open-store.ts';
import { packPartial } from '../bench/fleet/partial-file.ts';
import type { Store } from '../bench/fleet/store.ts';
import { summarise } from '../bench/judge/summary.ts';
import { type FleetPartial, PARTIAL_SCHEMA, partialName } from '../bench/measure/fleet/partial.ts';
import { addHealth, emptyHealth } from '../bench/measure/health.ts';
import { seededRandom } from '../bench/measure/random.ts';
import { Recorder } from '../bench/measure/recorder.ts';
import { Rollup } from '../bench/measure/rollup.ts';
import { emptyOpening } from '../bench/measure/share.ts';
import type { Plan } from '../bench/model/plan.ts';
import { planWith } from '../bench/sim/testing/plan.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';

const { values } = scriptArguments({
  workers: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '600' },
  rate: { type: 'string', default: '100' },
  merge: { type: 'string' },
});

/** Different partials; the others are these under another index. Making all of them would take an hour. */
const DISTINCT = 8;

const START_MS = Date.UTC(2030, 0, 1);

function fleetPlan(workers: number, seconds: number, ratePerWorker: number): Plan {
  return planWith({
    name: 'merge',
    connections: workers * 100,
    durationMs: seconds * 1000,
    warmupMs: 0,
    load: { kind: 'open', ratePerSecond: workers * ratePerWorker, arrival: 'constant' },
  });
}

/** A worker's share: latencies around 100 ms with a long tail, as a pipeline of streams has them. */
function partOf(seed: number, seconds: number, rate: number) {
  const random = seededRandom(seed);
  const recorder = new Recorder({ violationLimit: 10 });
  const sum = new Rollup();
  sum.add({ kind: 'opening', ...emptyOpening(), opened: 100, attempts: 100, failures: {}, connect: null });
  for (let second = 0; second < seconds; second++) {
    for (let message = 0; message < rate; message++) {
      const serviceMs = 60 + 40 * Math.abs(Math.log(1 - random.next())) + (random.next() < 0.01 ? 400 : 0);
      const lagMs = 0.1 + 0.1 * random.next();
      recorder.due(second);
      recorder.arrival(true);
      recorder.time('service', serviceMs);
      recorder.time('sendLag', lagMs);
      recorder.time('response', serviceMs + lagMs);
    }
    Object.assign(recorder.tallies.measured, { scheduled: rate, sent: rate, delivered: rate });
    sum.add(recorder.flush(second, 100, null));
  }
  addHealth(sum.health, { ...emptyHealth(), seconds });
  return sum.toPart();
}

function partialOf(
  plan: Plan,
  planHash: string,
  index: number,
  of: number,
  part: FleetPartial['part'],
): FleetPartial {
  return {
    schema: PARTIAL_SCHEMA,
    kind: 'fleet partial',
    identity: { runId: '0123456789abcdef', planHash, index, of, startMs: START_MS },
    plan: settingsOfPlan(plan),
    headerNames: [],
    host: `node${index}`,
    environment: {
      node: process.version,
      os: 'made up',
      cpus: '2 × made up',
      version: '0',
      commit: null,
      threads: 1,
      seed: 1,
    },
    clock: { lowMs: -1, highMs: 1, probes: 5 },
    times: {
      startedMs: START_MS - 5_000,
      readyMs: START_MS - 1_000,
      latenessMs: 0,
      trafficEndedMs: START_MS + plan.durationMs + 2_000,
      measuredMs: plan.durationMs,
    },
    run: {
      interruption: null,
      stage: {
        kind: 'url',
        url: plan.stage,
        name: 'made up',
        region: null,
        parameters: {},
        profile: null,
        notes: [],
      },
      probes: 0,
      stageChange: null,
      sharesMachine: false,
      hostBusy: 0.3,
      stealShare: null,
    },
    part,
  };
}

async function make(store: Store, workers: number, seconds: number, rate: number): Promise<void> {
  const plan = fleetPlan(workers, seconds, rate);
  const planHash = planHashOf(plan);
  const parts = Array.from({ length: Math.min(DISTINCT, workers) }, (_, seed) => partOf(seed, seconds, rate));
  const texts = await Promise.all(
    parts.map(async (part) =>
      gunzipSync(await packPartial(partialOf(plan, planHash, 0, workers, part))).toString(),
    ),
  );
  for (let index = 0; index < workers; index++) {
    const text = texts[index % texts.length]!.replace('"index":0', `"index":${index}`);
    await store.put(partialName(index), gzipSync(text, { level: 1 }));
  }
}

async function merge(store: Store): Promise<void> {
  const startMs = performance.now();
  const { merge: merging } = await collect(store);
  const addedMs = performance.now();
  const { record, fleet } = merging.finish({ id: 'merge' });
  const result = summarise(record, []);
  const endMs = performance.now();
  process.stdout.write(
    `merged ${fleet.workers.length} partials, ${result.messages.delivered} deliveries: ` +
      `${((addedMs - startMs) / 1000).toFixed(1)} s reading and adding, ${((endMs - addedMs) / 1000).toFixed(1)} s summarising, ` +
      `${(process.cpuUsage().user / 1e6).toFixed(1)} s of processor time, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`,
  );
}

if (values.merge !== undefined) {
  await merge(await openStore(values.merge));
} else {
  const place = mkdtempSync(path.join(os.tmpdir(), 'fleet-merge-'));
  try {
    const workers = wholeOf('workers', values.workers, 1, 10_000);
    const [seconds, rate] = [wholeOf('seconds', values.seconds), wholeOf('rate', values.rate)];
    await make(await openStore(place), workers, seconds, rate);
    const bytes = statSync(path.join(place, partialName(0))).size;
    process.stdout.write(
      `${workers} partials of ${seconds} s at ${rate} messages/s each, ${Math.round(bytes / 1024)} KB a file\n`,
    );
    const script = fileURLToPath(import.meta.url);
    spawnSync(process.execPath, ['--import', 'tsx', script, '--merge', place], { stdio: 'inherit' });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
