/** What is to be known of a resource type, all in one value: whatever treats types differently looks here. */
import type { Identity, Naming } from './identity.ts';
import type { Properties } from './property.ts';
import type { ValueMapping } from './value.ts';

/** The parts of an account that make resources. */
export type Service = 'streams' | 'consumers' | 'functions' | 'mappings' | 'apis';

export interface ResourceType {
  /** CloudFormation's name, such as `AWS::Kinesis::Stream`. */
  readonly type: string;
  readonly properties: Properties;
  /** Rules between properties. Each message names the properties and the remedy. */
  readonly rules?: (properties: ValueMapping) => readonly string[];
  /** What Ref and Fn::GetAtt give, from the checked properties. */
  readonly identity: (naming: Naming) => Identity;
  /** What makes its resources; null where they only exist. */
  readonly madeBy: Service | null;
  /** Whether the stage finds them by name: two of the same name in a template would take each other's place. */
  readonly isFoundByName: boolean;
  /** The dimension by which CloudWatch names the metrics of one; null where it has none of its own. */
  readonly dimension: string | null;
  /** Set for types that can't change the path from a client through the stream and back: see {@link file://./resources/inert.ts}. */
  readonly inert?: Inert;
}

/** Any property is accepted. */
export interface Inert {
  /** Why it changes nothing here. */
  readonly why: string;
  /** Attributes that hold the ARN; all others hold the property of that name, or the resource's name. */
  readonly arns: readonly string[];
}
