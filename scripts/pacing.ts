/**
 * How late the driver sends, and what that costs, for every pacing: the production driver in a thread of its own at a
 * constant rate over many connections, against a bare echo process. Pacings take turns, so that whatever else the machine
 * does meets all of them alike; figures are medians over the rounds. With --achieved it drives shares of the calibrated
 * ceiling instead, and says how far the achieved rate is from the asked one.
 *
 * Usage: npm run bench:pacing -- [--rate N] [--connections N] [--seconds N] [--rounds N] [--achieved] [--port N] [--json]
 * Exit code 1: with --achieved, a rate up to 80 % of the ceiling was missed by more than 0.1 %. 2: bad usage.
 */
import os from 'node:os';
import { calibrationFor } from '../bench/command/calibration.ts';
import { Rollup } from '../bench/measure/rollup.ts';
import { PACINGS, type Pacing, type Plan } from '../bench/model/plan.ts';
import type { Calibration } from '../bench/model/result.ts';
import { type EchoProcess, startEchoProcess } from '../bench/node/echo-process.ts';
import { ThreadWorker } from '../bench/node/thread.ts';
import { planWith } from '../bench/sim/testing/plan.ts';
import { scriptArguments, wholeOf } from './script-arguments.ts';

const DRIVER_THREAD = new URL('../bench/command/driver-thread-entry.mjs', import.meta.url);
const PAYLOAD_BYTES = 256;
const NOTICE_MS = 300;
const CONNECTS_PER_SECOND = 4_000;

/** Shares of the ceiling that --achieved drives; the bound holds up to the last but one. */
const SHARES = [0.1, 0.25, 0.5, 0.8, 1] as const;
const BOUND_UP_TO = 0.8;
const SHORTFALL_BOUND = 0.001;

const OPTIONS = {
  rate: { type: 'string', default: '10000' },
  connections: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '4' },
  rounds: { type: 'string', default: '3' },
  achieved: { type: 'boolean', default: false },
  port: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface Settings {
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly achieved: boolean;
  /** Of an echo server of the user's own on 127.0.0.1; null for ours. */
  readonly port: number | null;
  readonly json: boolean;
}

interface Outcome {
  readonly pacing: Pacing;
  readonly ratePerSecond: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly serviceP50Ms: number;
  readonly serviceP99Ms: number;
  /** Of the driver's process, metronome included. */
  readonly cores: number;
  readonly utilization: number;
  /** Sent within the window against asked, 0 to 1. */
  readonly shortfall: number;
  readonly inForce: string;
}

function settings(): Settings {
  const { values } = scriptArguments(OPTIONS);
  return {
    rate: wholeOf('rate', values.rate, 1, 1_000_000),
    connections: wholeOf('connections', values.connections, 1, 20_000),
    seconds: wholeOf('seconds', values.seconds, 1, 600),
    rounds: wholeOf('rounds', values.rounds, 1, 100),
    achieved: values.achieved,
    port: values.port === undefined ? null : wholeOf('port', values.port, 1, 65_535),
    json: values.json,
  };
}

function planOf(settings: Settings, pacing: Pacing, ratePerSecond: number): Plan {
  return planWith({
    connections: settings.connections,
    connectRatePerSecond: CONNECTS_PER_SECOND,
    load: { kind: 'open', ratePerSecond, arrival: 'constant' },
    warmupMs: 1000,
    durationMs: settings.seconds * 1000,
    drainMs: 200,
    payloadBytes: PAYLOAD_BYTES,
    pacing,
  });
}

/** Drives the plan once in a thread of its own. */
async function drive(plan: Plan, echo: Pick<EchoProcess, 'url'>): Promise<Outcome> {
  const rollup = new Rollup();
  const assignment = {
    plan,
    share: { index: 0, of: 1 },
    url: echo.url,
    runId: '0123456789abcdef',
    headers: {},
  };
  const thread = new ThreadWorker(DRIVER_THREAD, assignment, (event) => rollup.add(event));
  try {
    await thread.open();
    const startMs = performance.timeOrigin + performance.now() + NOTICE_MS;
    const processor = processorOver(startMs + plan.warmupMs, plan.durationMs);
    await thread.drive(startMs);
    return outcomeOf(plan, rollup, await processor);
  } finally {
    await thread.terminate();
  }
}

/** Cores that this process keeps busy in the window. */
async function processorOver(fromEpochMs: number, forMs: number): Promise<number> {
  const waitMs = fromEpochMs - performance.timeOrigin - performance.now();
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / forMs;
}

