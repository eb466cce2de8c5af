/** A stack that a stage is started with: its template resolved, deployed and checked to be one that can be driven. */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { FaultPlan } from '../../bench/core/fault.ts';
import { TemplateError } from '../template/resolve.ts';
import type { ResolvedStack } from '../template/resolved.ts';
import type { CloudFormation } from './cloudformation/cloudformation.ts';
import { StageConfigurationError } from './configuration-error.ts';
import { unknownFunctions, unknownShards } from './fault/fault-problems.ts';
import type { Kinesis } from './stream/kinesis.ts';

export interface DeploymentOptions {
  readonly templateText: string;
  /** For messages. */
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Deployment {
  readonly stack: ResolvedStack;
  /** Of the stage that clients connect to: `v1`. */
  readonly stageName: string;
}

/** Tags and capabilities of the stack that a stage starts with: its own template is trusted. */
const SETTINGS = { tags: [], capabilities: ['CAPABILITY_NAMED_IAM'], disableRollback: false } as const;

/** Deploys the template. Rejects with a {@link StageConfigurationError} when it or its parameters must be changed. */
export async function deploy(
  cloudFormation: CloudFormation,
  options: DeploymentOptions,
): Promise<Deployment> {
  const version = versionOf(cloudFormation, options);
  const stageName = [...(version.apis[0]?.stages.keys() ?? [])][0];
  if (version.apis.length !== 1 || stageName === undefined) {
    throw new StageConfigurationError([
      `a template to drive must have exactly one AWS::ApiGatewayV2::Api, with a stage; it has ${version.apis.length} and ${stageName === undefined ? 'no stage' : 'a stage'}`,
    ]);
  }
  const { stack, ended } = cloudFormation.create(version, SETTINGS, 'ROLLBACK');
  await ended;
  if (stack.status !== 'CREATE_COMPLETE') throw new StageConfigurationError(failuresOf(stack.events));
  return { stack: version.resolved, stageName };
}

function versionOf(cloudFormation: CloudFormation, options: DeploymentOptions) {
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

/** A fault that names what the stack does not have would strike nothing, and nobody would know: it is a mistake. */
export function checkFaults(faults: FaultPlan, stack: ResolvedStack, kinesis: Kinesis): void {
  const counts = kinesis.streamNames().map((name) => kinesis.existingStream(name).shards.length);
  const problems = [...unknownFunctions(faults, stack), ...unknownShards(faults, Math.max(0, ...counts))];
  if (problems.length > 0) throw new StageConfigurationError(problems);
}
