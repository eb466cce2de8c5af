/**
 * Lambda's actions on functions and event source mappings of the account. Functions and mappings are made by
 * CloudFormation only; mappings can be changed here as well, which CloudFormation does not notice, as on AWS.
 */
import type * as lambda from '@aws-sdk/client-lambda';
import { EVENT_SOURCE_MAPPING } from '../../template/resources/event-source-mapping.ts';
import { FUNCTION } from '../../template/resources/function.ts';
import type { Json, ResolvedResource } from '../../template/value.ts';
import { type Actions, page } from '../endpoints/action.ts';
import { AwsError } from '../errors.ts';
import type { InvocationResult } from '../ports.ts';
import type { LocalAccount } from './account.ts';
import type { DeployedFunction, DeployedMapping } from './lambda.ts';

/** Items of a page ("ListEventSourceMappings", Lambda API reference). */
const PAGE_ITEMS = 100;

export function lambdaActions(account: LocalAccount): Actions {
  return { ...functionActions(account), ...mappingActions(account) };
}

function functionActions(account: LocalAccount): Actions {
  return {
    async Invoke(input: lambda.InvocationRequest) {
      const { host } = foundFunction(account, input.FunctionName);
      const event = eventOf(input.Payload);
      if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
      if (input.InvocationType !== 'Event' && input.LogType === 'Tail') {
        const { result, log } = await host.invokeWithTail(event);
        return { ...invocationAnswer(result), LogResult: log };
      }
      const running = host.invoke(event);
      if (input.InvocationType === 'Event') return { StatusCode: 202 };
      return invocationAnswer(await running);
    },
    GetFunction(input: lambda.GetFunctionRequest) {
      const found = foundFunction(account, input.FunctionName);
      const reserved = found.resource.properties.ReservedConcurrentExecutions;
      return {
        Configuration: configurationOf(found),
        ...(reserved === undefined
          ? {}
          : { Concurrency: { ReservedConcurrentExecutions: Number(reserved) } }),
      } satisfies lambda.GetFunctionResponse;
    },
    GetFunctionConfiguration(input: lambda.GetFunctionConfigurationRequest) {
      return configurationOf(foundFunction(account, input.FunctionName));
    },
    ListFunctions(input: lambda.ListFunctionsRequest) {
      const { items, next } = paged([...account.lambda.functions.values()], input.Marker, input.MaxItems);
      return {
        Functions: items.map(configurationOf),
        ...(next === undefined ? {} : { NextMarker: next }),
      } satisfies lambda.ListFunctionsResponse;
    },
  };
}

function mappingActions(account: LocalAccount): Actions {
  return {
    ListEventSourceMappings(input: lambda.ListEventSourceMappingsRequest) {
      const wanted = input.FunctionName === undefined ? null : foundFunction(account, input.FunctionName);
      const all = [...account.lambda.mappings.values()].filter(
        ({ resource }) =>
          (input.EventSourceArn === undefined ||
            resource.properties.EventSourceArn === input.EventSourceArn) &&
          (wanted === null ||
            account.lambda.functionNamed(String(resource.properties.FunctionName))?.host === wanted.host),
      );
      const { items, next } = paged(all, input.Marker, input.MaxItems);
      return {
        EventSourceMappings: items.map((one) => mappingOf(account, one)),
        ...(next === undefined ? {} : { NextMarker: next }),
      } satisfies lambda.ListEventSourceMappingsResponse;
    },
    GetEventSourceMapping(input: lambda.GetEventSourceMappingRequest) {
      return mappingOf(account, foundMapping(account, input.UUID));
    },
    async UpdateEventSourceMapping(input: lambda.UpdateEventSourceMappingRequest) {
      const found = foundMapping(account, input.UUID);
      const { UUID: uuid = '', ...changes } = input;
      const resource = changed(found.resource, changes);
      try {
        await account.lambda.updateMapping(resource);
      } catch (error) {
        if (error instanceof AwsError) throw error;
        throw new AwsError(
          'InvalidParameterValueException',
          error instanceof Error ? error.message : String(error),
        );
      }
      return mappingOf(account, foundMapping(account, uuid));
    },
  };
}

function foundFunction(account: LocalAccount, name: string | undefined): DeployedFunction {
  const found = account.lambda.functionNamed(name ?? '');
  if (found !== undefined) return found;
  const { region, accountId } = account;
  const arn = name?.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
}

