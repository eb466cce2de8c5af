/**
 * The kinds of error that a user can do something about; `bench/command/exit.ts` gives each its exit code. Any other error is a
 * mistake of this program, and is shown with its stack. A subclass is for code that tells one case from another.
 */
import type { z } from 'zod';

/** Configuration that can't be used: every problem, each a sentence that names the field and the remedy. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** An operation failed in a way that the user can act on: the message is all they need to see. */
export class OperatingError extends Error {}

/** Interrupted by the user, with nothing to show for it. */
export class Interrupted extends Error {}

/** What `parse` returns; null when it refuses, and then its problems are added to those that are known. */
export function attempted<T>(parse: () => T, problems: string[]): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}

/** As {@link attempted}, with the problems of one setting told as another's: a command's flag may be a setting by another name. */
export function renamed<T>(from: string, to: string, parse: () => T, problems: string[]): T | null {
  const found: string[] = [];
  const parsed = attempted(parse, found);
  problems.push(...found.map((one) => (one.startsWith(`${from}:`) ? `${to}${one.slice(from.length)}` : one)));
  return parsed;
}

/** Throws a {@link ConfigurationError} where there is a problem. */
export function assertNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** Why a file that was named can't be read, as a person would say it. */
export function unreadable(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `${path} does not exist`;
  if (code === 'EISDIR') return `${path} is a directory; name a file`;
  if (code === 'EACCES') return `${path} may not be read by this user`;
  return `${path} can't be read: ${message}`;
}

/** Problems listed before the rest is only counted: enough to see the pattern, short enough for a terminal. */
const MAX_PROBLEMS = 8;

/** The fields that a schema refuses, each with what is wrong with it, as a clause. */
export function wrongFields({ issues }: z.ZodError): string {
  const problems = issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  const more = problems.length - MAX_PROBLEMS;
  return `it has wrong fields: ${problems.slice(0, MAX_PROBLEMS).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
