/**
 * Checks of whether the driver could do what the plan asks: by what it was calibrated to, and by how it fared. A driver
 * that could not is called saturated, and its run invalid, because its figures would pass for those of a slow stage.
 */

import type { RunRecord } from '../measure/record.ts';
import type { Calibration, DriverHealth, ValidityCheck } from '../model/result.ts';
import { type Bounds, ms, percent, within } from './bounds.ts';

type Check = (record: RunRecord) => ValidityCheck | null;

/** A lag below a tenth of the median round trip, or below 10 ms, is noise on the figures; half of it shapes them. */
const sendLag: Check = ({ rollup, plan }) => {
  const lag = rollup.histograms.sendLag;
  const response = rollup.histograms.response;
  const name = 'send lag';
  if (plan.load.kind === 'closed') {
    return { name, verdict: 'valid', evidence: 'closed loop: a message is intended when its place is free' };
  }
  if (lag.totalCount === 0) return { name, verdict: 'unknown', evidence: 'nothing was sent' };
  const p99Ms = lag.getValueAtPercentile(99) / 1000;
  const medianMs = response.totalCount === 0 ? 0 : response.getValueAtPercentile(50) / 1000;
  const bounds = { valid: Math.max(10, medianMs / 10), invalid: Math.max(50, medianMs / 2) };
  const evidence = `99 % of the messages left within ${ms(p99Ms)} of their intended time (bound ${ms(bounds.valid)}), the latest ${ms(lag.maxValue / 1000)} after it`;
  return { name, verdict: within(p99Ms, bounds), evidence };
};

const LOOP_DELAY_MS: Bounds = { valid: 25, invalid: 100 };

const loopDelay: Check = ({ rollup }) => {
  const { seconds, loopDelayP99Ms, loopDelayMaxMs } = rollup.health;
  const name = 'loop delay';
  if (seconds === 0) return { name, verdict: 'unknown', evidence: 'the driver reported no health' };
  const evidence = `worst second: p99 ${ms(loopDelayP99Ms)} (bound ${ms(LOOP_DELAY_MS.valid)}), max ${ms(loopDelayMaxMs)}`;
  return { name, verdict: within(loopDelayP99Ms, LOOP_DELAY_MS), evidence };
};

/** Past 80 % a loop has no room for bursts. Mean over the run, not the worst second: bursts are what room is for. */
const UTILIZATION: Bounds = { valid: 0.8, invalid: 0.95 };

const driverBusy: Check = ({ rollup, plan }) => {
  const { seconds, utilizationSum, utilizationMax } = rollup.health;
  const name = 'driver utilization';
  if (seconds === 0) return { name, verdict: 'unknown', evidence: 'the driver reported no health' };
  if (plan.pacing === 'spin') {
    return {
      name,
      verdict: 'valid',
      evidence: 'a loop that spins is always busy; send lag and loop delay tell',
    };
  }
  const mean = utilizationSum / seconds;
  const evidence = `the driver's loops were busy ${percent(mean)} of the time (bound ${percent(UTILIZATION.valid)}), ${percent(utilizationMax)} in the busiest second`;
  return { name, verdict: within(mean, UTILIZATION), evidence };
};

const GC_SHARE: Bounds = { valid: 0.05, invalid: 0.2 };

const garbage: Check = ({ rollup }) => {
  const { seconds, gcMs, gcCount, gcMaxMs } = rollup.health;
  const name = 'garbage collection';
  if (seconds === 0) return { name, verdict: 'unknown', evidence: 'the driver reported no health' };
  const share = gcMs / (seconds * 1000);
  return {
    name,
    verdict: within(share, GC_SHARE),
    evidence: `${gcCount} collections took ${gcMs.toFixed(0)} ms in ${seconds} s of worker time, ${percent(share)} (bound ${percent(GC_SHARE.valid)}), the longest ${ms(gcMaxMs)}`,
  };
};

/** Fractions of the calibrated ceiling. Above the first a hiccup of the machine is enough to fall behind; above the second, always. */
const CEILING_SHARE: Bounds = { valid: 0.8, invalid: 1 };

/** Sent in its window against what was due in it. Beyond it the plan was not achieved, whatever was sent later. */
const ACHIEVED_SHORTFALL = 0.01;

