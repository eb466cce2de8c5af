/**
 * Tells whether the local stage is itself the bottleneck. A stage whose event loop is always at work, or whose
 * machine is full, delays messages on its own account, and a run would report that as the architecture's latency. So
 * the process watches its loop and its machine each second; a spell above a bound is *saturated*. The loop's
 * utilization counts this process; function processes and the driver show in the machine's share.
 */
import { cpus } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { StageHealth } from '../../bench/model/result.ts';
import type { Clock, Timer } from '../../bench/ports.ts';

/** Above this share a loop has no room for bursts: queues grow while it works them off. */
export const SATURATED_UTILIZATION = 0.85;

/** Above this share of all processors, processes wait for one another. */
export const SATURATED_MACHINE = 0.9;

/** A stage that does less than this has no traffic: then a full machine is somebody else's and delays nothing here. */
export const IDLE_UTILIZATION = 0.02;

/** Seconds above a bound that make a spell. Starting functions or a garbage collection fill a second, not five. */
export const SPELL_SECONDS = 5;

/** A spell that goes on is said again after this many seconds. */
const REMINDER_SECONDS = 60;

/** Seconds kept: three hours, as long as metrics are kept. */
const KEPT_SECONDS = 10_800;

const SAMPLE_MS = 1_000;

/** What instruments tell of the time since they were last read. Shares are 0 to 1. */
export interface HealthReading {
  readonly utilization: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Null where the machine doesn't tell. */
  readonly machineBusy: number | null;
}

interface Sample extends HealthReading {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly inSpell: boolean;
}

interface Instruments {
  read(): HealthReading;
  close?(): void;
}

export class StageHealthWatch {
  readonly #clock: Clock;
  readonly #instruments: Instruments;
  readonly #listeners: ((sentence: string) => void)[] = [];
  #samples: Sample[] = [];
  #timer: Timer;
  #sampledMs: number;
  /** Seconds in a row above a bound, the newest included. */
  #spell = 0;

  /** The instruments are read once a second; those of this process and machine unless told otherwise. */
  constructor(clock: Clock, instruments: Instruments = processInstruments()) {
    this.#clock = clock;
    this.#instruments = instruments;
    this.#sampledMs = clock.now();
    this.#timer = this.#arm();
  }

  /** Health in the seconds that overlap the window, UTC milliseconds; null when none was watched. */
  between(startEpochMs: number, endEpochMs: number): StageHealth | null {
    return summaryOf(
      this.#samples.filter((one) => one.endEpochMs > startEpochMs && one.startEpochMs < endEpochMs),
    );
  }

