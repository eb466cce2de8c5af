/**
 * Values of a template, while it is read and when everything is decided. While it is read there are two marks beside JSON.
 * NO_VALUE is `AWS::NoValue`: the property or list item that has it is left out. UNKNOWN stands where a problem was already
 * reported, so that one mistake is reported once and the rest of the template is still examined; and for what an estimate
 * can't tell before AWS has made the resources.
 */
export const NO_VALUE = Symbol('AWS::NoValue');
export const UNKNOWN = Symbol('unknown');

export type Value =
  | null
  | boolean
  | number
  | string
  | typeof NO_VALUE
  | typeof UNKNOWN
  | readonly Value[]
  | ValueMapping;

export interface ValueMapping {
  readonly [key: string]: Value;
}

/** A mapping, as opposed to a scalar, a list or a mark. */
export function isMapping<T>(value: T): value is T & { readonly [key: string]: T } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text CloudFormation makes of a scalar; null when it is none. */
export function textOf(value: Value): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

/** Short rendering for a message. */
export function shown(value: Value): string {
  const text = typeof value === 'symbol' ? String(value.description) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** A value known to hold no marks, once no problem was found. */
export function asJson(value: Value): Json {
  if (typeof value === 'symbol') throw new Error(`mark ${value.description} in a resolved template`);
  if (Array.isArray(value)) return value.map(asJson);
  if (!isMapping(value)) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item as Value)]));
}

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface ResolvedResource {
  readonly logicalId: string;
  /** CloudFormation type, such as `AWS::Kinesis::Stream`. */
  readonly type: string;
  /** What Ref gives. */
  readonly physicalId: string;
  /** What Fn::GetAtt gives, by attribute name (`Arn`, `ApiEndpoint`, `Id` …). */
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, Json>>;
  /** What its policies keep when CloudFormation would delete it: with the stack or from it, or on replacement. */
  readonly retain?: { readonly onDelete: boolean; readonly onReplace: boolean };
}

export interface ResolvedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly accountId: string;
  /** Every parameter of the template with the value in force. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Resources whose condition holds, each after everything it depends on. */
  readonly resources: readonly ResolvedResource[];
  readonly outputs: Readonly<Record<string, string>>;
  /** Names under which outputs are exported, by output. */
  readonly exports?: Readonly<Record<string, string>>;
  /** Names of other stacks' exports that it uses. */
  readonly imports?: readonly string[];
  /** Of the template, if it has one. */
  readonly description?: string;
  /** Descriptions of the outputs that have one. */
  readonly outputDescriptions: Readonly<Record<string, string>>;
}
