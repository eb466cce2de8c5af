/**
 * AWS Batch array jobs, on the queue and job definition that stack/fleet.yaml makes (or any other). A task says its index
 * in AWS_BATCH_JOB_ARRAY_INDEX; its output is in the definition's log group.
 */
import type { Engine, EngineOptions, FleetJob, TaskState } from './engine.ts';
import { EngineError, pairsOf } from './engine.ts';

/** Batch user guide, "Job states". Tasks that start count as queued: they can't measure yet. */
const STATES = {
  SUBMITTED: 'queued',
  PENDING: 'queued',
  RUNNABLE: 'queued',
  STARTING: 'queued',
  RUNNING: 'running',
  SUCCEEDED: 'done',
  FAILED: 'failed',
} as const satisfies Readonly<Record<string, TaskState>>;

type BatchState = keyof typeof STATES;

/** Opens the engine. @throws EngineError when queue or definition are not given */
export async function openBatchEngine(options: EngineOptions): Promise<Engine> {
  const { queue, definition, region } = pairsOf(options.arguments, ['queue', 'definition'], ['region']);
  const { BatchClient, SubmitJobCommand, TerminateJobCommand, DescribeJobsCommand, paginateListJobs } =
    await import('@aws-sdk/client-batch');
  const client = new BatchClient(region === undefined ? {} : { region });

  async function foreseen<T>(asking: Promise<T>): Promise<T> {
    return asking.catch((error: Error) => {
      throw new EngineError(`AWS Batch: ${error.message}`);
    });
  }

  async function indicesIn(job: string, jobStatus: BatchState): Promise<number[]> {
    const indices: number[] = [];
    for await (const { jobSummaryList = [] } of paginateListJobs(
      { client },
      { arrayJobId: job, jobStatus },
    )) {
      for (const { arrayProperties } of jobSummaryList) indices.push(arrayProperties?.index ?? -1);
    }
    return indices;
  }

  return {
    name: 'aws-batch',
    async submit({ name, of, command }: FleetJob): Promise<string> {
      const { jobId } = await foreseen(
        client.send(
          new SubmitJobCommand({
            jobName: name,
            jobQueue: queue,
            jobDefinition: definition,
            arrayProperties: { size: of },
            retryStrategy: { attempts: 1 },
            containerOverrides: { command: [...command] },
          }),
        ),
      );
      if (jobId === undefined) throw new EngineError('AWS Batch answered no job id');
      return jobId;
    },
    async states(job, of): Promise<TaskState[]> {
      const states = new Array<TaskState>(of).fill('unknown');
      for (const status of Object.keys(STATES) as BatchState[]) {
        for (const index of await foreseen(indicesIn(job, status))) {
          if (index >= 0 && index < of) states[index] = STATES[status];
        }
      }
      return states;
    },
    async cancel(job): Promise<void> {
      await foreseen(client.send(new TerminateJobCommand({ jobId: job, reason: 'ended by bench fleet' })));
    },
    async logs(job, index): Promise<string> {
      const { jobs } = await foreseen(client.send(new DescribeJobsCommand({ jobs: [`${job}:${index}`] })));
      const { container, statusReason } = jobs?.[0] ?? {};
      const stream = container?.logStreamName ?? 'none yet';
      return `log stream ${stream}${statusReason === undefined ? '' : ` (${statusReason})`}`;
    },
  };
}
