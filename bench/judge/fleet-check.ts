/** The fleet's own place among the checks of a run: was all of it there, once, and at the same time? */

import { counted } from '../model/counted.ts';
import type { FleetFacts, WorkerFacts } from '../model/fleet-facts.ts';
import type { RunResult, ValidityCheck, Warning } from '../model/result.ts';
import { ms, percent } from './bounds.ts';
import { worstOf } from './validity.ts';

/** A worker that was ready this much after the agreed start has caught up within its first second. */
const LATE_MS = 100;

/** Clocks further apart than this put the same moment into different seconds of the timeline. */
const SPREAD_MS = 1_000;

/**
 * Part of the measured window by which workers may surely have driven apart: beyond it the load was another than planned for
 * so long that percentiles are of another run. The same of a worker that came so late, beyond the warm-up.
 */
const APART_SHARE = 0.05;

type Driven = Pick<RunResult, 'plan' | 'messages' | 'stage'>;

/** Whether the parts are the whole run, and of the same time. */
export function fleetCheck(fleet: FleetFacts, run: Driven): ValidityCheck {
  const { missing, of, workers, rejected, clocksApartMs = 0, clockSpreadMs, programs = [] } = fleet;
  const conflicts = rejected.filter(({ verdict }) => verdict === 'conflict').length;
  const late = workers.filter(({ latenessMs }) => latenessMs > LATE_MS);
  const cut = workers.filter(({ interruption }) => interruption !== null).length;
  const isTooLate = late.some(
    ({ latenessMs }) => latenessMs - run.plan.warmupMs > APART_SHARE * run.plan.durationMs,
  );
  const isApart = clocksApartMs > APART_SHARE * run.plan.durationMs;
  const parts = [
    `${of - missing.length} of ${of} workers reported`,
    ...(cut === 0
      ? []
      : [`${counted(cut, 'worker')} stopped early, and what was left of the share was never scheduled`]),
    ...(conflicts === 0 ? [] : [`${counted(conflicts, 'report')} of a worker that has another already`]),
    ...(isApart ? [apartText(clocksApartMs, run)] : []),
    startText(late, isApart),
    clocksText(fleet),
    ...regionText(fleet, run),
    ...(programs.length > 1 ? [`they ran different programs: ${programs.join(' | ')}`] : []),
  ];
  const isDoubtful =
    late.length > 0 || clockSpreadMs === null || clockSpreadMs > SPREAD_MS || programs.length > 1;
  return {
    name: 'fleet',
    verdict:
      missing.length > 0 || conflicts > 0 || isApart || isTooLate
        ? 'invalid'
        : isDoubtful
          ? 'unknown'
          : 'valid',
    evidence: parts.join('; '),
  };
}

/** What the load was, as the bounds of the clocks allow at the most. */
function apartText(apartMs: number, { plan, messages }: Driven): string {
  const { durationMs, load } = plan;
  const together = Math.max(0, durationMs - apartMs) / 1000;
  const perSecond = (messages.scheduled * 1000) / (durationMs + apartMs);
  const rate =
    load.kind === 'open'
      ? `, and the load was ${perSecond.toFixed(1)}/s on average, not ${load.ratePerSecond}/s`
      : '';
  return (
    `they drove at least ${(apartMs / 1000).toFixed(1)} s apart (bound ${percent(APART_SHARE)} of the window): ` +
    `all of them together for at most ${together.toFixed(1)} of ${durationMs / 1000} s${rate}`
  );
}

function startText(late: readonly WorkerFacts[], isApart: boolean): string {
  const worst = late.reduce((most, { latenessMs }) => Math.max(most, latenessMs), 0);
  if (late.length > 0) return `${late.length} came late, the last by ${ms(worst)}`;
  return isApart
    ? 'each was ready at the agreed start by its own clock'
    : 'all were ready at the agreed start';
}

function clocksText({ clockSpreadMs, clocksApartMs = 0 }: FleetFacts): string {
  if (clockSpreadMs === null) return 'how far their clocks are apart is not known';
  const least = clocksApartMs > 0 ? `at least ${ms(clocksApartMs)} and ` : '';
  return `their clocks are ${least}at most ${ms(clockSpreadMs)} apart`;
}

/** Where the workers ran, when that is not where the stack is, or nobody knows it. */
function regionText({ engine }: FleetFacts, { stage }: Pick<RunResult, 'stage'>): string[] {
  if (stage.region === null || engine === undefined || engine.region === stage.region) return [];
  return [
    engine.region === undefined
      ? 'in which region they ran is not known'
      : `they ran in ${engine.region}, and the stack is in ${stage.region}`,
  ];
}

function regionWarnings({ engine }: FleetFacts, { stage }: Pick<RunResult, 'stage'>): Warning[] {
  if (engine?.region === undefined || stage.region === null || engine.region === stage.region) return [];
  return [{ code: 'fleetElsewhere', ...elsewhereText(engine.region, stage.region) }];
}

/** What there is to say of workers in another region than the stack's. */
export function elsewhereText(workers: string, stack: string): Pick<Warning, 'text' | 'advice'> {
  return {
    text: `The workers are in ${workers}, and the stack is in ${stack}: the way between the two regions is in every latency.`,
    advice: `Run the workers in ${stack}, unless clients that are as far away are what you measure.`,
  };
}

/** The result with the fleet's check among its checks. */
export function withFleetCheck(result: RunResult, fleet: FleetFacts): RunResult {
  const checks = [fleetCheck(fleet, result), ...result.validity.checks];
  const warnings = [
    ...result.warnings.map((warning) => withLateness(warning, fleet)),
    ...regionWarnings(fleet, result),
  ];
  return { ...result, warnings, validity: { verdict: worstOf(checks), checks } };
}

/** A worker that comes late sends at once what had been due: that lag is no sign of a driver that is too slow. */
function withLateness(warning: Warning, { workers }: FleetFacts): Warning {
  const late = workers.filter(({ latenessMs }) => latenessMs > LATE_MS).map(({ index }) => index);
  if (warning.code !== 'driverSaturated' || late.length === 0) return warning;
  const who = `${late.length === 1 ? 'worker' : 'workers'} ${late.join(', ')}`;
  const advice = `First see whether it is the late start of ${who}: what had been due by then was sent at once. Otherwise: ${warning.advice}`;
  return { ...warning, advice };
}
