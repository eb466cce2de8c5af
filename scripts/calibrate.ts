/**
 * Measures how long the local stage takes from a Kinesis put to the function, with profile `aws`, and prints it beside the
 * published figures that the profile is calibrated to. Real clock, real function processes, both consumers at the same
 * time, about 70 seconds; with --virtual the same parts on a virtual clock and a modelled function, in seconds. What this
 * machine adds by itself is measured first and is part of the local figures.
 *
 * Usage: npm run calibrate -- [--messages N] [--rate N] [--shards N] [--seed N] [--virtual] [--json]
 * Exit code 1: a percentile is off by more than 15 %, or messages are missing. 2: bad usage.
 */
import { seededRandom } from '../bench/measure/random.ts';
import type { StageHealth } from '../bench/model/result.ts';
import { systemClock } from '../bench/node/clock.ts';
import type { Random } from '../bench/ports.ts';
import { VirtualClock } from '../bench/sim/virtual-clock.ts';
import { MetricStore } from '../stack/local/cloudwatch/metrics.ts';
import { StageHealthWatch } from '../stack/local/health.ts';
import { AWS_PROFILE, type Latency, type Profile } from '../stack/local/profile.ts';
import { type ComparisonRow, compare, nearestRank } from '../stack/local/testing/calibration/comparison.ts';
import { modelledFunction } from '../stack/local/testing/calibration/modelled-function.ts';
import {
  type CalibrationLoad,
  measurePipeline,
  type PipelineOptions,
  type PipelineResult,
} from '../stack/local/testing/calibration/pipeline.ts';
import {
  type ProcessFunction,
  processFunction,
} from '../stack/local/testing/calibration/process-function.ts';
import {
  CONSUMERS,
  PUBLISHED_MESSAGES,
  PUBLISHED_SOURCE,
} from '../stack/local/testing/calibration/published.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';

const TOLERANCE = 0.15;

/** Environments started beforehand: at 50 messages a second and 10 ms each, more than four at once are rare. */
const ENVIRONMENTS = 6;

/**
 * Load and constant latencies under which the machine's own part is measured: whatever is beyond them is its own. Timers
 * run at whole milliseconds, so latencies with a half have the average wait for one.
 */
const MACHINE_LOAD: CalibrationLoad = { messages: 300, ratePerSecond: 100, shards: 16 };
const PUSH_MS = 10.5;
const INVOKE_MS = 5.5;

interface Settings {
  readonly load: CalibrationLoad;
  readonly seed: number;
  readonly isVirtual: boolean;
  readonly json: boolean;
}

interface Measurement {
  readonly result: PipelineResult;
  readonly machine: { readonly count: number; readonly p50Ms: number; readonly p99Ms: number } | null;
  readonly health: StageHealth | null;
}

const OPTIONS = {
  messages: { type: 'string', default: '3000' },
  rate: { type: 'string', default: '50' },
  shards: { type: 'string', default: '256' },
  seed: { type: 'string', default: '1' },
  virtual: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

function settingsGiven(): Settings {
  const { values } = scriptArguments(OPTIONS);
  const whole = (name: 'messages' | 'rate' | 'shards' | 'seed', least: number, most: number) =>
    wholeOf(name, values[name], least, most);
  return {
    load: {
      messages: whole('messages', PUBLISHED_MESSAGES, 1_000_000),
      ratePerSecond: whole('rate', 1, 1_000),
      shards: whole('shards', 2, 1_000),
    },
    seed: whole('seed', 0, 2 ** 32 - 1),
    isVirtual: values.virtual,
    json: values.json,
  };
}

async function onVirtualClock({ load, seed }: Settings): Promise<Measurement> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const measuring = measurePipeline({
    load,
    profile: AWS_PROFILE,
    clock,
    random,
    epochMs: () => clock.epochAt(clock.now()),
    hostOf: (kind, _metrics, report) =>
      modelledFunction({ profile: AWS_PROFILE, clock, random: random.fork(`function ${kind}`), report }),
    log,
  });
  return { result: await clock.runUntil(measuring), machine: null, health: null };
}

async function onRealClock({ load, seed }: Settings): Promise<Measurement> {
  const random = seededRandom(seed);
  const machine = await machinePart(random.fork('machine'));
  const watch = new StageHealthWatch(systemClock);
  const startMs = Date.now();
  const result = await measured(load, AWS_PROFILE, random);
  watch.close();
  return { result, machine, health: watch.between(startMs, Date.now()) };
}

