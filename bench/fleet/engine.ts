/**
 * What a fleet needs of whatever runs its workers: any engine that runs an array of N tasks will do. An engine starts tasks
 * and knows whether they live; what they measure goes through the store.
 */

import type { Machine } from '../../stack/aws/fleet-cost.ts';
import { OperatingError } from '../model/failure.ts';

export const ENGINES = ['slurm', 'aws-batch', 'kubernetes'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What an engine knows of a task. `unknown` is for an engine that has forgotten, or can't be asked at the moment. */
export type TaskState = 'queued' | 'running' | 'done' | 'failed' | 'unknown';

/** One array job. */
export interface FleetJob {
  /** Letters, digits and dashes. */
  readonly name: string;
  /** Tasks 0 to of − 1. */
  readonly of: number;
  /** Arguments of `bench`; the index is in the task's environment. */
  readonly command: readonly string[];
  /** The longest that the tasks have a use, waiting for one another included, in seconds: whoever watches them may be gone. */
  readonly limitSeconds: number;
}

/** The engine could not do what it was asked, for a reason that the user can act on. */
export class EngineError extends OperatingError {}

export interface Engine {
  readonly name: EngineName;
  /** The AWS region in which its tasks run. Absent where the engine does not know it. @throws EngineError */
  region?(): Promise<string>;
  /**
   * What its tasks run on, where that has a price; else why it has none, a clause. Absent where the machines of the engine
   * have no price that is known. @throws EngineError
   */
  machine?(): Promise<Machine | string>;
  /** Submits the job and answers its id. @throws EngineError */
  submit(job: FleetJob): Promise<string>;
  /** The states of tasks 0 to of − 1. @throws EngineError */
  states(job: string, of: number): Promise<TaskState[]>;
  /** Why tasks of the job don't run yet, a sentence for each reason, by the last answer on their states. */
  holdups?(job: string): readonly string[];
  /** Ends what is left of the job. */
  cancel(job: string): Promise<void>;
  /** Where a person finds what a task printed, or its last lines. */
  logs(job: string, index: number): Promise<string>;
}

/** Options of an engine's own, as `key=value` texts or, for Slurm, flags of sbatch. */
export interface EngineOptions {
  readonly arguments: readonly string[];
  /** A directory for what the engine keeps here. */
  readonly directory: string;
}

/** `key=value` options. Throws an {@link EngineError} that names what is wrong or missing. */
export function pairsOf<Key extends string>(
  given: readonly string[],
  required: readonly Key[],
  optional: readonly string[] = [],
  remedy = '',
): Record<Key, string> & Record<string, string | undefined> {
  const pairs: Record<string, string> = {};
  for (const text of given) {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(0, at));
    if (![...required, ...optional].includes(key))
      throw new EngineError(
        `engine-arg: '${text}' is not one of ${[...required, ...optional].map((name) => `${name}=…`).join(', ')}`,
      );
    pairs[key] = text.slice(at + 1);
  }
  const missing = required.filter((key) => pairs[key] === undefined);
  if (missing.length > 0)
    throw new EngineError(
      `engine-arg: ${missing.map((key) => `${key}=…`).join(' and ')} must be given${remedy}`,
    );
  return pairs as Record<Key, string> & Record<string, string | undefined>;
}
