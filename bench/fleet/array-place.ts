/**
 * Which task of an array this process is, as the engines say it in the environment: Slurm (sbatch(1), "INPUT ENVIRONMENT
 * VARIABLES" of array jobs), AWS Batch (user guide, "Array jobs") and Kubernetes (Job, completion mode Indexed).
 */

const INDICES = ['SLURM_ARRAY_TASK_ID', 'AWS_BATCH_JOB_ARRAY_INDEX', 'JOB_COMPLETION_INDEX'] as const;
const COUNTS = ['SLURM_ARRAY_TASK_COUNT', 'AWS_BATCH_JOB_ARRAY_SIZE'] as const;

/** What the engine says; undefined where it says nothing. */
export interface ArrayPlace {
  readonly index: string | undefined;
  readonly of: string | undefined;
}

export function arrayPlace(environment: Readonly<Record<string, string | undefined>>): ArrayPlace {
  const first = (names: readonly string[]) =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  return { index: first(INDICES), of: first(COUNTS) };
}
