/**
 * Smithy RPC v2 CBOR, which newer SDKs choose for CloudWatch: service and operation in the path, CBOR both ways. See
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html.
 */
import { CborCodec } from '@smithy/core/cbor';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import type { Protocol } from './protocol.ts';
import { queryErrorHeader } from './protocol.ts';
import type { SchemaRef } from './service-model.ts';

const HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' } as const;

const codec = new CborCodec();

export const cborProtocol: Protocol = {
  name: 'cbor',
  undecodableCode: 'SerializationException',
  unsignedCode: 'MissingAuthenticationTokenException',
  unknownOperation: (_service, operationName) =>
    new AwsError('UnknownOperationException', `Unknown operation ${operationName}`, 404),
  decode: ({ operation }, { body }) =>
    body.length === 0 ? {} : codec.createDeserializer().read(operation.input, body),
  encode: ({ operation }, output) => ({
    status: 200,
    headers: HEADERS,
    body: operation.output.isUnitSchema() ? write(EMPTY, {}) : write(operation.output, output),
  }),
  refuse: ({ service, fault }, { headers }) => ({
    status: fault.status,
    headers: { ...HEADERS, ...queryErrorHeader(fault, headers) },
    body: write(errorShape(fault.messageMember), {
      __type: service === null ? fault.shapeName : `${service.namespace}#${fault.shapeName}`,
      [fault.messageMember]: fault.message,
    }),
  }),
};

const EMPTY = struct([]);

function errorShape(messageMember: string): NormalizedSchema {
  return struct(['__type', messageMember]);
}

function struct(members: readonly string[]): NormalizedSchema {
  return NormalizedSchema.of([3, 'rpc', 'Body', 0, members, members.map(() => 0)] as unknown as SchemaRef);
}

function write(schema: NormalizedSchema, value: object): Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}