function foundMapping(account: LocalAccount, uuid: string | undefined): DeployedMapping {
  const found = account.lambda.mappings.get(uuid ?? '');
  if (found !== undefined) return found;
  throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
}

function eventOf(payload: Uint8Array | undefined): unknown {
  if (payload === undefined || payload.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch (error) {
    const text = `Could not parse request body into json: ${(error as Error).message}`;
    throw new AwsError('InvalidRequestContentException', text);
  }
}

function invocationAnswer(result: InvocationResult): lambda.InvocationResponse {
  if (result.kind === 'throttled') throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  const ok = result.kind === 'ok';
  const payload = ok ? result.payload : { errorType: result.errorType, errorMessage: result.errorMessage };
  return {
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    ...(ok ? {} : { FunctionError: 'Unhandled' }),
    Payload: Buffer.from(JSON.stringify(payload)) as unknown as NonNullable<
      lambda.InvocationResponse['Payload']
    >,
  };
}

/** The properties of a function that are Lambda's own under the same names. */
const SHARED_PROPERTIES = ['Runtime', 'Role', 'Handler', 'Description', 'Architectures', 'LoggingConfig'];

function configurationOf({ resource, changedAt }: DeployedFunction): lambda.FunctionConfiguration {
  const { properties } = resource;
  const environment = properties.Environment as { readonly Variables?: Record<string, string> } | undefined;
  const code = (properties.Code as { readonly ZipFile?: string }).ZipFile ?? '';
  return {
    ...Object.fromEntries(SHARED_PROPERTIES.map((name) => [name, properties[name]])),
    FunctionName: resource.physicalId,
    FunctionArn: resource.attributes.Arn,
    CodeSize: Buffer.byteLength(code),
    Timeout: Number(properties.Timeout ?? FUNCTION.properties.Timeout?.otherwise),
    MemorySize: Number(properties.MemorySize ?? FUNCTION.properties.MemorySize?.otherwise),
    LastModified: changedAt.toISOString().replace('Z', '+0000'),
    Version: '$LATEST',
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    ...(environment?.Variables === undefined ? {} : { Environment: { Variables: environment.Variables } }),
  };
}

/** Settings that a mapping is shown with, given or not. */
const MAPPING_SETTINGS = [
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'ParallelizationFactor',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'BisectBatchOnFunctionError',
  'FunctionResponseTypes',
  'StartingPosition',
];

function mappingOf(
  account: LocalAccount,
  { mapping, resource }: DeployedMapping,
): lambda.EventSourceMappingConfiguration {
  const { properties } = resource;
  const shown = MAPPING_SETTINGS.map((name) => [
    name,
    properties[name] ?? EVENT_SOURCE_MAPPING.properties[name]?.otherwise,
  ]);
  return {
    ...Object.fromEntries(shown),
    TumblingWindowInSeconds: 0,
    DestinationConfig: properties.DestinationConfig ?? { OnFailure: {} },
    ...(properties.MetricsConfig === undefined ? {} : { MetricsConfig: properties.MetricsConfig as object }),
    UUID: resource.physicalId,
    EventSourceArn: String(properties.EventSourceArn),
    EventSourceMappingArn: resource.attributes.EventSourceMappingArn,
    FunctionArn: account.lambda.functionNamed(String(properties.FunctionName))?.resource.attributes.Arn,
    State: mapping.state,
    StateTransitionReason: 'User action',
    LastModified: new Date(mapping.lastModifiedEpochMs),
    LastProcessingResult: mapping.lastProcessingResult,
  };
}

/** The resource with the request's settings; what is not mentioned stays. */
function changed(resource: ResolvedResource, changes: object): ResolvedResource {
  // No window is what there is here: clients that send all settings say so.
  const isSame = (name: string, value: unknown) => name === 'TumblingWindowInSeconds' && value === 0;
  const given = Object.entries(changes).filter(
    ([name, value]) => value !== undefined && !isSame(name, value),
  ) as [string, Json][];
  return { ...resource, properties: { ...resource.properties, ...Object.fromEntries(given) } };
}

function paged<T>(all: readonly T[], token: string | undefined, most: number | undefined) {
  const invalid = new AwsError('InvalidParameterValueException', 'Marker is invalid');
  return page(all, { token, most: Math.min(most ?? PAGE_ITEMS, PAGE_ITEMS), invalid });
}