/** Two timers and the hop to the function's process: the latency beyond constant ones, by fan-out. */
async function machinePart(random: Random): Promise<Measurement['machine']> {
  const constant = (ms: number): Latency => ({
    kind: 'quantiles',
    points: [
      [0, ms],
      [1, ms],
    ],
  });
  const latency = {
    ...AWS_PROFILE.latency,
    putRecord: { kind: 'none' },
    fanOutPush: constant(PUSH_MS),
    invoke: constant(INVOKE_MS),
  } as const;
  const { latencies } = await measured(MACHINE_LOAD, { ...AWS_PROFILE, latency }, random);
  const own = Float64Array.from(latencies.fanOut, (ms) => ms - PUSH_MS - INVOKE_MS).sort();
  return { count: own.length, p50Ms: nearestRank(own, 50), p99Ms: nearestRank(own, 99) };
}

async function measured(load: CalibrationLoad, profile: Profile, random: Random): Promise<PipelineResult> {
  const clock = systemClock;
  const metrics = new MetricStore({ clock, periodMs: 1_000 });
  const functions = Object.fromEntries(
    CONSUMERS.map((kind) => [
      kind,
      processFunction({ name: kind, profile, clock, random: random.fork(kind), metrics, log }),
    ]),
  ) as Record<(typeof CONSUMERS)[number], ProcessFunction>;
  try {
    await Promise.all(Object.values(functions).map((one) => one.warm(ENVIRONMENTS)));
    const hostOf: PipelineOptions['hostOf'] = (kind, _, report) => functions[kind].reportingTo(report);
    return await measurePipeline({ load, profile, clock, random, epochMs: Date.now, hostOf, log });
  } finally {
    await Promise.all(Object.values(functions).map((one) => one.close()));
  }
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

const LABELS = { fanOut: 'enhanced fan-out', polling: 'shared iterator' } as const;

function lineOf({ consumer, percentile, publishedMs, localMs, ratio, ok }: ComparisonRow): string {
  const cells = [publishedMs.toFixed(1), localMs.toFixed(1), ratio.toFixed(2)].map((cell) =>
    cell.padStart(11),
  );
  return `${LABELS[consumer].padEnd(17)} P${percentile} ${cells.join('')}   ${ok ? 'ok' : 'OFF'}`;
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function print(
  settings: Settings,
  { result, machine, health }: Measurement,
  rows: readonly ComparisonRow[],
): void {
  const { messages, ratePerSecond, shards } = settings.load;
  const counts = CONSUMERS.map((kind) => `${result.latencies[kind].length} by ${LABELS[kind]}`);
  const lines = [
    'From the Kinesis put to the function, milliseconds. The local stage is calibrated; it was never measured on AWS.',
    '',
    `${'consumer'.padEnd(17)}      ${['published', 'local', 'ratio'].map((cell) => cell.padStart(11)).join('')}`,
    ...rows.map(lineOf),
    '',
    `published: n = ${PUBLISHED_MESSAGES} each, ${PUBLISHED_SOURCE}`,
    `local: n = ${counts.join(', ')}; ${messages} messages at ${ratePerSecond}/s over ${shards} shards, seed ${settings.seed}`,
    ...(settings.isVirtual ? ['virtual clock, modelled function'] : []),
    ...CONSUMERS.filter((kind) => result.cold[kind] + result.missing[kind] > 0).map(
      (kind) =>
        `${LABELS[kind]}: ${result.cold[kind]} left out as cold starts, ${result.missing[kind]} never arrived`,
    ),
  ];
  if (machine !== null)
    lines.push(
      `this machine's own part (two timers and the hop to the process), within the local figures: median ${machine.p50Ms.toFixed(1)}, P99 ${machine.p99Ms.toFixed(1)}, n = ${machine.count}`,
    );
  if (health !== null)
    lines.push(
      `this process's event loop was busy ${percent(health.utilizationMean)} of the time, the machine ${health.machineBusyMean === null ? 'n/a' : percent(health.machineBusyMean)}`,
    );
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function main(): Promise<number> {
  const settings = settingsGiven();
  const measurement = await (settings.isVirtual ? onVirtualClock(settings) : onRealClock(settings));
  const { latencies, cold, missing } = measurement.result;
  const rows = compare(latencies, TOLERANCE);
  const ok = rows.every((row) => row.ok) && missing.fanOut + missing.polling === 0;
  if (settings.json) {
    const { machine, health } = measurement;
    const { load, seed, isVirtual } = settings;
    const source = { title: PUBLISHED_SOURCE, messages: PUBLISHED_MESSAGES };
    const data = {
      ok,
      tolerance: TOLERANCE,
      source,
      load,
      seed,
      isVirtual,
      rows,
      cold,
      missing,
      machine,
      health,
    };
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  } else print(settings, measurement, rows);
  return ok ? 0 : 1;
}

process.exitCode = await main();
