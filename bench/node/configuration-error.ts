/** How configuration is refused: with every problem of it at once. */

/** Configuration that can't be used: every problem, each a sentence that names the field and the remedy. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** What `parse` gives; null when it refuses, and then its problems are added to those that are known. */
export function attempted<T>(parse: () => T, problems: string[]): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}

/** Why a file that was named can't be read, as a person would say it. */
export function unreadable(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `${path} does not exist`;
  if (code === 'EISDIR') return `${path} is a directory; name a file`;
  if (code === 'EACCES') return `${path} may not be read by this user`;
  return `${path} can't be read: ${message}`;
}
