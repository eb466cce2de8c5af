/**
 * The parts of a template that decide what it costs and what it can take, as far as parameters decide them, which is all
 * that matters here. Anything else is null, *not known*, and the estimates say so instead of guessing.
 */
import { type KnownResource, logicalIdIn, mappingOf, numberIn } from '../template/known.ts';
import type { ResourceType } from '../template/resource-type.ts';
import { EVENT_SOURCE_MAPPING } from '../template/resources/event-source-mapping.ts';
import { FUNCTION } from '../template/resources/function.ts';
import { STAGE } from '../template/resources/stage.ts';
import { STREAM } from '../template/resources/stream.ts';
import { STREAM_CONSUMER } from '../template/resources/stream-consumer.ts';
import type { ValueMapping } from '../template/value.ts';
import { resourcesIn, type Template } from './template.ts';
import type { ParameterValues } from './template-parameters.ts';

export interface StreamShape {
  readonly logicalId: string;
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  /** Null when on demand, or not known. */
  readonly shards: number | null;
  /** Registered enhanced fan-out consumers. */
  readonly fanOutConsumers: number;
}

/** An event source mapping and its function. */
export interface ReaderShape {
  readonly logicalId: string;
  /** Logical id of the function; null when not known. */
  readonly functionId: string | null;
  /** Logical id of the stream; null when not known. */
  readonly stream: string | null;
  readonly isFanOut: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly parallelization: number;
  readonly memoryMb: number;
  readonly architecture: 'arm64' | 'x86_64';
  /** Connections that one invocation posts to side by side; null for a function that answers nobody. */
  readonly postConcurrency: number | null;
}

export interface StackShape {
  readonly streams: readonly StreamShape[];
  readonly readers: readonly ReaderShape[];
  /** Messages per second that the API's stage accepts; null where the template sets no limit. */
  readonly stageRatePerSecond: number | null;
}

/** The shape of the template with the parameters in force; defaults fill in what is missing. */
export function shapeOf(template: Template, parameters: ParameterValues): StackShape {
  const resources = resourcesIn(template, parameters);
  const of = ({ type }: { readonly type: string }) => resources.filter((one) => one.type === type);
  const streamOfConsumer = new Map(
    of(STREAM_CONSUMER).map(({ logicalId, properties }) => [logicalId, logicalIdIn(properties.StreamARN)]),
  );
  const consumed = [...streamOfConsumer.values()];
  const functions = new Map(of(FUNCTION).map((one) => [one.logicalId, one]));
  return {
    streams: of(STREAM).map((one) =>
      streamShape(one, consumed.filter((stream) => stream === one.logicalId).length),
    ),
    readers: of(EVENT_SOURCE_MAPPING).map((one) => readerShape(one, functions, streamOfConsumer)),
    stageRatePerSecond: numberIn(
      mappingOf(of(STAGE)[0]?.properties.DefaultRouteSettings).ThrottlingRateLimit,
    ),
  };
}

function streamShape({ logicalId, properties }: KnownResource, fanOutConsumers: number): StreamShape {
  const isOnDemand = mappingOf(properties.StreamModeDetails).StreamMode === 'ON_DEMAND';
  return {
    logicalId,
    mode: isOnDemand ? 'ON_DEMAND' : 'PROVISIONED',
    shards: isOnDemand ? null : numberIn(properties.ShardCount),
    fanOutConsumers,
  };
}

function readerShape(
  { logicalId, properties }: KnownResource,
  functions: ReadonlyMap<string, KnownResource>,
  streamOfConsumer: ReadonlyMap<string, string | null>,
): ReaderShape {
  const source = logicalIdIn(properties.EventSourceArn);
  const isFanOut = source !== null && streamOfConsumer.has(source);
  const functionId = logicalIdIn(properties.FunctionName);
  const reader = functions.get(functionId ?? '');
  const { Architectures, Environment } = reader?.properties ?? {};
  const { POST_CONCURRENCY } = mappingOf(mappingOf(Environment).Variables);
  const posts = /postToConnection/i.test(JSON.stringify(mappingOf(reader?.written).Code ?? ''));
  return {
    logicalId,
    functionId,
    stream: isFanOut ? (streamOfConsumer.get(source) ?? null) : source,
    isFanOut,
    batchSize: numberOf(EVENT_SOURCE_MAPPING, properties, 'BatchSize'),
    windowSeconds: numberOf(EVENT_SOURCE_MAPPING, properties, 'MaximumBatchingWindowInSeconds'),
    parallelization: numberOf(EVENT_SOURCE_MAPPING, properties, 'ParallelizationFactor'),
    memoryMb: numberOf(FUNCTION, reader?.properties ?? {}, 'MemorySize'),
    architecture: Array.isArray(Architectures) && Architectures.includes('arm64') ? 'arm64' : 'x86_64',
    postConcurrency: posts ? (numberIn(POST_CONCURRENCY) ?? 1) : null,
  };
}

/** The number of a property, or what the service takes where it is not known. */
function numberOf({ properties }: ResourceType, given: ValueMapping, name: string): number {
  return numberIn(given[name]) ?? Number(properties[name]?.otherwise);
}
