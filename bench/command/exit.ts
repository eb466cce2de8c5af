/** Exit codes of every command, and the errors that lead to them. Other people's scripts depend on them. */

import { contradictionsIn } from '../judge/conservation.ts';
import { ConfigurationError, Interrupted, OperatingError } from '../model/failure.ts';
import type { RunResult } from '../model/result.ts';
import { note } from '../node/terminal.ts';

export const EXIT = {
  ok: 0,
  operation: 1,
  usage: 2,
  threshold: 3,
  invalid: 4,
  interrupted: 130,
} as const;

/** The exit code of a run by its result. An invalid run's thresholds mean nothing, so invalid comes first. */
export function exitCodeOf(result: RunResult, interrupted: boolean): number {
  if (interrupted) return EXIT.interrupted;
  const isInvalid = result.validity.verdict === 'invalid' || contradictionsIn(result).length > 0;
  if (isInvalid || result.partial) return EXIT.invalid;
  return result.thresholds.every(({ ok }) => ok) ? EXIT.ok : EXIT.threshold;
}

/** Says what went wrong on stderr and returns the exit code. Unforeseen errors keep their stack: they are bugs. */
export function report(error: unknown): number {
  if (error instanceof ConfigurationError) {
    for (const problem of error.problems) note(`error: ${problem}`);
    return EXIT.usage;
  }
  if (error instanceof Interrupted) {
    note(error.message);
    return EXIT.interrupted;
  }
  const text = error instanceof Error && !(error instanceof OperatingError) ? error.stack : null;
  note(`error: ${text ?? (error as Error)?.message ?? String(error)}`);
  return EXIT.operation;
}