function outcomeOf(plan: Plan, rollup: Rollup, cores: number): Outcome {
  if (plan.load.kind !== 'open') throw new Error('an open loop is meant');
  const { sendLag, service } = rollup.histograms;
  const ms = (histogram: typeof sendLag, percentile: number) =>
    histogram.getValueAtPercentile(percentile) / 1000;
  const asked = (plan.load.ratePerSecond * plan.durationMs) / 1000;
  const seconds = rollup.seconds().filter(({ second }) => second * 1000 < plan.durationMs);
  const sent = seconds.reduce((sum, { measured }) => sum + measured.sent, 0);
  return {
    pacing: plan.pacing,
    ratePerSecond: plan.load.ratePerSecond,
    lagP50Ms: ms(sendLag, 50),
    lagP99Ms: ms(sendLag, 99),
    lagMaxMs: sendLag.maxValue / 1000,
    serviceP50Ms: ms(service, 50),
    serviceP99Ms: ms(service, 99),
    cores,
    utilization: rollup.health.utilizationSum / Math.max(1, rollup.health.seconds),
    shortfall: 1 - sent / asked,
    inForce: [...rollup.health.pacings].join(','),
  };
}

function medianOf(outcomes: readonly Outcome[]): Outcome {
  const median = (pick: (outcome: Outcome) => number): number => {
    const sorted = outcomes.map(pick).sort((left, right) => left - right);
    return sorted[Math.floor(sorted.length / 2)]!;
  };
  return {
    ...outcomes[0]!,
    lagP50Ms: median((outcome) => outcome.lagP50Ms),
    lagP99Ms: median((outcome) => outcome.lagP99Ms),
    lagMaxMs: median((outcome) => outcome.lagMaxMs),
    serviceP50Ms: median((outcome) => outcome.serviceP50Ms),
    serviceP99Ms: median((outcome) => outcome.serviceP99Ms),
    cores: median((outcome) => outcome.cores),
    utilization: median((outcome) => outcome.utilization),
    shortfall: median((outcome) => outcome.shortfall),
    inForce: [...new Set(outcomes.map((outcome) => outcome.inForce))].join(','),
  };
}

/** All pacings at one rate, taking turns. */
async function comparePacings(settings: Settings, echo: Pick<EchoProcess, 'url'>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    for (const pacing of PACINGS) outcomes.push(await drive(planOf(settings, pacing, settings.rate), echo));
  }
  return PACINGS.map((pacing) => medianOf(outcomes.filter((outcome) => outcome.pacing === pacing)));
}

/** The default pacing at shares of what this machine's calibration says one thread can drive. */
async function driveShares(
  settings: Settings,
  echo: Pick<EchoProcess, 'url'>,
  { ceilingPerSecond }: Calibration,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const share of SHARES) {
    const plan = planOf(settings, 'metronome', Math.round(ceilingPerSecond * share));
    const rounds: Outcome[] = [];
    for (let round = 0; round < settings.rounds; round++) rounds.push(await drive(plan, echo));
    outcomes.push(medianOf(rounds));
  }
  return outcomes;
}

const HEAD =
  'pacing     messages/s  lag p50    p99      max      service p50   p99    cores  loop   short of asked';

function row(outcome: Outcome): string {
  const ms = (value: number, width: number) => value.toFixed(3).padStart(width);
  return [
    outcome.pacing.padEnd(9),
    String(outcome.ratePerSecond).padStart(11),
    ms(outcome.lagP50Ms, 8),
    ms(outcome.lagP99Ms, 8),
    ms(outcome.lagMaxMs, 8),
    ms(outcome.serviceP50Ms, 12),
    ms(outcome.serviceP99Ms, 8),
    outcome.cores.toFixed(2).padStart(6),
    `${(outcome.utilization * 100).toFixed(0)} %`.padStart(6),
    `${(outcome.shortfall * 100).toFixed(3)} %`.padStart(10),
  ].join(' ');
}

const echoAt = (port: number): Pick<EchoProcess, 'url' | 'close'> => ({
  url: `ws://127.0.0.1:${port}/`,
  close: () => Promise.resolve(),
});

async function main(settings: Settings): Promise<number> {
  const calibration = settings.achieved ? await calibrationFor(planOf(settings, 'metronome', 1)) : null;
  if (typeof calibration === 'string') throw new Error(calibration);
  const loadBefore = os.loadavg()[0]!;
  const echo = settings.port === null ? await startEchoProcess() : echoAt(settings.port);
  try {
    const outcomes =
      calibration === null
        ? await comparePacings(settings, echo)
        : await driveShares(settings, echo, calibration);
    const missed = outcomes.filter((_, at) => SHARES[at]! <= BOUND_UP_TO && isMissed(outcomes[at]!));
    const facts = { connections: settings.connections, payloadBytes: PAYLOAD_BYTES, rounds: settings.rounds };
    if (settings.json) {
      process.stdout.write(`${JSON.stringify({ ...facts, loadBefore, calibration, outcomes })}\n`);
    } else {
      const lines = outcomes.map(row);
      const about = `${facts.connections} connections, ${PAYLOAD_BYTES} bytes, median of ${facts.rounds} rounds; milliseconds; load of the machine before ${loadBefore.toFixed(2)} on ${os.cpus().length} processors`;
      process.stdout.write(`${[about, HEAD, ...lines].join('\n')}\n`);
    }
    return settings.achieved && missed.length > 0 ? 1 : 0;
  } finally {
    await echo.close();
  }
}

const isMissed = ({ shortfall }: Outcome): boolean => shortfall > SHORTFALL_BOUND;

try {
  process.exitCode = await main(settings());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
