/**
 * Which of a run's doubts touch its counts. A driver that was late, or a machine that was full, measured its own delay and
 * not the stage's; but a message that came, came, and one that overtook another did so on a full machine too. Only a load
 * that was another than planned, or too little of it, is a doubt about counts.
 */
import type { RunResult, ValidityVerdict } from '../../model/result.ts';

const ABOUT_COUNTS = new Set(['samples', 'achieved rate', 'connections', 'steady stage']);

/** The verdict on the run's counts: the worst of the checks that are about them. */
export function countingVerdict({ checks }: RunResult['validity']): ValidityVerdict {
  const own = checks.filter(({ name }) => ABOUT_COUNTS.has(name));
  if (own.some(({ verdict }) => verdict === 'invalid')) return 'invalid';
  return own.every(({ verdict }) => verdict === 'valid') ? 'valid' : 'unknown';
}

/** Told beside counts of a run whose times are void. */
export function countingText(validity: RunResult['validity']): string {
  if (validity.verdict !== 'invalid') return '';
  return countingVerdict(validity) === 'invalid'
    ? ' The run is invalid: the load was not the one that was planned.'
    : ' Driver and machine could not keep up, so the run’s times are void; its counts stand.';
}
