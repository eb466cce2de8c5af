/** Exit codes of every command, and the errors that lead to them. Other people's scripts depend on them. */

import { StoreError } from '../fleet/store.ts';
import { contradictionsIn } from '../judge/conservation.ts';
import type { RunResult } from '../model/result.ts';
import { ConfigurationError } from '../node/configuration-error.ts';
import { note } from '../node/terminal.ts';

export const EXIT = {
  ok: 0,
  operation: 1,
  usage: 2,
  threshold: 3,
  invalid: 4,
  interrupted: 130,
} as const;

/** An operation failed in a way that the user can act on: the message is all they need to see. */
export class OperatingError extends Error {}

/** Interrupted by the user, with nothing to show for it. */
export class Interrupted extends Error {}

/** The exit code of a run by its result. An invalid run's thresholds mean nothing, so invalid comes first. */
export function exitCodeOf(result: RunResult, interrupted: boolean): number {
  if (interrupted) return EXIT.interrupted;
  const isInvalid = result.validity.verdict === 'invalid' || contradictionsIn(result).length > 0;
  if (isInvalid || result.partial) return EXIT.invalid;
  return result.thresholds.every(({ ok }) => ok) ? EXIT.ok : EXIT.threshold;
}

/** Errors with a `problems` list are configuration errors, wherever they were found. */
function problemsOf(error: unknown): readonly string[] | null {
  if (error instanceof ConfigurationError) return error.problems;
  if (error instanceof Error && 'problems' in error && Array.isArray(error.problems)) return error.problems;
  return null;
}

/** Says what went wrong on stderr and answers the exit code. Unforeseen errors keep their stack: they are bugs. */
export function report(error: unknown): number {
  const problems = problemsOf(error);
  if (problems !== null) {
    for (const problem of problems) note(`error: ${problem}`);
    return EXIT.usage;
  }
  if (error instanceof Interrupted) {
    note(error.message);
    return EXIT.interrupted;
  }
  const foreseen = error instanceof OperatingError || error instanceof StoreError;
  const text = foreseen
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  note(`error: ${text}`);
  return EXIT.operation;
}
