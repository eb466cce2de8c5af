/**
 * Checks of a run's own trustworthiness. Each one names its evidence and says valid, unknown or invalid; the worst wins.
 * They ask whether the driver did what the plan says and whether anything but the stage can have shaped the figures.
 * A slow or lossy stage is not invalid: it is what the run was for. A stage that closes connections changes the load that
 * the others get, so that is `unknown`; one that answers nothing at all leaves no latency to describe, and is `invalid`.
 */
import { quantilesOf } from './histogram.ts';
import { metricsCheck, missingMetricsCheck } from './metrics-completeness.ts';
import { expectedRecords, type RunRecord } from './record.ts';
import type { RunResult, ValidityCheck, ValidityVerdict } from './result.ts';

/** Bounds of a check: up to `valid` it is valid, up to `invalid` unknown, beyond it invalid. */
interface Bounds {
  readonly valid: number;
  readonly invalid: number;
}

function within(value: number, bounds: Bounds): ValidityVerdict {
  if (value <= bounds.valid) return 'valid';
  return value <= bounds.invalid ? 'unknown' : 'invalid';
}

/** For what the stage did: it casts doubt, but it is no fault of the driver's. */
function atMostUnknown(verdict: ValidityVerdict): ValidityVerdict {
  return verdict === 'invalid' ? 'unknown' : verdict;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const ms = (value: number | null): string => (value === null ? 'n/a' : `${value.toFixed(2)} ms`);

/** Shortfall of sent against scheduled messages. One in a thousand is rounding; one in a hundred changes the load. */
const SHORTFALL: Bounds = { valid: 0.001, invalid: 0.01 };

function achievedRate({ rollup }: RunRecord): ValidityCheck {
  const { scheduled, sent, refused } = rollup.measured;
  const shortfall = scheduled === 0 ? 1 : 1 - sent / scheduled;
  const verdict = within(shortfall, SHORTFALL);
  const closedByStage = rollup.connections.closedEarly > 0 && sent > 0;
  const evidence =
    scheduled === 0
      ? 'no message was scheduled in the measured window'
      : `${sent} of ${scheduled} scheduled messages were sent, ${refused} were refused`;
  return { name: 'achieved rate', verdict: closedByStage ? atMostUnknown(verdict) : verdict, evidence };
}

/** A lag below a tenth of the median round trip, or below 10 ms, is noise on the figures; half of it shapes them. */
function sendLag({ rollup, plan }: RunRecord): ValidityCheck {
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
}

const LOOP_DELAY_MS: Bounds = { valid: 25, invalid: 100 };

function loopDelay({ rollup }: RunRecord): ValidityCheck {
  const { seconds, loopDelayP99Ms, loopDelayMaxMs } = rollup.health;
  const name = 'loop delay';
  if (seconds === 0) return { name, verdict: 'unknown', evidence: 'the driver reported no health' };
  const evidence = `worst second: p99 ${ms(loopDelayP99Ms)} (bound ${ms(LOOP_DELAY_MS.valid)}), max ${ms(loopDelayMaxMs)}`;
  return { name, verdict: within(loopDelayP99Ms, LOOP_DELAY_MS), evidence };
}

/** Past 80 % a loop has no room for bursts. Mean over the run, not the worst second: bursts are what room is for. */
const UTILIZATION: Bounds = { valid: 0.8, invalid: 0.95 };

function driverBusy({ rollup }: RunRecord): ValidityCheck {
  const { seconds, utilizationSum, utilizationMax } = rollup.health;
  const name = 'driver utilization';
  if (seconds === 0) return { name, verdict: 'unknown', evidence: 'the driver reported no health' };
  const mean = utilizationSum / seconds;
  const evidence = `the driver's loops were busy ${percent(mean)} of the time (bound ${percent(UTILIZATION.valid)}), ${percent(utilizationMax)} in the busiest second`;
  return { name, verdict: within(mean, UTILIZATION), evidence };
}

const GC_SHARE: Bounds = { valid: 0.05, invalid: 0.2 };

function garbage({ rollup }: RunRecord): ValidityCheck {
  const { seconds, gcMs } = rollup.health;
  const name = 'garbage collection';
  if (seconds === 0) return { name, verdict: 'unknown', evidence: 'the driver reported no health' };
  const share = gcMs / (seconds * 1000);
  return {
    name,
    verdict: within(share, GC_SHARE),
    evidence: `${gcMs.toFixed(0)} ms in ${seconds} s of worker time, ${percent(share)} (bound ${percent(GC_SHARE.valid)})`,
  };
}

/** Missing connections move their messages to `refused` and change the load's shape. */
const MISSING_CONNECTIONS: Bounds = { valid: 0, invalid: 0.01 };

function connections({ rollup, plan }: RunRecord): ValidityCheck {
  const { opened, failed, closedEarly } = rollup.connections;
  const missing = within((plan.connections - opened) / plan.connections, MISSING_CONNECTIONS);
  return {
    name: 'connections',
    verdict: missing === 'valid' && closedEarly > 0 ? 'unknown' : missing,
    evidence: `${opened} of ${plan.connections} opened, ${failed} failed, ${closedEarly} ended before the run did`,
  };
}

const HOST_BUSY: Bounds = { valid: 0.9, invalid: 0.98 };

/** With the stage on the driver's own machine, a full machine means that they measured each other's need for it. */
function sharedMachine({ hostBusy, sharesMachine }: RunRecord): ValidityCheck {
  const name = 'shared machine';
  const who = sharesMachine ? 'stage and driver share this machine' : 'the stage is on another machine';
  if (hostBusy === null) return { name, verdict: 'unknown', evidence: `${who}; its load could not be read` };
  const evidence = `${who}; its processors were ${percent(hostBusy)} busy (bound ${percent(HOST_BUSY.valid)})`;
  return { name, verdict: within(hostBusy, HOST_BUSY), evidence };
}

/** Whether the stage's metrics cover the same messages as the driver's counts. */
function metricsComplete(record: RunRecord): ValidityCheck {
  if (record.metrics === null) return missingMetricsCheck(record.metricsProblem);
  return metricsCheck(record.metrics, expectedRecords(record));
}

function evidence({ rollup }: RunRecord): ValidityCheck {
  const { delivered } = rollup.measured;
  const verdict = delivered === 0 ? 'invalid' : 'valid';
  const { p99 } = quantilesOf(rollup.histograms.response);
  const tail =
    delivered === 0 ? ': there is no latency to describe; does this stage echo?' : '; too few for a p99';
  return {
    name: 'samples',
    verdict,
    evidence: `${delivered} messages were delivered${p99 === null ? tail : ''}`,
  };
}

const WORST: readonly ValidityVerdict[] = ['invalid', 'unknown', 'valid'];

/** All checks that apply to the run, and the worst of their verdicts. */
export function judgeValidity(record: RunRecord): RunResult['validity'] {
  const checks = [
    evidence(record),
    achievedRate(record),
    connections(record),
    sendLag(record),
    loopDelay(record),
    driverBusy(record),
    garbage(record),
    sharedMachine(record),
    ...(record.stageHasMetrics ? [metricsComplete(record)] : []),
  ];
  return { verdict: worstOf(checks), checks };
}

/** The verdict on a run with these checks. */
export function worstOf(checks: readonly ValidityCheck[]): ValidityVerdict {
  return WORST.find((worst) => checks.some((check) => check.verdict === worst)) ?? 'unknown';
}
