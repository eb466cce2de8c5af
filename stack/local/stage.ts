/**
 * Starts the local stage: a CloudFormation template, deployed into a local AWS and served on loopback. Whatever goes
 * wrong on the way, everything already started is closed again before the error is thrown.
 */
import type { FaultTally } from '../../bench/model/fault.ts';
import type { StageMetrics } from '../../bench/model/result.ts';
import type { ResolvedStack } from '../template/value.ts';
import { checkFaults, type DeploymentOptions, deploy, stageNotes } from './deployment.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from './local-aws.ts';
import { stageMetrics } from './series.ts';

export type LocalStageOptions = LocalAwsOptions & DeploymentOptions;

export interface LocalStage {
  /** `ws://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly port: number;
  readonly stack: ResolvedStack;
  /** What a reader of its figures must know, one sentence each. */
  readonly notes: readonly string[];
  /** Metrics of the seconds that cover the window, UTC milliseconds. */
  metrics(startEpochMs: number, endEpochMs: number): StageMetrics;
  /** Arms the fault plan: its times count from this UTC millisecond. Without a plan nothing happens. */
  measuring(fromEpochMs: number): void;
  /** Ends the plan's work, until {@link measuring} begins it anew, and returns what each fault did, in the plan's order. */
  faults(): FaultTally[];
  /** Ends everything now: messages under way are forgotten, clients get 1001, function processes end. */
  close(): Promise<void>;
}

/**
 * Starts a stage. Rejects with a StageConfigurationError when the template or its parameters must be changed,
 * with another Error when the stage cannot run, such as for a port in use.
 */
export async function startLocalStage(options: LocalStageOptions): Promise<LocalStage> {
  const aws = await startLocalAws(options);
  try {
    return await deployed(aws, options);
  } catch (error) {
    await aws.close();
    throw error;
  }
}

async function deployed(aws: LocalAws, options: LocalStageOptions): Promise<LocalStage> {
  const { cloudFormation, account, port } = aws;
  const { stack, stageName } = await deploy(cloudFormation, options);
  if (options.faults) checkFaults(options.faults, stack, account.kinesis);
  return {
    url: `ws://127.0.0.1:${port}/${stageName}`,
    port,
    stack,
    notes: stageNotes(options.profile, stack, process.version),
    metrics: (startEpochMs, endEpochMs) =>
      stageMetrics({ stack, store: account.metrics, startEpochMs, endEpochMs }),
    measuring: (fromEpochMs) => aws.faults?.measuring(fromEpochMs),
    faults: () => {
      aws.faults?.finish();
      return aws.faults?.tallies() ?? [];
    },
    close: () => aws.close(),
  };
}
