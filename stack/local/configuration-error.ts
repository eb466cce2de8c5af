/**
 * What the user has to change before a stage can start: the template or its parameters. All problems are reported at
 * once, each naming the place and the remedy. Anything else that stops a stage — a port in use, a process that cannot
 * be started — is an operating error and stays an ordinary Error.
 */
export class StageConfigurationError extends Error {
  override readonly name = 'StageConfigurationError';
  /** One sentence each. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
