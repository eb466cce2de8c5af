/**
 * The environment variables of an execution environment: those that Lambda defines ("Using Lambda environment
 * variables"), the template's, and nothing of this process — no credentials, no proxy settings, no NODE_OPTIONS.
 */
import type { FunctionSettings } from './function-settings.ts';

export interface EnvironmentVariablesInput {
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
