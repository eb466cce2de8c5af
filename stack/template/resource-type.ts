/**
 * Everything there is to know about a resource type, as one value: whatever treats types differently reads it here, and a
 * type that leaves something out does not compile.
 */
import type { Identity, Naming } from './identity.ts';
import type { Properties } from './property.ts';
import type { Json, ResolvedResource, ValueMapping } from './value.ts';

export interface ResourceType {
  /** CloudFormation's name, such as `AWS::Kinesis::Stream`. */
  readonly type: string;
  readonly properties: Properties;
  /** Rules between properties. Each message names the properties and the remedy. */
  readonly rules?: (properties: ValueMapping) => readonly string[];
  /** What Ref and Fn::GetAtt give, from the checked properties. */
  readonly identity: (naming: Naming) => Identity;
  /** How an account makes its resources; null where they only exist. */
  readonly making: Making | null;
  /** Whether the stage finds them by name: two of the same name in a template would take each other's slot. */
  readonly isFoundByName: boolean;
  /** Null where CloudWatch has no metrics of its resources. */
  readonly metrics: Metrics | null;
  /** What costs and quotas depend on, read from a resource; null where they depend on nothing. */
  readonly shape: ((resource: Shaped) => object) | null;
  /** Set for types that can't change the path from a client through the stream and back: see {@link file://./resources/inert.ts}. */
  readonly inert?: Inert;
}

/** A type whose resources decide what a stack costs. */
export interface ShapedType<Shape extends object> extends ResourceType {
  readonly shape: (resource: Shaped) => Shape;
}

/** A resource as far as it is known before AWS has made it. */
export interface Shaped {
  readonly properties: ValueMapping;
  /** The properties as they are written. */
  readonly written: Json;
}

/** The parts of types whose resources only exist: nothing is made, measured or billed. */
export const ONLY_EXISTS = { making: null, isFoundByName: false, metrics: null, shape: null } as const;

/** Makes, changes and removes the resources of a type. Each rejects as the service would. */
export interface Making {
  /** Given where the service itself knows which names are taken, and refuses a second resource with the same name. */
  exists?(account: Services, name: string): boolean;
  create(account: Services, resource: ResolvedResource): void | Promise<void>;
  /** In place, to `after`; absent where nothing but tags can change. */
  update?(account: Services, after: ResolvedResource): void | Promise<void>;
  remove(account: Services, physicalId: string): void | Promise<void>;
}

/** The services of an account that make resources. */
export interface Services {
  readonly kinesis: {
    stream(name: string): object | undefined;
    addStream(resource: ResolvedResource): void;
    updateStream(resource: ResolvedResource): void;
    removeStream(name: string): void;
    addConsumer(resource: ResolvedResource): void;
    removeConsumer(arn: string): void;
  };
  readonly lambda: {
    addFunction(resource: ResolvedResource): void;
    updateFunction(resource: ResolvedResource): void;
    removeFunction(name: string): Promise<void>;
    addMapping(resource: ResolvedResource): Promise<void>;
    updateMapping(resource: ResolvedResource): Promise<void>;
    removeMapping(uuid: string): Promise<void>;
  };
  readonly apis: { remove(apiId: string): void };
}

/** Statistics as CloudWatch names them. */
type MetricStat = 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' | 'p50' | 'p99';

/** A metric with one statistic, as a report shows it. */
export interface MetricRow {
  /** Camel-case; what a threshold names. */
  readonly id: string;
  readonly label: string;
  /** CloudWatch's name of the metric. */
  readonly name: string;
  readonly stat: MetricStat;
  readonly unit: 'Count' | 'Milliseconds' | 'Bytes' | 'None';
}

export interface Metrics {
  readonly namespace: 'AWS/ApiGateway' | 'AWS/Kinesis' | 'AWS/Lambda';
  /** The dimension that names the resource by its physical id; null where none does. */
  readonly dimension: string | null;
  /** Those that a report shows. */
  readonly rows: readonly MetricRow[];
}

type Line = readonly [id: string, label: string, name: string, stat: MetricStat, unit?: MetricRow['unit']];

/** The rows of a table; a metric without a unit is a count. */
export function metricRows(...lines: readonly Line[]): readonly MetricRow[] {
  return lines.map(([id, label, name, stat, unit = 'Count']) => ({ id, label, name, stat, unit }));
}

/** Any property is accepted. */
export interface Inert {
  /** Why it changes nothing here. */
  readonly why: string;
  /** Attributes that hold the ARN; all others hold the property of that name, or the resource's name. */
  readonly arns: readonly string[];
}
