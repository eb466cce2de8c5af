/**
 * The parts of a template that decide what it costs and what it can take, with parameters and conditions resolved. Only
 * what parameters decide is resolved, which is all that matters here; anything else is null, *not known*, and the
 * estimates say so instead of guessing.
 */
import { sectionOf, type Template, type Value } from './template.ts';
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

/** Lambda's defaults where a template says nothing: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html */
const DEFAULT_BATCH_SIZE = 100;
const DEFAULT_MEMORY_MB = 128;

/** The shape of the template with the parameters in force; defaults fill in what is missing. */
export function shapeOf(template: Template, parameters: ParameterValues): StackShape {
  const resolver = new Resolver(template, parameters);
  const streams = resolver.resources('AWS::Kinesis::Stream');
  const consumers = resolver.resources('AWS::Kinesis::StreamConsumer');
  const streamOfConsumer = new Map(
    consumers.map(([id, properties]) => [id, resolver.target(properties.StreamARN)]),
  );
  const stage = resolver.resources('AWS::ApiGatewayV2::Stage')[0]?.[1];
  return {
    streams: streams.map(([id, properties]) => {
      const fanOutConsumers = [...streamOfConsumer.values()].filter((stream) => stream === id).length;
      return streamShape(resolver, id, properties, fanOutConsumers);
    }),
    readers: resolver
      .resources('AWS::Lambda::EventSourceMapping')
      .map(([id, properties]) => readerShape(resolver, id, properties, streamOfConsumer)),
    stageRatePerSecond: resolver.number(
      sectionOf(resolver.value(stage?.DefaultRouteSettings)).ThrottlingRateLimit,
    ),
  };
}

/** Resources of a type that the template makes with the parameters, or may make: logical ids and properties. */
export function resourcesOfType(
  template: Template,
  parameters: ParameterValues,
  type: string,
): [string, Properties][] {
  return new Resolver(template, parameters).resources(type);
}

type Properties = Readonly<Record<string, Value>>;

function streamShape(
  resolver: Resolver,
  logicalId: string,
  { StreamModeDetails, ShardCount }: Properties,
  fanOutConsumers: number,
): StreamShape {
  const isOnDemand = resolver.value(sectionOf(resolver.value(StreamModeDetails)).StreamMode) === 'ON_DEMAND';
  return {
    logicalId,
    mode: isOnDemand ? 'ON_DEMAND' : 'PROVISIONED',
    shards: isOnDemand ? null : resolver.number(ShardCount),
    fanOutConsumers,
  };
}

function readerShape(
  resolver: Resolver,
  logicalId: string,
  properties: Properties,
  streamOfConsumer: ReadonlyMap<string, string | null>,
): ReaderShape {
  const source = resolver.target(properties.EventSourceArn);
  const isFanOut = source !== null && streamOfConsumer.has(source);
  const functionId = resolver.target(properties.FunctionName);
  const functions = new Map(resolver.resources('AWS::Lambda::Function'));
  const { MemorySize, Architectures, Code, Environment } = functions.get(functionId ?? '') ?? {};
  const architectures = resolver.value(Architectures);
  const { POST_CONCURRENCY } = sectionOf(sectionOf(resolver.value(Environment)).Variables);
  const posts = /postToConnection/i.test(JSON.stringify(Code ?? ''));
  return {
    logicalId,
    functionId,
    stream: isFanOut ? (streamOfConsumer.get(source) ?? null) : source,
    isFanOut,
    batchSize: resolver.number(properties.BatchSize) ?? DEFAULT_BATCH_SIZE,
    windowSeconds: resolver.number(properties.MaximumBatchingWindowInSeconds) ?? 0,
    parallelization: resolver.number(properties.ParallelizationFactor) ?? 1,
    memoryMb: resolver.number(MemorySize) ?? DEFAULT_MEMORY_MB,
    architecture: Array.isArray(architectures) && architectures.includes('arm64') ? 'arm64' : 'x86_64',
    postConcurrency: posts ? (resolver.number(POST_CONCURRENCY) ?? 1) : null,
  };
}

/** Evaluates what parameters and conditions decide. An unresolvable value is null. */
class Resolver {
  readonly #template: Template;
  readonly #parameters: ParameterValues;

  constructor(template: Template, parameters: ParameterValues) {
    this.#template = template;
    this.#parameters = parameters;
  }

  /** Resources of a type whose condition holds, or can't be told, with their properties. */
  resources(type: string): [string, Properties][] {
    return Object.entries(this.#template.resources).flatMap(([id, resource]): [string, Properties][] => {
      const { Type, Condition, Properties } = sectionOf(resource);
      const isThere = typeof Condition !== 'string' || this.#condition(Condition) !== false;
      return Type === type && isThere ? [[id, sectionOf(Properties)]] : [];
    });
  }

  /** The value with a `Ref` to a parameter and `Fn::If` resolved at its top. */
  value(value: Value | undefined): Value {
    if (value === undefined) return null;
    const { Ref, 'Fn::If': choice } = sectionOf(value);
    if (typeof Ref === 'string') {
      return this.#parameters[Ref] ?? this.#template.parameters[Ref]?.defaultValue ?? null;
    }
    if (Array.isArray(choice)) return this.value(this.#branch(choice));
    return value;
  }

  number(value: Value | undefined): number | null {
    const resolved = this.value(value);
    const isNumber = typeof resolved === 'number' || (typeof resolved === 'string' && resolved.trim() !== '');
    return isNumber && Number.isFinite(Number(resolved)) ? Number(resolved) : null;
  }

  /** Logical id of the resource that a `Ref` or `Fn::GetAtt` names. */
  target(value: Value | undefined): string | null {
    const { Ref, 'Fn::GetAtt': attribute, 'Fn::If': choice } = sectionOf(value);
    if (Array.isArray(choice)) return this.target(this.#branch(choice));
    if (typeof Ref === 'string') return Ref;
    const path = Array.isArray(attribute) ? attribute[0] : attribute;
    return typeof path === 'string' ? path.split('.')[0]! : null;
  }

  #branch([condition, whenTrue, whenFalse]: readonly Value[]): Value | undefined {
    const holds = typeof condition === 'string' ? this.#condition(condition) : null;
    return holds === null ? undefined : holds ? whenTrue : whenFalse;
  }

  #condition(name: string): boolean | null {
    return this.#holds(this.#template.conditions[name]);
  }

  #holds(expression: Value | undefined): boolean | null {
    const {
      'Fn::Equals': equals,
      'Fn::Not': not,
      'Fn::And': and,
      'Fn::Or': or,
      Condition,
    } = sectionOf(expression);
    if (typeof Condition === 'string') return this.#condition(Condition);
    if (Array.isArray(equals)) {
      const [left, right] = equals.map((side) => this.value(side));
      return isPlain(left) && isPlain(right) ? String(left) === String(right) : null;
    }
    if (Array.isArray(not)) {
      const holds = this.#holds(not[0]);
      return holds === null ? null : !holds;
    }
    if (Array.isArray(and)) return this.#all(and, false);
    if (Array.isArray(or)) return this.#all(or, true);
    return null;
  }

  /** Three-valued: the deciding value wins over *not known*. */
  #all(parts: readonly Value[], deciding: boolean): boolean | null {
    const values = parts.map((part) => this.#holds(part));
    if (values.includes(deciding)) return deciding;
    return values.includes(null) ? null : !deciding;
  }
}

function isPlain(value: Value | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
