/**
 * From a stack's resources and outputs to what a run needs of it: the address and the names its metrics go by. Everything
 * is found by resource type, so any template made of these types will do; outputs with the reference template's names only
 * decide which of several is meant. Pure.
 */

import type { PipelinePart, StagePipeline } from '../../bench/core/result.ts';
import { PRIMARY_FUNCTION_OUTPUT } from '../metric-table.ts';
import { partitionOf } from '../template/identity.ts';
import { isLoopback } from './loopback.ts';
import type { StackDescription, StackResourceState } from './stack-description.ts';

/** What of a resource matters here. */
export type StackResource = Pick<StackResourceState, 'logicalId' | 'type' | 'physicalId'>;

/** A stack and its resources. */
export interface DeployedStack extends StackDescription {
  readonly resources: readonly StackResource[];
}

/** What of a stack tells what it consists of. */
export type StackParts = Pick<DeployedStack, 'outputs' | 'resources'>;

/** The output of the reference template that is the address for clients. */
const URL_OUTPUT = 'WebSocketURI';

/** The host of an API on AWS. */
const API_HOST = /^([a-z0-9]+)\.execute-api\./;

/** What a mapping joins, as Lambda tells it. */
export interface MappingEnds {
  readonly functionArn: string;
  /** A stream's ARN, or a consumer's. */
  readonly sourceArn: string;
}

/**
 * Names of the parts. First come those that outputs of the reference template's names point to, else those at the ends of
 * a mapping, which only Lambda knows: give them where there are several functions.
 */
export function pipelineOf({ resources, outputs }: StackParts, ends: MappingEnds | null): StagePipeline {
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const consumers = of('AWS::Kinesis::StreamConsumer').flatMap(consumerOf);
  const source = ends === null ? null : sourceOf(ends.sourceArn);
  return {
    api: apiOf(resources, outputs),
    streams: first(parts(of('AWS::Kinesis::Stream')), outputs.StreamName ?? source?.streamName),
    consumers: first(consumers, outputs.ConsumerName ?? source?.consumerName),
    functions: first(
      parts(of('AWS::Lambda::Function')),
      outputs[PRIMARY_FUNCTION_OUTPUT] ?? ends?.functionArn.split(':')[6],
    ),
    mappings: parts(of('AWS::Lambda::EventSourceMapping')),
  };
}

/** Whether the primary function is only known to Lambda. */
export function needsMappingEnds({ resources, outputs }: StackParts): boolean {
  const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  return functions.length > 1 && outputs[PRIMARY_FUNCTION_OUTPUT] === undefined;
}

function parts(resources: readonly StackResource[]): PipelinePart[] {
  return resources.map(({ logicalId, physicalId }) => ({ logicalId, name: physicalId }));
}

/** The parts, the one of that name first. */
function first<T extends PipelinePart>(all: readonly T[], name: string | undefined): T[] {
  return [...all.filter((part) => part.name === name), ...all.filter((part) => part.name !== name)];
}

/** Ref of a consumer is its ARN: `…:stream/STREAM/consumer/NAME:CREATED`. */
function consumerOf({ logicalId, physicalId }: StackResource): StagePipeline['consumers'] {
  const { streamName, consumerName } = sourceOf(physicalId);
  if (streamName === undefined || consumerName === undefined) return [];
  return [{ logicalId, streamName, name: consumerName }];
}

function sourceOf(arn: string): { streamName: string | undefined; consumerName: string | undefined } {
  const match = /:stream\/([^/]+)(?:\/consumer\/([^:/]+))?/.exec(arn);
  return { streamName: match?.[1], consumerName: match?.[2] };
}

/** The API and stage of the address where that tells them, else those of the stack. */
function apiOf(
  resources: readonly StackResource[],
  outputs: Readonly<Record<string, string>>,
): StagePipeline['api'] {
  const idsOf = (type: string) =>
    resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);
  const apis = idsOf('AWS::ApiGatewayV2::Api');
  const stages = idsOf('AWS::ApiGatewayV2::Stage');
  const addressed = urlOutput(outputs)
    .map(addressOf)
    .find((api) => api !== null && apis.includes(api.apiId));
  if (addressed) return addressed;
  const apiId = apis.find((id) => id === outputs.ApiId) ?? apis[0];
  const stageName = stages.find((name) => name === outputs.StageName) ?? stages[0];
  return apiId === undefined || stageName === undefined ? null : { apiId, stageName };
}

/** What an address says: `wss://API.execute-api.REGION.DOMAIN/STAGE` on AWS, `ws://HOST:PORT/API/STAGE` on a local stage. */
function addressOf(url: string): StagePipeline['api'] {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  const path = pathname.split('/').slice(1).map(decodeURIComponent);
  const apiOfHost = API_HOST.exec(hostname)?.[1];
  const [apiId, stageName] = apiOfHost === undefined ? path : [apiOfHost, path[0]];
  return !apiId || !stageName ? null : { apiId, stageName };
}

/** Outputs that are WebSocket addresses, the reference template's first. */
function urlOutput(outputs: Readonly<Record<string, string>>): string[] {
  const named = Object.entries(outputs).filter(([, value]) => /^wss?:\/\//i.test(value));
  named.sort(([left], [right]) => Number(right === URL_OUTPUT) - Number(left === URL_OUTPUT));
  return named.map(([, value]) => value);
}

export interface AddressOptions {
  readonly region: string;
  /** The endpoint that stands in for AWS, where it is one on this machine; null on AWS. */
  readonly localEndpoint: string | null;
}

/**
 * The address for clients: an output, else composed from the API. With a local stage behind the endpoint an address of AWS
 * is passed over, as nothing there must leave this machine. Null when there is none.
 */
export function urlOf(
  stack: StackParts,
  { api }: StagePipeline,
  { region, localEndpoint }: AddressOptions,
): string | null {
  const candidates = urlOutput(stack.outputs).filter((url) => URL.canParse(url));
  const usable = localEndpoint === null ? candidates : candidates.filter(isLoopback);
  if (usable[0] !== undefined) return usable[0];
  // With several APIs only an output can say which one is meant.
  const isOneOfMany = stack.resources.filter(({ type }) => type === 'AWS::ApiGatewayV2::Api').length > 1;
  if (api === null || isOneOfMany) return null;
  if (localEndpoint !== null) return `ws://${new URL(localEndpoint).host}/${api.apiId}/${api.stageName}`;
  return `wss://${api.apiId}.execute-api.${region}.${partitionOf(region).urlSuffix}/${api.stageName}`;
}