  /** Tells in one sentence when a spell of saturation is five seconds long, and once a minute while it lasts. */
  onSaturated(listener: (sentence: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Stops watching; what was seen can still be asked for. */
  close(): void {
    this.#timer.cancel();
    this.#instruments.close?.();
  }

  #arm(): Timer {
    return this.#clock.at(this.#sampledMs + SAMPLE_MS, () => {
      this.#sample();
      this.#timer = this.#arm();
    });
  }

  #sample(): void {
    const nowMs = this.#clock.now();
    const reading = this.#instruments.read();
    this.#spell = isFull(reading) ? this.#spell + 1 : 0;
    const startEpochMs = this.#clock.epochAt(this.#sampledMs);
    const endEpochMs = this.#clock.epochAt(nowMs);
    this.#sampledMs = nowMs;
    this.#samples.push({ ...reading, startEpochMs, endEpochMs, inSpell: this.#spell >= SPELL_SECONDS });
    if (this.#spell === SPELL_SECONDS) this.#beginSpell();
    if (this.#samples.length > KEPT_SECONDS) this.#samples = this.#samples.slice(-KEPT_SECONDS / 2);
    if (this.#spell >= SPELL_SECONDS && (this.#spell - SPELL_SECONDS) % REMINDER_SECONDS === 0) this.#tell();
  }

  /** The seconds that made it a spell belong to it. */
  #beginSpell(): void {
    const first = this.#samples.length - SPELL_SECONDS;
    this.#samples = this.#samples.map((sample, index) =>
      index >= first ? { ...sample, inSpell: true } : sample,
    );
  }

  #tell(): void {
    const last = summaryOf(this.#samples.slice(-SPELL_SECONDS))!;
    const machine = last.machineBusyMean === null ? '' : `, the machine ${percent(last.machineBusyMean)}`;
    const sentence =
      `the local stage is itself the bottleneck: its event loop was busy ${percent(last.utilizationMean)} of the last ` +
      `${last.seconds} s${machine}; what it delays now is this machine's doing, not the architecture's`;
    for (const listener of this.#listeners) listener(sentence);
  }
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function isFull({ utilization, machineBusy }: HealthReading): boolean {
  const machineIsFull = (machineBusy ?? 0) > SATURATED_MACHINE && utilization > IDLE_UTILIZATION;
  return utilization > SATURATED_UTILIZATION || machineIsFull;
}

/** A second that was late to be sampled is longer, and counts for more. */
function summaryOf(samples: readonly Sample[]): StageHealth | null {
  if (samples.length === 0) return null;
  const known = samples.filter(({ machineBusy }) => machineBusy !== null);
  return {
    seconds: secondsOf(samples),
    utilizationMean: weightedMean(samples, ({ utilization }) => utilization),
    utilizationMax: Math.max(...samples.map(({ utilization }) => utilization)),
    loopDelayP99Ms: Math.max(...samples.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
    loopDelayMaxMs: Math.max(...samples.map(({ loopDelayMaxMs }) => loopDelayMaxMs)),
    machineBusyMean: known.length === 0 ? null : weightedMean(known, ({ machineBusy }) => machineBusy ?? 0),
    saturatedSeconds: secondsOf(samples.filter(({ inSpell }) => inSpell)),
  };
}

const lengthMs = ({ startEpochMs, endEpochMs }: Sample) => endEpochMs - startEpochMs;

function secondsOf(samples: readonly Sample[]): number {
  return Math.round(samples.reduce((sum, sample) => sum + lengthMs(sample), 0) / 1_000);
}

function weightedMean(samples: readonly Sample[], shareOf: (sample: Sample) => number): number {
  const lengths = samples.reduce((sum, sample) => sum + lengthMs(sample), 0);
  const weighted = samples.reduce((sum, sample) => sum + shareOf(sample) * lengthMs(sample), 0);
  return lengths === 0 ? 0 : weighted / lengths;
}

/** Sampling interval of Node's delay histogram; it is subtracted from what is reported. */
const RESOLUTION_MS = 10;
const NANOS_PER_MILLI = 1e6;

function processInstruments(): Instruments {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const beyond = (nanos: number) => Math.max(0, nanos / NANOS_PER_MILLI - RESOLUTION_MS);
  let loopBefore = performance.eventLoopUtilization();
  let machineBefore = machineTimes();
  return {
    read() {
      const loop = performance.eventLoopUtilization();
      const machine = machineTimes();
      const { utilization } = performance.eventLoopUtilization(loop, loopBefore);
      const reading = {
        utilization,
        loopDelayP99Ms: beyond(delay.percentile(99)),
        loopDelayMaxMs: beyond(delay.max),
        machineBusy: busyShare(machineBefore, machine),
      };
      loopBefore = loop;
      machineBefore = machine;
      delay.reset();
      return reading;
    },
    close: () => delay.disable(),
  };
}

function machineTimes() {
  let idleMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    idleMs += times.idle;
    totalMs += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idleMs, totalMs };
}

type MachineTimes = ReturnType<typeof machineTimes>;

function busyShare(before: MachineTimes, after: MachineTimes): number | null {
  const totalMs = after.totalMs - before.totalMs;
  return totalMs <= 0 ? null : 1 - (after.idleMs - before.idleMs) / totalMs;
}
