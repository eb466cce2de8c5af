/**
 * Checks of a run's own trustworthiness. Each one names its evidence and says valid, unknown or invalid; the worst wins.
 * They ask whether the driver did what the plan says and whether anything but the stage can have shaped the figures.
 * A slow or lossy stage is not invalid: it is what the run was for. A stage that closes connections changes the load that
 * the others get, so that is `unknown`; one that answers nothing at all leaves no latency to describe, and is `invalid`.
 */

import { quantilesOf } from '../measure/histogram.ts';
import { metricsCheck, missingMetricsCheck } from '../measure/metrics-completeness.ts';
import { expectationOfRecord, type RunRecord } from '../measure/record.ts';
import { counted, were } from '../model/counted.ts';
import type { RunResult, ValidityCheck, ValidityVerdict } from '../model/result.ts';
import { type Bounds, percent, within } from './bounds.ts';
import { driverChecks } from './driver-validity.ts';

/** For what the stage did: it casts doubt, but it is no fault of the driver's. */
function atMostUnknown(verdict: ValidityVerdict): ValidityVerdict {
  return verdict === 'invalid' ? 'unknown' : verdict;
}

/** Shortfall of sent against scheduled messages. One in a thousand is rounding; one in a hundred changes the load. */
const SHORTFALL: Bounds = { valid: 0.001, invalid: 0.01 };

/** What churn was planned to cost is no shortfall. */
function shortfallOf({ rollup }: RunRecord): number {
  const { scheduled, sent } = rollup.measured;
  return scheduled === 0 ? 1 : 1 - (sent + rollup.connections.refusedInChurn) / scheduled;
}

function achievedRate(record: RunRecord): ValidityCheck {
  const { scheduled, sent, refused } = record.rollup.measured;
  const { refusedInChurn } = record.rollup.connections;
  const verdict = within(shortfallOf(record), SHORTFALL);
  const isByStage = endsByStage(record) > 0 && sent > 0;
  const churn =
    refusedInChurn === 0 ? '' : `, ${refusedInChurn} of them while churn replaced their connection`;
  const evidence =
    scheduled === 0
      ? 'no message was scheduled in the measured window'
      : `${sent} of ${counted(scheduled, 'scheduled message')} ${were(sent)} sent, ${refused} ${were(refused)} refused${churn}`;
  return { name: 'achieved rate', verdict: isByStage ? atMostUnknown(verdict) : verdict, evidence };
}

/** Connections that the stage ended, and replacements of ended ones that it refused. */
function endsByStage({ rollup }: RunRecord): number {
  const { closedEarly, failedAttempts, failed, opened } = rollup.connections;
  return closedEarly + (opened > 0 ? Math.max(0, failedAttempts - failed) : 0);
}

/** Missing connections move their messages to `refused` and change the load's shape. */
const MISSING_CONNECTIONS: Bounds = { valid: 0, invalid: 0.01 };

/**
 * A connection that ends early leaves its place empty. Without reconnect that is for the rest of the run, and the load is
 * another than planned. With it the gap lasts as long as opening takes: an open loop shows what that cost as messages
 * refused, and ends that cost less than a shortfall that is rounding leave the load as planned. A closed loop sends less
 * instead and has nothing to show for it, so there they cast doubt as before.
 */
function connections(record: RunRecord): ValidityCheck {
  const { rollup, plan } = record;
  const { opened, failed, closedEarly } = rollup.connections;
  const missing = within((plan.connections - opened) / plan.connections, MISSING_CONNECTIONS);
  const isMadeUpFor = plan.reconnect && plan.load.kind === 'open' && shortfallOf(record) <= SHORTFALL.valid;
  return {
    name: 'connections',
    verdict: missing === 'valid' && endsByStage(record) > 0 && !isMadeUpFor ? 'unknown' : missing,
    evidence: `${opened} of ${plan.connections} opened, ${failed} failed, ${closedEarly} ended before the run did${replacements(rollup.connections)}`,
  };
}

/** What came of opening connections again. Nothing where nothing was. */
function replacements({ reconnects, churned, reopened }: RunRecord['rollup']['connections']): string {
  const churn = churned === 0 ? '' : `, ${churned} closed for churn and ${reopened} of them reopened at once`;
  return reconnects === 0 ? churn : `${churn}, ${reconnects} reconnected`;
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
  return metricsCheck(record.metrics, expectationOfRecord(record));
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
    evidence: `${counted(delivered, 'message')} ${were(delivered)} delivered${p99 === null ? tail : ''}`,
  };
}

/** A stage that is changed while it is driven has the figures of none of its settings. */
function steadyStage({ stage, stageChange }: RunRecord): ValidityCheck | null {
  const name = 'steady stage';
  if (stage.pipeline === undefined) return null;
  if (stageChange !== null) return { name, verdict: 'unknown', evidence: stageChange };
  return { name, verdict: 'valid', evidence: 'the stack was not changed while it was driven' };
}

const WORST: readonly ValidityVerdict[] = ['invalid', 'unknown', 'valid'];

/** All checks that apply to the run, and the worst of their verdicts. */
export function judgeValidity(record: RunRecord): RunResult['validity'] {
  const checks = [
    evidence(record),
    achievedRate(record),
    connections(record),
    ...driverChecks(record),
    sharedMachine(record),
    ...(record.stageHasMetrics ? [metricsComplete(record)] : []),
    ...[steadyStage(record)].filter((check) => check !== null),
  ];
  return { verdict: worstOf(checks), checks };
}

/** The verdict on a run with these checks. */
export function worstOf(checks: readonly ValidityCheck[]): ValidityVerdict {
  return WORST.find((worst) => checks.some((check) => check.verdict === worst)) ?? 'unknown';
}
