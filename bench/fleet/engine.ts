/**
 * What a fleet needs of whatever runs its workers, and what engines share: their table, options, programs and image. Any engine that
 * runs an array of N tasks will do. It starts tasks and knows whether they live; what they measure goes through the store.
 */

import { spawn } from 'node:child_process';
import type { Machine } from '../../stack/aws/fleet-cost.ts';
import { OperatingError } from '../model/failure.ts';

/**
 * The engines by name, with the variables in which each tells a task its index and the number of tasks – sbatch(1), "INPUT ENVIRONMENT
 * VARIABLES"; AWS Batch user guide, "Array jobs"; Kubernetes, Job, completion mode Indexed – and whether its machines have a known price.
 */
const DECLARED = {
  slurm: { index: 'SLURM_ARRAY_TASK_ID', of: 'SLURM_ARRAY_TASK_COUNT', isPriced: false },
  'aws-batch': { index: 'AWS_BATCH_JOB_ARRAY_INDEX', of: 'AWS_BATCH_JOB_ARRAY_SIZE', isPriced: true },
  kubernetes: { index: 'JOB_COMPLETION_INDEX', of: null, isPriced: false },
} as const;

export type EngineName = keyof typeof DECLARED;
export const ENGINES = Object.keys(DECLARED) as EngineName[];

/** Those whose machines have a known price. */
export const PRICED_ENGINES: readonly string[] = ENGINES.filter((name) => DECLARED[name].isPriced);

/** Which task of how many this process is, as its engine says in the environment; undefined where none says it. */
export function arrayTask(environment: Readonly<Record<string, string | undefined>>): {
  readonly index: string | undefined;
  readonly of: string | undefined;
} {
  const first = (key: 'index' | 'of') =>
    Object.values(DECLARED)
      .map(({ [key]: name }) => (name === null ? undefined : environment[name]))
      .find((value) => value !== undefined && value !== '');
  return { index: first('index'), of: first('of') };
}

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
  /** Submits the job and resolves with its id. @throws EngineError */
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

/** Processors by their names in stack/fleet.yaml, with those of `docker build --platform`. */
export const PLATFORMS = { X86_64: 'linux/amd64', ARM64: 'linux/arm64' } as const;

const IMAGE = 'REGISTRY/serverless-websocket-bench:1';

/** The commands that bring a worker's image to where engines can pull it. `platform` is that of the workers; for nodes of both, docker takes both with a comma between them. */
export function imageSteps(platform: string = PLATFORMS.X86_64): string[] {
  return [
    `docker buildx build --platform ${platform} --file bench/fleet/Dockerfile --tag ${IMAGE} --push .`,
    "(REGISTRY on AWS is ACCOUNT.dkr.ecr.REGION.amazonaws.com, with a repository by 'aws ecr create-repository --repository-name serverless-websocket-bench',",
    "after 'aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY')",
  ];
}

/** For a user who lacks what runs the image. */
export function imageRemedy(then: string): string {
  const others = Object.values(PLATFORMS).join(' or ');
  return [`; at the root of a checkout, with --platform ${others}:`, ...imageSteps(), then]
    .filter((line) => line !== '')
    .join('\n  ');
}

/** A command-line program that an engine is spoken to with. */
interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Given on standard input. */
  readonly input?: string;
  /** What to install when the program is missing. */
  readonly remedy: string;
}

/** Longest that a controller may take to answer. */
const PATIENCE_MS = 60_000;

/** What it printed. @throws EngineError when it is missing, fails or takes too long */
export function printed({ program, args, input, remedy }: ProgramRun): Promise<string> {
  return new Promise((resolve, reject) => {
    // Ctrl-C is for this process to answer: a process group of its own keeps the child from dying of it half-way.
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const text = error.code === 'ENOENT' ? `${program} is missing: ${remedy}` : error.message;
      reject(new EngineError(text));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else
        reject(
          new EngineError(
            `${program} ${args[0] ?? ''} failed (${code ?? signal}): ${stderr.trim() || stdout.trim()}`,
          ),
        );
    });
    // A program that ends without reading is reported by its code.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}
