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

export class NonconformityError extends Error {
  readonly kind: 'type' | 'missing';

  constructor(kind: 'type' | 'missing', message: string) {
    super(message);
    this.kind = kind;
  }
}

type StructSchema = readonly [
  kind: number,
  ns: string,
  name: string,
  traits: unknown,
  members: string[],
  schemas: SchemaRef[],
  requiredCount?: number,
];

/** Throws a {@link NonconformityError} at the first member that is not of its schema, or is required and not there. */
export function checkConformity(schema: NormalizedSchema, value: unknown, path = ''): void {
  if (schema.isUnitSchema() || schema.isDocumentSchema()) return;
  if (schema.isStructSchema()) checkStruct(schema, value, path);
  else if (schema.isListSchema()) checkList(schema, value, path);
  else if (schema.isMapSchema()) checkMap(schema, value, path);
  else checkSimple(schema, value, path);
}

function checkStruct(schema: NormalizedSchema, value: unknown, path: string): void {
  const struct = wanted(isPlainObject(value), value, 'a structure', path) as Record<string, unknown>;
  for (const [name, member] of schema.structIterator()) {
    if (struct[name] != null) checkConformity(member, struct[name], within(path, name));
  }
  // The required members of a structure come first in its schema.
  const [, , , , members, , requiredCount = 0] = schema.getSchema() as unknown as StructSchema;
  const missing = members.slice(0, requiredCount).find((name) => struct[name] == null);
  if (missing !== undefined) throw new NonconformityError('missing', missingText(within(path, missing)));
}

function checkList(schema: NormalizedSchema, value: unknown, path: string): void {
  const list = wanted(Array.isArray(value), value, 'a list', path) as unknown[];
  const item = schema.getValueSchema();
  for (const [index, each] of list.entries()) checkConformity(item, each, `${path}.${index + 1}.member`);
}

function checkMap(schema: NormalizedSchema, value: unknown, path: string): void {
  const map = wanted(isPlainObject(value), value, 'a map', path) as object;
  const item = schema.getValueSchema();
  for (const [key, each] of Object.entries(map)) checkConformity(item, each, `${path}.${key}`);
}

const SIMPLE: readonly [
  wants: (schema: NormalizedSchema) => boolean,
  is: (value: unknown) => boolean,
  string,
][] = [
  [
    (schema) => schema.isStringSchema(),
    (value) => typeof value === 'string' || value instanceof String,
    'a string',
  ],
  [(schema) => schema.isBooleanSchema(), (value) => typeof value === 'boolean', 'a boolean'],
  [(schema) => schema.isNumericSchema(), (value) => typeof value === 'number', 'a number'],
  [(schema) => schema.isBlobSchema(), (value) => value instanceof Uint8Array, 'a blob'],
  [
    (schema) => schema.isTimestampSchema(),
    (value) => value instanceof Date && !Number.isNaN(value.getTime()),
    'a timestamp',
  ],
];

function checkSimple(schema: NormalizedSchema, value: unknown, path: string): void {
  const simple = SIMPLE.find(([wants]) => wants(schema));
  if (simple !== undefined) wanted(simple[1](value), value, simple[2], path);
}

function wanted(fits: boolean, value: unknown, what: string, path: string): unknown {
  if (!fits) throw new NonconformityError('type', `Value at '${path || '.'}' is not ${what}`);
  return value;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array || value instanceof Date);
}

/** AWS's paths begin each name with a small letter: `records.1.member.partitionKey`. */
function within(path: string, name: string): string {
  const camel = name.charAt(0).toLowerCase() + name.slice(1);
  return path === '' ? camel : `${path}.${camel}`;
}

function missingText(path: string): string {
  return `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`;
}
