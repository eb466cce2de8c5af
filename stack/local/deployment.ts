/** A stack that a stage is started with: its template resolved, deployed and checked to be one that can be driven. */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { FaultPlan } from '../../bench/model/fault.ts';
import { TemplateError } from '../template/resolve.ts';
import { FUNCTION } from '../template/resources/function.ts';
import { inertNotes } from '../template/types.ts';
import type { ResolvedStack } from '../template/value.ts';
import type { CloudFormation } from './cloudformation/cloudformation.ts';
import { StageConfigurationError } from './errors.ts';
import { gatewayConfigs } from './gateway/gateway-config.ts';
import type { Profile } from './profile.ts';
import type { Kinesis } from './stream/kinesis.ts';

export interface DeploymentOptions {
  readonly templateText: string;
  /** For messages. */
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Deployment {
  readonly stack: ResolvedStack;
  /** Of the stage that clients connect to: `v1`. */
  readonly stageName: string;
}

/** The account that AWS uses in its own documentation, and where a stage is unless it is told otherwise. */
export const HOME = { accountId: '123456789012', region: 'us-east-1' } as const;

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

function failuresOf(events: readonly StackEvent[]): string[] {
  return events
    .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
}

/** Refuses faults that name what the stack does not have: they would strike nothing without a word. */
export function checkFaults(faults: FaultPlan, stack: ResolvedStack, kinesis: Kinesis): void {
  const counts = kinesis.streamNames().map((name) => kinesis.existingStream(name).shards.length);
  const shards = Math.max(0, ...counts);
  const functions = stack.resources.filter(({ type }) => type === FUNCTION.type).map((one) => one.logicalId);
  const problems: string[] = [];
  for (const [index, { name, functionId, shard }] of faults.faults.entries()) {
    if (functionId !== null && !functions.includes(functionId))
      problems.push(
        `faults.${index}.function: the template has no function '${functionId}' for '${name}'; it has ${functions.join(', ') || 'none'}`,
      );
    if (shard !== null && shard >= shards)
      problems.push(
        `faults.${index}.shard: there is no shard ${shard} for '${name}'; the stream's shards are 0 to ${shards - 1}`,
      );
  }
  if (problems.length > 0) throw new StageConfigurationError(problems);
}

// What a reader must know to judge figures measured on a local stage: one sentence each, they go into the report.

const LATENCY_NOTES = {
  aws: 'Latencies through the stream are calibrated to published figures, the others are plausible; none was measured on AWS.',
  ideal: 'No latency of AWS is modelled: figures show the local machine, not AWS.',
} as const;

const DISPATCH_NOTES = {
  serial:
    'The gateway takes the messages of a connection one after the other (dispatch serial, the default), which keeps their order up to the stream; AWS documents neither this nor the opposite.',
  concurrent:
    'The gateway takes the messages of a connection side by side (dispatch concurrent), so they can overtake each other before the stream; AWS documents neither this nor the opposite.',
} as const;

export function profileNotes(profile: Profile): string[] {
  return [LATENCY_NOTES[profile.name], DISPATCH_NOTES[profile.dispatch]];
}

/** The notes of a stage whose functions run on the given version of Node, such as `v20.19.0`. */
export function stageNotes(profile: Profile, stack: ResolvedStack, nodeVersion: string): string[] {
  const gatewayNotes = gatewayConfigs(stack).flatMap(({ notes }) => notes);
  return [
    ...profileNotes(profile),
    ...runtimeNotes(stack, nodeVersion),
    ...gatewayNotes,
    ...inertNotes(stack.resources),
  ];
}

/** Says so where functions run on another version of Node than their template asks for. */
function runtimeNotes(stack: ResolvedStack, nodeVersion: string): string[] {
  const host = `nodejs${nodeVersion.slice(1).split('.')[0]}.x`;
  const runtimes = stack.resources
    .filter(({ type }) => type === FUNCTION.type)
    .map(({ properties }) => String(properties.Runtime));
  const others = [...new Set(runtimes)].filter((runtime) => runtime !== host);
  return others.map(
    (runtime) => `Functions run on this machine's Node ${nodeVersion} rather than ${runtime}.`,
  );
}
