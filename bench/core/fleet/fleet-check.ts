/** The fleet's own place among the checks of a run: was all of it there, once, and at the same time? */
import { ms } from '../bounds.ts';
import { counted } from '../counted.ts';
import type { RunResult, ValidityCheck, Warning } from '../result.ts';
import { worstOf } from '../validity.ts';
import type { FleetFacts } from './facts.ts';

/** A worker that was ready this much after the agreed start has caught up within its first second. */
const LATE_MS = 100;

/** Clocks further apart than this put the same moment into different seconds of the timeline. */
const SPREAD_MS = 1_000;

/** Whether the parts are the whole run, and of the same time. */
export function fleetCheck(fleet: FleetFacts): ValidityCheck {
  const { missing, of, workers, clockSpreadMs, rejected } = fleet;
  const conflicts = rejected.filter(({ verdict }) => verdict === 'conflict').length;
  const late = workers.filter(({ latenessMs }) => latenessMs > LATE_MS);
  const cut = workers.filter(({ interruption }) => interruption !== null).length;
  const isApart = clockSpreadMs === null || clockSpreadMs > SPREAD_MS;
  const worst = late.reduce((most, { latenessMs }) => Math.max(most, latenessMs), 0);
  const clocks =
    clockSpreadMs === null
      ? 'how far their clocks are apart is not known'
      : `their clocks are at most ${ms(clockSpreadMs)} apart`;
  const parts = [
    `${of - missing.length} of ${of} workers reported`,
    ...(cut === 0
      ? []
      : [`${counted(cut, 'worker')} stopped early, and what was left of the share was never scheduled`]),
    ...(conflicts === 0 ? [] : [`${counted(conflicts, 'report')} of a worker that has another already`]),
    late.length === 0
      ? 'all were ready at the agreed start'
      : `${late.length} came late, the last by ${ms(worst)}`,
    clocks,
  ];
  const doubt = late.length > 0 || isApart ? 'unknown' : 'valid';
  return {
    name: 'fleet',
    verdict: missing.length > 0 || conflicts > 0 ? 'invalid' : doubt,
    evidence: parts.join('; '),
  };
}

/** The result with the fleet's check among its checks. */
export function withFleetCheck(result: RunResult, fleet: FleetFacts): RunResult {
  const checks = [fleetCheck(fleet), ...result.validity.checks];
  const warnings = result.warnings.map((warning) => withLateness(warning, fleet));
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
