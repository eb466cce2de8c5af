/** Reads the properties of an `AWS::Lambda::Function` that take effect here. */

import { FUNCTION } from '../../template/resources/function.ts';
import { settingsOf } from '../../template/types.ts';
import type { ResolvedResource } from '../../template/value.ts';

export interface FunctionSettings {
  readonly logicalId: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** CommonJS source of `index.js`. */
  readonly source: string;
  /** `index.handler`. */
  readonly handler: string;
  /** `nodejs24.x` and the like. */
  readonly runtime: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Most executions at a time; null when nothing is reserved. */
  readonly reservedConcurrency: number | null;
  readonly variables: Readonly<Record<string, string>>;
}

/** The properties that take effect, as the type checks them and fills them in. */
interface FunctionProperties {
  readonly Code: { readonly ZipFile: string };
  readonly Handler: string;
  readonly Runtime: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly ReservedConcurrentExecutions?: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

/** Throws an error that lists everything wrong with the resource. */
export function functionSettings(
  resource: ResolvedResource,
  region: string,
  accountId: string,
): FunctionSettings {
  const properties = settingsOf<FunctionProperties>(FUNCTION, resource);
  const functionName = resource.physicalId;
  return {
    logicalId: resource.logicalId,
    functionName,
    functionArn: resource.attributes.Arn ?? `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
    source: properties.Code.ZipFile,
    handler: properties.Handler,
    runtime: properties.Runtime,
    timeoutMs: properties.Timeout * 1_000,
    memoryMb: properties.MemorySize,
    reservedConcurrency: properties.ReservedConcurrentExecutions ?? null,
    variables: properties.Environment?.Variables ?? {},
  };
}

// The environment variables of an execution environment: those that Lambda defines ("Using Lambda environment
// variables"), the template's, and nothing of this process — no credentials, no proxy settings, no NODE_OPTIONS.

interface EnvironmentVariablesInput {
  readonly settings: FunctionSettings;
  readonly region: string;
  /** `AWS_LAMBDA_RUNTIME_API`. */
  readonly runtimeApi: string;
  readonly taskRoot: string;
  readonly sdkDirectory: string;
}

/**
 * Two are not Lambda's. HOME keeps the SDK from reading the configuration of whoever runs the stage. The warning about
 * Node 20 would speak of this machine's Node, not of the runtime in the template.
 */
export function environmentVariables(input: EnvironmentVariablesInput): Record<string, string> {
  const { settings, region, runtimeApi, taskRoot, sdkDirectory } = input;
  return {
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: taskRoot,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...settings.variables,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Of the function's account, so that what it calls is there.
    AWS_ACCESS_KEY_ID: `LOCALSTAGE${settings.functionArn.split(':')[4] ?? ''}`,
    AWS_SECRET_ACCESS_KEY: 'local-stage-secret-key-of-no-account',
    AWS_SESSION_TOKEN: 'local-stage-session',
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: settings.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${settings.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: taskRoot,
    NODE_PATH: sdkDirectory,
    _HANDLER: settings.handler,
  };
}
