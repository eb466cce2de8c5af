/**
 * AWS Batch array jobs, on the queue and job definition that stack/fleet.yaml makes (or any other). A task says its index
 * in AWS_BATCH_JOB_ARRAY_INDEX; its output is in the definition's log group. An array has two tasks or more, so a fleet of
 * one is a plain job that is told its index.
 */
import type {
  BatchClient,
  BatchClientConfig,
  JobDefinition,
  SubmitJobCommandInput,
} from '@aws-sdk/client-batch';
import type { Machine } from '../../stack/aws/fleet-cost.ts';
import { type AwsSettings, awsClientSettings, awsProblem } from './aws-client.ts';
import {
  type Engine,
  EngineError,
  type EngineOptions,
  type FleetJob,
  imageRemedy,
  pairsOf,
  type TaskState,
} from './engine.ts';

/**
 * Batch user guide, "Job states", in the order in which a task goes through them. Tasks that start count as queued: they
 * can't measure yet.
 */
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

const ORDER = Object.keys(STATES) as BatchState[];

/** The least that Batch takes (SubmitJob, JobTimeout). */
const MIN_TIMEOUT_S = 60;

const PERMISSIONS = 'batch:SubmitJob, batch:TerminateJob, batch:ListJobs and batch:DescribeJobs';

/** Where queue and definition come from, once there is an image. */
const FROM_STACK =
  'npx bench stage up --name bench-fleet --template stack/fleet.yaml --parameter Architecture=X86_64 --parameter Image=… --parameter VpcId=… --parameter SubnetIds=…';

type Client = typeof import('@aws-sdk/client-batch');

interface BatchTarget {
  readonly queue: string;
  readonly definition: string;
}

/** Opens the engine. @throws EngineError when queue or definition are not given */
export async function openBatchEngine(options: EngineOptions, settings: AwsSettings = {}): Promise<Engine> {
  const { queue, definition, region } = pairsOf(
    options.arguments,
    ['queue', 'definition'],
    ['region'],
    imageRemedy(FROM_STACK),
  );
  const sdk = await import('@aws-sdk/client-batch');
  const client = { ...awsClientSettings(settings), ...(region === undefined ? {} : { region }) };
  return new BatchEngine({ queue, definition }, sdk, client);
}

class BatchEngine implements Engine {
  readonly name = 'aws-batch';
  readonly #target: BatchTarget;
  readonly #sdk: Client;
  readonly #client: BatchClient;
  /** For what must not be done twice. */
  readonly #once: BatchClient;
  /** Jobs of one task. */
  readonly #plain = new Set<string>();
  /** By job, the first of the states that a task may still be in. */
  readonly #earliest = new Map<string, number>();

  constructor(target: BatchTarget, sdk: Client, settings: BatchClientConfig) {
    this.#target = target;
    this.#sdk = sdk;
    this.#client = new sdk.BatchClient(settings);
    this.#once = new sdk.BatchClient({ ...settings, maxAttempts: 1 });
  }

  region(): Promise<string> {
    return this.#foreseen(this.#client.config.region());
  }