/** Threads that drive at the same time: more of them than processors take turns. */
function threadsAtWork({ plan, environment }: Pick<RunRecord, 'plan' | 'environment'>): number {
  return Math.min(plan.threads, environment.calibration?.cores ?? plan.threads);
}

/** What the plan asks a second, at its peak, per message that all threads can drive in one; null where that is not known. */
function ceilingShare(record: Pick<RunRecord, 'plan' | 'environment'>): number | null {
  const { plan } = record;
  const { calibration } = record.environment;
  if (calibration === undefined || plan.load.kind === 'closed') return null;
  return plan.load.ratePerSecond / (calibration.ceilingPerSecond * threadsAtWork(record));
}

/** Share of the messages due in the window that left the driver after it, or never. */
function shortfallInWindow({ rollup, measuredMs }: RunRecord): number {
  const { scheduled, refused } = rollup.measured;
  const seconds = rollup.seconds().filter(({ second }) => second * 1000 < measuredMs);
  const sent = seconds.reduce((sum, { measured }) => sum + measured.sent, 0);
  return scheduled === 0 ? 0 : 1 - (sent + refused) / scheduled;
}

/** A machine can do better in the run than in its calibration: what was achieved is not invalid for having been unlikely. */
const driverCeiling: Check = (record) => {
  const share = ceilingShare(record);
  if (share === null) return null;
  const planned = within(share, CEILING_SHARE);
  const shortfall = shortfallInWindow(record);
  const isAchieved = shortfall <= ACHIEVED_SHORTFALL;
  const verdict = planned === 'invalid' && isAchieved ? 'unknown' : planned;
  const { ceilingPerSecond } = record.environment.calibration!;
  return {
    name: 'driver ceiling',
    verdict,
    evidence: `the plan asks for ${percent(share)} of what ${threadsAtWork(record)} × ${ceilingPerSecond} messages/s allow (bound ${percent(CEILING_SHARE.valid)}); ${percent(Math.max(0, shortfall))} of the messages left after the measured window`,
  };
};

/** Time that the hypervisor gave to others: it delays sends and arrivals alike, and no instrument of the process sees it. */
const STOLEN: Bounds = { valid: 0.05, invalid: Number.POSITIVE_INFINITY };

const stolenTime: Check = ({ stealShare }) => {
  if (stealShare === undefined || stealShare === null) return null;
  const evidence = `the hypervisor withheld ${percent(stealShare)} of the processors' time (bound ${percent(STOLEN.valid)})`;
  return { name: 'stolen time', verdict: within(stealShare, STOLEN), evidence };
};

const CHECKS: readonly Check[] = [sendLag, loopDelay, driverBusy, garbage, driverCeiling, stolenTime];

/** The checks of the driver that apply to the run. */
export function driverChecks(record: RunRecord): ValidityCheck[] {
  return CHECKS.map((check) => check(record)).filter((check) => check !== null);
}

/** The checks that say that the driver could not keep up; empty for one that could. */
export function saturationOf(record: RunRecord): ValidityCheck[] {
  return driverChecks(record).filter(({ verdict }) => verdict === 'invalid');
}

/** What a person should know before the run begins, as a sentence with advice; null when there is room. */
export function ceilingNotice(plan: RunRecord['plan'], calibration: Calibration): string | null {
  const share = ceilingShare({ plan, environment: { calibration } as RunRecord['environment'] });
  if (share === null || share <= CEILING_SHARE.valid) return null;
  const verdict = share <= CEILING_SHARE.invalid ? 'little room' : 'more than that';
  return (
    `DriverSaturated: this machine drives about ${calibration.ceilingPerSecond} messages/s per thread and the plan asks ` +
    `${plan.threads} for ${verdict}, ${percent(share)}. Lower the rate, or raise --threads where there are cores to spare.`
  );
}

/** The driver's health as the result has it; nothing where nothing was watched. */
export function driverHealthOf({ rollup, stealShare }: RunRecord): DriverHealth | null {
  const { seconds, utilizationSum, pacings: _, ...rest } = rollup.health;
  if (seconds === 0) return null;
  return { seconds, utilizationMean: utilizationSum / seconds, ...rest, stealShare: stealShare ?? null };
}
