/**
 * Reads what the wire needs to know of services from the schemas that the SDK's clients export. These are generated
 * from AWS's own service models, so they cover every operation whether the local stage performs it or not.
 */
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import * as servicequotas from '@aws-sdk/client-service-quotas';
import * as sts from '@aws-sdk/client-sts';
import { NormalizedSchema, translateTraits } from '@smithy/core/schema';
import type { ServiceName } from './action.ts';

export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];
export type ProtocolName = 'json' | 'query' | 'cbor' | 'rest';

export interface OperationModel {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Method, path pattern and status, where the service is REST. */
  readonly http: readonly [method: string, pattern: string, status: number] | null;
}

export interface ErrorModel {
  readonly shapeName: string;
  /** The code under the Query protocol, where it is not the shape's name. */
  readonly queryCode: string;
  /** Null where the model leaves it open. */
  readonly status: number | null;
  /** The member that carries the text: `message` or `Message`. */
  readonly messageMember: string;
}

interface ServiceTraits {
  readonly name: ServiceName;
  readonly protocols: readonly ProtocolName[];
  /** The service's name in the credential scope of a signature. */
  readonly signingName: string;
  /** Namespace of its shapes. */
  readonly namespace: string;
  readonly version: string;
  /** What X-Amz-Target and the paths of RPC v2 call the service. */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
  readonly xmlNamespace: string;
  /** Error code for a required member that is missing. */
  readonly missingCode: string;
}

export interface ServiceModel extends ServiceTraits {
  readonly operations: ReadonlyMap<string, OperationModel>;
  readonly errors: readonly ErrorModel[];
}

type Given = Pick<ServiceTraits, 'version' | 'target' | 'protocols' | 'missingCode'> & Partial<ServiceTraits>;

/** Most of AWS's services are called alike everywhere; what is not so stands in the table. */
function traitsOf(name: ServiceName, { signingName = name, ...given }: Given): ServiceTraits {
  const xmlNamespace = `http://${signingName}.amazonaws.com/doc/${given.version}/`;
  const namespace = `com.amazonaws.${name}`;
  return { name, signingName, namespace, jsonVersion: '1.1', xmlNamespace, ...given };
}

const CLIENTS = { cloudformation, cloudwatch, kinesis, lambda, servicequotas, sts };

const SERVICES: Readonly<Record<ServiceName, Given>> = {
  cloudformation: {
    version: '2010-05-15',
    target: 'CloudFormation',
    protocols: ['query'],
    missingCode: 'ValidationError',
  },
  cloudwatch: {
    version: '2010-08-01',
    target: 'GraniteServiceVersion20100801',
    protocols: ['json', 'query', 'cbor'],
    missingCode: 'MissingRequiredParameterException',
    signingName: 'monitoring',
    jsonVersion: '1.0',
  },
  kinesis: {
    version: '2013-12-02',
    target: 'Kinesis_20131202',
    protocols: ['json'],
    missingCode: 'ValidationException',
  },
  lambda: {
    version: '2015-03-31',
    target: 'AWSGirApiService',
    protocols: ['rest'],
    missingCode: 'ValidationException',
  },
  servicequotas: {
    version: '2019-06-24',
    target: 'ServiceQuotasV20190624',
    protocols: ['json'],
    missingCode: 'IllegalArgumentException',
  },
  sts: {
    version: '2011-06-15',
    target: 'AWSSecurityTokenServiceV20110615',
    protocols: ['query'],
    missingCode: 'ValidationError',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
};

/** First elements of the two kinds of schema looked for in a client's exports. */
const OPERATION = 9;
const ERROR = -3;

type Traits = Parameters<typeof translateTraits>[0];
type OperationSchema = [kind: 9, ns: string, name: string, traits: Traits, SchemaRef, SchemaRef];
type ErrorSchema = [kind: -3, ns: string, name: string, traits: Traits, members: string[]];

export const serviceModels: readonly ServiceModel[] = Object.entries(SERVICES).map(([key, given]) => {
  const name = key as ServiceName;
  return {
    ...traitsOf(name, given),
    operations: new Map(schemasOf<OperationSchema>(CLIENTS[name], OPERATION).map(operationModel)),
    errors: schemasOf<ErrorSchema>(CLIENTS[name], ERROR).map(errorModel),
  };
});

function schemasOf<Schema>(client: object, kind: number): Schema[] {
  return Object.values(client).filter((value) => Array.isArray(value) && value[0] === kind) as Schema[];
}

function operationModel([, , name, traits, input, output]: OperationSchema): [string, OperationModel] {
  const { http = null } = translateTraits(traits) as { http?: OperationModel['http'] };
  return [name, { name, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output), http }];
}

function errorModel([, , shapeName, traits, members]: ErrorSchema): ErrorModel {
  const { awsQueryError, httpError } = translateTraits(traits) as {
    awsQueryError?: [code: string, status: number];
    httpError?: number;
  };
  return {
    shapeName,
    queryCode: awsQueryError?.[0] ?? shapeName,
    status: httpError ?? awsQueryError?.[1] ?? null,
    messageMember: members.find((member) => member.toLowerCase() === 'message') ?? 'message',
  };
}