  /** By the job definition, which needs a permission of its own: where it is not given, the price is not known. */
  async machine(): Promise<Machine | string> {
    const { definition } = this.#target;
    const isExact = definition.includes(':');
    try {
      const { jobDefinitions = [] } = await this.#client.send(
        new this.#sdk.DescribeJobDefinitionsCommand(
          isExact ? { jobDefinitions: [definition] } : { jobDefinitionName: definition, status: 'ACTIVE' },
        ),
      );
      const [newest] = jobDefinitions.sort((one, other) => (other.revision ?? 0) - (one.revision ?? 0));
      return newest === undefined ? `there is no job definition ${definition}` : machineOf(newest);
    } catch (error) {
      return awsProblem(error, { subject: 'AWS Batch', permissions: 'batch:DescribeJobDefinitions' });
    }
  }

  async submit({ name, of, command, limitSeconds }: FleetJob): Promise<string> {
    const isPlain = of === 1;
    const region = await this.region();
    const jobId = await this.#foreseen(
      this.#submitted({
        jobName: name,
        jobQueue: this.#target.queue,
        jobDefinition: this.#target.definition,
        ...(isPlain ? {} : { arrayProperties: { size: of } }),
        retryStrategy: { attempts: 1 },
        timeout: { attemptDurationSeconds: Math.max(MIN_TIMEOUT_S, limitSeconds) },
        containerOverrides: {
          command: isPlain ? [...command, '--index', '0'] : [...command],
          // Not every compute environment tells its containers where they are; the client of S3 has to know.
          environment: [{ name: 'AWS_REGION', value: region }],
        },
      }),
    );
    if (isPlain) this.#plain.add(jobId);
    return jobId;
  }

  /**
   * Lists state after state in the order of a task's life: one that moves on meanwhile is met again later, and none is
   * missed. With one attempt none goes back, so what all have passed is not asked for again.
   */
  async states(job: string, of: number): Promise<TaskState[]> {
    if (of === 1) return [STATES[(await this.#described(job)).status ?? 'SUBMITTED']];
    const states = new Array<TaskState>(of).fill('unknown');
    let earliest = ORDER.length;
    for (const [at, status] of ORDER.entries()) {
      if (at < (this.#earliest.get(job) ?? 0)) continue;
      for (const index of await this.#foreseen(this.#indicesIn(job, status))) {
        if (index < 0 || index >= of) continue;
        states[index] = STATES[status];
        earliest = Math.min(earliest, at);
      }
    }
    if (!states.includes('unknown')) this.#earliest.set(job, Math.min(earliest, ORDER.indexOf('SUCCEEDED')));
    return states;
  }

  async cancel(job: string): Promise<void> {
    const input = { jobId: job, reason: 'ended by bench fleet' };
    await this.#foreseen(this.#client.send(new this.#sdk.TerminateJobCommand(input)));
  }

  async logs(job: string, index: number): Promise<string> {
    const { container, statusReason } = await this.#described(this.#plain.has(job) ? job : `${job}:${index}`);
    const group = container?.logConfiguration?.options?.['awslogs-group'];
    const stream = container?.logStreamName ?? 'none yet';
    const reasons = [statusReason, container?.reason].filter((reason) => reason !== undefined);
    if (container?.exitCode !== undefined) reasons.push(`exit code ${container.exitCode}`);
    return `log stream ${stream}${group === undefined ? '' : ` of log group ${group}`}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`;
  }

  /**
   * SubmitJob has no token that would make it safe to repeat, and a second job would drive every share twice. So it is
   * sent once; when no answer came, the queue is asked for the name, which is this run's alone.
   */
  async #submitted(input: SubmitJobCommandInput): Promise<string> {
    try {
      const { jobId } = await this.#once.send(new this.#sdk.SubmitJobCommand(input));
      if (jobId !== undefined) return jobId;
      throw new EngineError('AWS Batch answered no job id');
    } catch (error) {
      if (isRefusal(error)) throw error;
      const jobId = await this.#jobNamed(input.jobName!).catch(() => undefined);
      if (jobId !== undefined) return jobId;
      throw new EngineError(
        `${this.#problem(error).message}. Whether job ${input.jobName} was submitted is not known: look for it in queue ${this.#target.queue}`,
      );
    }
  }

  async #jobNamed(name: string): Promise<string | undefined> {
    const { jobSummaryList = [] } = await this.#client.send(
      new this.#sdk.ListJobsCommand({
        jobQueue: this.#target.queue,
        filters: [{ name: 'JOB_NAME', values: [name] }],
      }),
    );
    return jobSummaryList[0]?.jobId;
  }

  async #indicesIn(job: string, jobStatus: BatchState): Promise<number[]> {
    const indices: number[] = [];
    const pages = this.#sdk.paginateListJobs({ client: this.#client }, { arrayJobId: job, jobStatus });
    for await (const { jobSummaryList = [] } of pages) {
      for (const { arrayProperties } of jobSummaryList) indices.push(arrayProperties?.index ?? -1);
    }
    return indices;
  }

  async #described(id: string) {
    const answer = await this.#foreseen(this.#client.send(new this.#sdk.DescribeJobsCommand({ jobs: [id] })));
    return answer.jobs?.[0] ?? { status: undefined, container: undefined, statusReason: undefined };
  }

  async #foreseen<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      throw error instanceof EngineError ? error : this.#problem(error);
    }
  }

  #problem(error: unknown): EngineError {
    const problem = awsProblem(error, { subject: 'AWS Batch', permissions: PERMISSIONS });
    // The client's errors are about what it was given; the service's words say which of it.
    const isOurs = error instanceof Error && error.name === 'ClientException';
    const { queue, definition } = this.#target;
    const given = `; --engine-arg queue=${queue} and definition=${definition} must exist and be enabled in the region (outputs QueueName and JobDefinitionArn of stack/fleet.yaml)`;
    return new EngineError(isOurs ? `${problem}${given}` : problem, { cause: error });
  }
}

function machineOf({ platformCapabilities = [], containerProperties = {} }: JobDefinition): Machine | string {
  if (!platformCapabilities.includes('FARGATE')) return 'its job definition is not for Fargate';
  const { resourceRequirements = [], runtimePlatform, networkConfiguration } = containerProperties;
  const amountOf = (type: string) => Number(resourceRequirements.find((one) => one.type === type)?.value);
  const [vcpus, memoryMib] = [amountOf('VCPU'), amountOf('MEMORY')];
  if (!(vcpus > 0 && memoryMib > 0)) return 'its job definition does not say vCPUs and memory';
  return {
    ...{ vcpus, memoryMib },
    architecture: runtimePlatform?.cpuArchitecture === 'ARM64' ? 'ARM64' : 'X86_64',
    hasPublicAddress: networkConfiguration?.assignPublicIp === 'ENABLED',
  };
}

/** The service has answered that it did not do it. */
function isRefusal(error: unknown): boolean {
  const { $metadata, name } = error as { $metadata?: { httpStatusCode?: number }; name?: string };
  const status = $metadata?.httpStatusCode;
  return (status !== undefined && status >= 400 && status < 500) || name === 'CredentialsProviderError';
}
