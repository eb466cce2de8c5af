/**
 * Slurm job arrays, through sbatch, squeue and scancel: AWS PCS, ParallelCluster and the machine room next door. Nodes must
 * see this checkout, its Node and the store at the same paths, as a cluster's shared home gives. A task is never requeued:
 * its share would be driven twice, or two minutes late.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { makeDirectory } from '../node/directory.ts';
import {
  type Engine,
  EngineError,
  type EngineOptions,
  type FleetJob,
  printed,
  type TaskState,
} from './engine.ts';

const BENCH = fileURLToPath(new URL('../bench.mjs', import.meta.url));

const REMEDY = "install Slurm's client programs (Debian: slurm-client), or run this on a login node";

/** Lines of a task's output that are shown when it failed. */
const TAIL_LINES = 5;

/**
 * Of squeue --json, data parser of Slurm 22.05 to 24: states became lists, and numbers objects, on the way. Tasks that wait
 * share one entry whose `array_task_string` names them.
 */
const number = z
  .union([z.number(), z.object({ number: z.number() }).transform(({ number }) => number)])
  .nullish();
const JOBS = z.object({
  jobs: z.array(
    z.object({
      job_id: z.number(),
      array_job_id: number,
      array_task_id: number,
      array_task_string: z.string().nullish(),
      job_state: z.union([z.string(), z.array(z.string())]),
      state_reason: z.string().nullish(),
    }),
  ),
});

/** sbatch(1), squeue(1) "JOB STATE CODES". What is in neither list has ended badly. */
const WAITING = new Set(['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_HOLD', 'RESV_DEL_HOLD', 'SUSPENDED']);
const LIVING = new Set(['RUNNING', 'COMPLETING', 'STAGE_OUT', 'SIGNALING', 'STOPPED']);

export class SlurmEngine implements Engine {
  readonly name = 'slurm';
  readonly #options: EngineOptions;
  #waiting: readonly string[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  async submit(job: FleetJob): Promise<string> {
    const { command } = job;
    makeDirectory(this.#options.directory);
    const args = sbatchArguments(job, this.#options);
    // The shell gives its place to the worker, so that signals reach it.
    const script = `#!/bin/sh\nexec ${[process.execPath, BENCH, ...command].map(quoted).join(' ')}\n`;
    const answer = await printed({ program: 'sbatch', args, input: script, remedy: REMEDY });
    const id = /^\d+/.exec(answer.trim())?.[0];
    if (id === undefined) throw new EngineError(`sbatch answered no job id: ${answer.trim()}`);
    return id;
  }

  async states(job: string, of: number): Promise<TaskState[]> {
    // A job that ended longer ago than MinJobAge is no longer known, and asking for it by number fails.
    const answer = await printed({ program: 'squeue', args: ['--json'], remedy: REMEDY });
    this.#waiting = reasonsIn(answer, Number(job));
    return statesIn(answer, Number(job), of);
  }

  holdups(job: string): string[] {
    return this.#waiting.map(
      (reason) => `tasks of job ${job} wait: ${reason} (squeue(1), "JOB REASON CODES")`,
    );
  }

  async cancel(job: string): Promise<void> {
    await printed({ program: 'scancel', args: [job], remedy: REMEDY });
  }

  async logs(_job: string, index: number): Promise<string> {
    const file = path.join(this.#options.directory, `worker-${index}.log`);
    const text = await readFile(file, 'utf8').catch(() => '');
    const tail = text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    return tail === '' ? file : `${file}:\n${tail}`;
  }
}

/** What the user gives comes last, and so counts: a partition may allow less, and its tasks would wait for ever. */
export function sbatchArguments({ name, of, limitSeconds }: FleetJob, options: EngineOptions): string[] {
  return [
    '--parsable',
    `--array=0-${of - 1}`,
    `--job-name=${name}`,
    `--output=${path.join(options.directory, 'worker-%a.log')}`,
    '--no-requeue',
    // sbatch(1): minutes, of each task from when it runs.
    `--time=${Math.ceil(limitSeconds / 60)}`,
    ...options.arguments,
  ];
}

/** The entries of one array job in what squeue said. */
function entriesIn(json: string, job: number): z.infer<typeof JOBS>['jobs'] {
  const parsed = JOBS.safeParse(JSON.parse(json));
  if (!parsed.success)
    throw new EngineError(`squeue --json has a form that is not known: ${parsed.error.issues[0]?.message}`);
  return parsed.data.jobs.filter((entry) => entry.array_job_id === job || entry.job_id === job);
}

/** Of a task whose turn has not come to be looked at, and of one that is next. */
const ORDINARY = new Set(['', 'None', 'BeginTime']);

/** Why tasks of an array wait, each reason once, by what squeue said. */
export function reasonsIn(json: string, job: number): string[] {
  const waiting = entriesIn(json, job).filter(({ job_state }) => stateOf([job_state].flat()) === 'queued');
  const reasons = waiting.map(({ state_reason }) => state_reason ?? '');
  return [...new Set(reasons)].filter((reason) => !ORDINARY.has(reason));
}

/** States of an array's tasks by what squeue said. */
export function statesIn(json: string, job: number, of: number): TaskState[] {
  const states = new Array<TaskState>(of).fill('unknown');
  for (const entry of entriesIn(json, job)) {
    const state = stateOf([entry.job_state].flat());
    const waiting = tasksOf(entry.array_task_string ?? '');
    const tasks = waiting.length > 0 ? waiting : [entry.array_task_id ?? 0];
    for (const task of tasks) if (task < of) states[task] = state;
  }
  return states;
}

function stateOf(codes: readonly string[]): TaskState {
  if (codes.some((code) => LIVING.has(code))) return 'running';
  if (codes.some((code) => WAITING.has(code))) return 'queued';
  return codes.includes('COMPLETED') ? 'done' : 'failed';
}

/** `0-2,5` or `0-7%4` as numbers. */
function tasksOf(text: string): number[] {
  return text
    .replace(/%\d+$/, '')
    .split(',')
    .flatMap((piece) => {
      const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(piece) ?? [];
      if (first === undefined) return [];
      const from = Number(first);
      return Array.from({ length: Number(last ?? first) - from + 1 }, (_, offset) => from + offset);
    });
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
