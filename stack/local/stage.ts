/**
 * The local stage: a CloudFormation template, executed. It is deployed into a local AWS as any stack is, and served on
 * loopback. Whatever goes wrong on the way, everything already started is closed again before the error is thrown.
 */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { StageMetrics } from '../../bench/core/result.ts';
import { StageConfigurationError } from './configuration-error.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from './local-aws.ts';
import { stageMetrics } from './series.ts';
import { stageNotes } from './stage-notes.ts';
import { TemplateError } from './template/resolve.ts';
import type { ResolvedStack } from './template/resolved.ts';

export interface LocalStageOptions extends LocalAwsOptions {
  readonly templateText: string;
  /** For messages. */
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface LocalStage {
  /** `ws://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly port: number;
  readonly stack: ResolvedStack;
  /** What a reader of its figures must know, one sentence each. */
  readonly notes: readonly string[];
  /** Metrics of the seconds that cover the window, UTC milliseconds. */
  metrics(startEpochMs: number, endEpochMs: number): StageMetrics;
  /** Ends everything now: messages under way are forgotten, clients get 1001, function processes end. */
  close(): Promise<void>;
}

/** Tags and capabilities of the stack that a stage starts with: its own template is trusted. */
const SETTINGS = { tags: [], capabilities: ['CAPABILITY_NAMED_IAM'], disableRollback: false } as const;

/**
 * Starts a stage. Rejects with a {@link StageConfigurationError} when the template or its parameters must be changed,
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
  const version = versionOf(aws, options);
  const stageName = [...(version.apis[0]?.stages.keys() ?? [])][0];
  if (version.apis.length !== 1 || stageName === undefined) {
    throw new StageConfigurationError([
      `a template to drive must have exactly one AWS::ApiGatewayV2::Api, with a stage; it has ${version.apis.length} and ${stageName === undefined ? 'no stage' : 'a stage'}`,
    ]);
  }
  const { stack, ended } = cloudFormation.create(version, SETTINGS, 'ROLLBACK');
  await ended;
  if (stack.status !== 'CREATE_COMPLETE') throw new StageConfigurationError(failuresOf(stack.events));
  return {
    url: `ws://127.0.0.1:${port}/${stageName}`,
    port,
    stack: version.resolved,
    notes: stageNotes(options.profile, version.resolved, process.version),
    metrics: (startEpochMs, endEpochMs) =>
      stageMetrics({ stack: version.resolved, store: account.metrics, startEpochMs, endEpochMs }),
    close: () => aws.close(),
  };
}

function versionOf({ cloudFormation }: LocalAws, options: LocalStageOptions) {
  const { stackName, templateText, templatePath, parameters } = options;
  try {
    return cloudFormation.versionOf(stackName, { templateText, fileName: templatePath, parameters }, null);
  } catch (error) {
    throw error instanceof TemplateError ? new StageConfigurationError(error.problems) : error;
  }
}

/** What the resources that could not be made say. */
function failuresOf(events: readonly StackEvent[]): string[] {
  return events
    .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
}
