/**
 * From a stack's resources and outputs to the parts of its pipeline and the names their metrics go by, on AWS and locally.
 * Everything is found by resource type, so any template made of these types will do; outputs with the reference template's
 * names only decide which of several is meant. Pure.
 */
import type { PipelinePart, StagePipeline } from '../bench/model/result.ts';
import type { MetricRow, Metrics, ResourceType } from './template/resource-type.ts';
import { API } from './template/resources/api.ts';
import { EVENT_SOURCE_MAPPING } from './template/resources/event-source-mapping.ts';
import { FUNCTION } from './template/resources/function.ts';
import { STAGE } from './template/resources/stage.ts';
import { POLLING_METRICS, STREAM } from './template/resources/stream.ts';
import { STREAM_CONSUMER } from './template/resources/stream-consumer.ts';

/** Tags that every stack of a local stage has, by which it says what it models. */
export const LOCAL_TAGS = {
  profile: 'local-stage:profile',
  dispatch: 'local-stage:dispatch',
  /** How long its mappings take to settle after a change, ms. */
  settling: 'local-stage:settling-ms',
} as const;

/** What of a resource matters here. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

/** What of a stack tells what it consists of. */
export interface StackParts {
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: readonly StackResource[];
}

/** The output of the reference template that is the address for clients. */
const URL_OUTPUT = 'WebSocketURI';

/** The output of the reference template that names the function whose metrics come without a prefix. */
export const PRIMARY_FUNCTION_OUTPUT = 'EchoFunctionName';

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
  const of = ({ type }: { readonly type: string }) => resources.filter((resource) => resource.type === type);
  const consumers = of(STREAM_CONSUMER).flatMap(consumerOf);
  const source = ends === null ? null : sourceOf(ends.sourceArn);
  return {
    api: apiOf(resources, outputs),
    streams: first(parts(of(STREAM)), outputs.StreamName ?? source?.streamName),
    consumers: first(consumers, outputs.ConsumerName ?? source?.consumerName),
    functions: first(
      parts(of(FUNCTION)),
      outputs[PRIMARY_FUNCTION_OUTPUT] ?? ends?.functionArn.split(':')[6],
    ),
    mappings: parts(of(EVENT_SOURCE_MAPPING)),
  };
}

/** Whether the primary function is only known to Lambda. */
export function needsMappingEnds({ resources, outputs }: StackParts): boolean {
  const functions = resources.filter(({ type }) => type === FUNCTION.type);
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
  const idsOf = ({ type }: { readonly type: string }) =>
    resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);
  const apis = idsOf(API);
  const stages = idsOf(STAGE);
  const addressed = urlOutputs(outputs)
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
export function urlOutputs(outputs: Readonly<Record<string, string>>): string[] {
  const named = Object.entries(outputs).filter(([, value]) => /^wss?:\/\//i.test(value));
  named.sort(([left], [right]) => Number(right === URL_OUTPUT) - Number(left === URL_OUTPUT));
  return named.map(([, value]) => value);
}

/** `auditFunctionIteratorAge`: the id of a part that is not the primary one carries its logical id. */
export function prefixedId(logicalId: string, id: string): string {
  if (logicalId === '') return id;
  return logicalId.charAt(0).toLowerCase() + logicalId.slice(1) + id.charAt(0).toUpperCase() + id.slice(1);
}

export type Dimensions = Readonly<Record<string, string>>;

/** A part of the pipeline whose metrics share their dimensions. */
export interface MetricSource {
  readonly namespace: Metrics['namespace'];
  readonly dimensions: Dimensions;
}

/** A series of a pipeline. */
export interface PipelineMetric {
  readonly source: MetricSource;
  readonly seriesId: string;
  readonly label: string;
  readonly row: MetricRow;
}

/** Dimensions of an API's metrics, as far as is known without asking. */
export function apiDimensions({ api }: StagePipeline): Dimensions | null {
  return api === null ? null : { ApiId: api.apiId, Stage: api.stageName };
}

/**
 * Every series that a report shows of the pipeline, the same on AWS and locally, so that `metrics.iteratorAge.max` means
 * the same on either. `gateway` are the dimensions under which the API's are found; null leaves it out.
 */
export function pipelineMetrics(pipeline: StagePipeline, gateway: Dimensions | null): PipelineMetric[] {
  return [
    ...(gateway === null ? [] : metricsOf(API, gateway)),
    ...pipeline.streams.flatMap((stream, index) => streamMetrics(pipeline, stream, index)),
    ...pipeline.functions.flatMap(({ logicalId, name }, index) =>
      metricsOf(FUNCTION, { FunctionName: name }, index === 0 ? '' : logicalId),
    ),
  ];
}

/** A stream, and how far its readers are behind: each consumer that is pushed to, or those that poll, together. */
function streamMetrics(
  { consumers }: StagePipeline,
  { logicalId, name }: StagePipeline['streams'][number],
  index: number,
): PipelineMetric[] {
  const stream = { StreamName: name };
  const prefix = index === 0 ? '' : logicalId;
  const pushed = consumers.filter(({ streamName }) => streamName === name);
  const lags = pushed.flatMap((consumer) => {
    const isPrimary = index === 0 && consumer === pushed[0];
    const dimensions = { ...stream, ConsumerName: consumer.name };
    return metricsOf(STREAM_CONSUMER, dimensions, isPrimary ? '' : consumer.logicalId);
  });
  return [
    ...metricsOf(STREAM, stream, prefix),
    ...(pushed.length === 0 ? metricsOf({ metrics: POLLING_METRICS }, stream, prefix) : lags),
  ];
}

/** Ids and labels of a part that is not the primary one carry its logical id: `AuditFunction: Errors`. */
function metricsOf(
  { metrics }: Pick<ResourceType, 'metrics'>,
  dimensions: Dimensions,
  logicalId = '',
): PipelineMetric[] {
  if (metrics === null) return [];
  const source = { namespace: metrics.namespace, dimensions };
  return metrics.rows.map((row) => ({
    source,
    seriesId: prefixedId(logicalId, row.id),
    label: logicalId === '' ? row.label : `${logicalId}: ${row.label}`,
    row,
  }));
}
