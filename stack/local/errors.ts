/**
 * How the local stage says what is wrong. What the user has to change is a {@link StageConfigurationError}, what a service
 * refuses is an {@link AwsError}, and what can only be our own mistake is an assertion. Any other Error is the machine's:
 * a port in use, a process that can't be started.
 */

import { ConfigurationError } from '../../bench/model/failure.ts';
/** The template or its parameters must be changed before a stage can start: every problem, each with path and remedy. */
export class StageConfigurationError extends ConfigurationError {
  override readonly name = 'StageConfigurationError';
}

/** An error as the service would return it. Its code is AWS's, such as `ResourceNotFoundException`. */
export class AwsError extends Error {
  /** Where errors are results, tells them from a success. */
  readonly ok = false;
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
