/**
 * `bench doctor --self-test`: proves on the user's own machine that the measuring can be trusted, by the two mistakes that
 * load generators are known for. A server that is stopped for a second must show in the percentiles as arithmetic says it
 * must; and a driver that is too slow, or asked for more than it can do, must be found out instead of its stage blamed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { summarise } from '../judge/summary.ts';
import type { RunRecord } from '../measure/record.ts';
import type { RunResult } from '../model/result.ts';
import { systemClock } from '../node/clock.ts';
import { type EchoProcess, startEchoProcess } from '../node/echo-process.ts';
import { parsePlan } from '../node/plan-file.ts';
import { calibrationFor } from './calibration.ts';
import { EXIT } from './exit.ts';
import { type Freeze, naiveP99Ms, trueP99Ms } from './freeze.ts';
import { drive } from './run-once.ts';
import { urlStage } from './stage.ts';

const SLOW_DRIVER = new URL('./self-test-thread-entry.mjs', import.meta.url);

const FREEZE_AFTER_MS = 1500;
const FREEZE_MS = 1000;

/** How far the measured percentile may be from the computed one. */
const TOLERANCE = 0.01;

/** Times the ceiling that is far above it, whatever the calibration missed. */
const FAR_ABOVE = 3;

interface Proof {
  readonly name: string;
  /** Null when this machine can't show it. */
  readonly ok: boolean | null;
  readonly text: string;
}

/** What a proof is made with. */
interface Subject {
  readonly echo: EchoProcess;
  readonly interrupted: AbortSignal;
}

interface Driving {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly program?: URL;
  readonly environment?: Partial<RunResult['environment']>;
  /** Called when measurement begins. */
  readonly measuring?: () => void;
}

/** Prints the proofs; exit code 1 when one fails. */
export async function selfTest(print: (line: string) => void, interrupted: AbortSignal): Promise<number> {
  const marks = new Map([
    [true, '✓'],
    [false, '✗'],
    [null, '–'],
  ]);
  let isGood = true;
  for (const prove of [frozenServer, slowDriver, overloadedDriver]) {
    const { name, ok, text } = await proved(prove, interrupted);
    print(`${marks.get(ok)} ${name.padEnd(18)} ${text}`);
    isGood &&= ok !== false;
  }
  return isGood ? EXIT.ok : EXIT.operation;
}

async function proved(prove: (subject: Subject) => Promise<Proof>, interrupted: AbortSignal): Promise<Proof> {
  const echo = await startEchoProcess(interrupted);
  try {
    return await prove({ echo, interrupted });
  } finally {
    await echo.close();
  }
}

/** Stops the server while the load goes on, and holds the percentiles against the times it was stopped at. */
async function frozenServer(subject: Subject): Promise<Proof> {
  const name = 'frozen server';
  if (process.platform === 'win32')
    return { name, ok: null, text: 'skipped: this system can’t stop a process' };
  let freezing: Promise<Freeze> | null = null;
  const settings = { rate: 400, connections: 10, duration: '4s', warmup: '500ms', drain: '5s' };
  const measuring = () => {
    freezing = freeze(subject.echo);
  };
  const record = await driven(subject, { settings, measuring });
  const { response, service } = summarise(record, []).latency;
  const load = {
    measuredFromMs: record.measuredFromMs,
    ratePerSecond: settings.rate,
    messages: record.rollup.measured.scheduled,
    connections: settings.connections,
  };
  const frozen = await freezing!;
  const truthMs = trueP99Ms(load, frozen);
  const measuredMs = response.p99 ?? 0;
  const off = Math.abs(measuredMs - truthMs) / truthMs;
  const percentiles = record.rollup.histograms.response;
  const naiveMs = naiveP99Ms(load, frozen, (rank) => percentiles.getValueAtPercentile(rank) / 1000);
  return {
    name,
    ok: off <= TOLERANCE,
    text:
      `stopped for ${(frozen.untilMs - frozen.fromMs).toFixed(0)} ms: response p99 ${measuredMs.toFixed(1)} ms, computed ` +
      `${truthMs.toFixed(1)} ms (${(off * 100).toFixed(2)} % apart, at most 1 %); service p99 ${(service.p99 ?? 0).toFixed(1)} ms; ` +
      `a tool that waits for answers would have said ${naiveMs.toFixed(1)} ms`,
  };
}

async function freeze({ pid }: EchoProcess): Promise<Freeze> {
  const nowMs = () => systemClock.epochAt(systemClock.now());
  await sleep(FREEZE_AFTER_MS);
  process.kill(pid, 'SIGSTOP');
  const fromMs = nowMs();
  await sleep(FREEZE_MS);
  process.kill(pid, 'SIGCONT');
  return { fromMs, untilMs: nowMs() };
}

/** A driver whose loop is held up must be called saturated, and its run invalid. */
async function slowDriver(subject: Subject): Promise<Proof> {
  const settings = { rate: 400, connections: 10, duration: '2s', warmup: '500ms', drain: '500ms' };
  return caught('slow driver', await driven(subject, { settings, program: SLOW_DRIVER }));
}

/** So must one that is asked for more than it can do. */
async function overloadedDriver(subject: Subject): Promise<Proof> {
  const name = 'overloaded driver';
  const { plan } = parsePlan({}, {}, { environment: null });
  const calibration = await calibrationFor(plan, subject.interrupted);
  if (typeof calibration === 'string') return { name, ok: null, text: `skipped: ${calibration}` };
  const rate = Math.min(1_000_000, calibration.ceilingPerSecond * FAR_ABOVE);
  const settings = { rate, connections: 100, duration: '1s', warmup: '0s', drain: '0s' };
  return caught(name, await driven(subject, { settings, environment: { calibration } }));
}

function caught(name: string, record: RunRecord): Proof {
  const { validity, warnings } = summarise(record, []);
  const isNamed = warnings.some(({ code }) => code === 'driverSaturated');
  const evidence = validity.checks
    .filter(({ verdict }) => verdict === 'invalid')
    .map((check) => `${check.name}: ${check.evidence}`);
  const named = isNamed ? 'DriverSaturated' : 'not called DriverSaturated';
  return {
    name,
    ok: validity.verdict === 'invalid' && isNamed,
    text: `the run is ${validity.verdict}, ${named}${evidence.length === 0 ? '' : ` (${evidence.join('; ')})`}`,
  };
}

function driven({ echo, interrupted }: Subject, driving: Driving): Promise<RunRecord> {
  const { settings, measuring, ...others } = driving;
  const { plan } = parsePlan({}, { stage: echo.url, connectRate: 2000, ...settings }, { environment: null });
  return drive({
    ...{ plan, headers: {}, interrupted, ...others },
    stage: urlStage(echo.url),
    id: 'self-test',
    observer: { phase: (phase) => (phase === 'measuring' ? measuring?.() : undefined) },
  });
}
