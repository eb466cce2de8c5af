/** A template with everything decided: parameters given, conditions evaluated, intrinsic functions replaced by values. */

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
