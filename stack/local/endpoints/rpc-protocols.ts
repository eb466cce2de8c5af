/**
 * Speaks the protocols that name an operation and carry its members in the body: AWS JSON and Smithy RPC v2 CBOR. See
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html and
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { JsonCodec } from '@aws-sdk/core/protocols';
import { CborCodec, cbor } from '@smithy/core/cbor';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { AwsError } from '../errors.ts';
import { type Call, faultOf, INTERNAL_FAILURE, type Protocol, queryErrorHeader } from './protocol.ts';
import type { SchemaRef } from './service-model.ts';

const shapes = jsonShapes(false);

export const jsonProtocol: Protocol = {
  name: 'json',
  undecodableCode: 'SerializationException',
  unsignedCode: 'MissingAuthenticationTokenException',
  unknownOperation: (_service, operationName) =>
    new AwsError('UnknownOperationException', `Unknown operation ${operationName}`),
  decode: ({ operation }, { body, headers }) => {
    if (speaksCbor(headers)) throw new AwsError('SerializationException', NO_CBOR);
    return shapes.read(operation.input, body.toString('utf8'));
  },
  encode: (call, output, onFailure) => {
    const { operation, service } = call;
    const contentType = `application/x-amz-json-${service.jsonVersion}`;
    if (operation.output.getEventStreamMember() === '') {
      const body = operation.output.isUnitSchema() ? '{}' : shapes.write(operation.output, output);
      return { status: 200, headers: { 'content-type': contentType }, body };
    }
    const body = encodeEvents(call, contentType, output, onFailure);
    return { status: 200, headers: { 'content-type': EVENT_STREAM_TYPE }, body };
  },
  refuse: ({ service, fault }, { headers }) => {
    const error = { __type: fault.shapeName, [fault.messageMember]: fault.message };
    const isCbor = speaksCbor(headers);
    return {
      status: fault.status,
      headers: {
        'content-type': isCbor ? CBOR_TYPE : `application/x-amz-json-${service?.jsonVersion ?? '1.1'}`,
        'x-amzn-errortype': fault.shapeName,
        ...queryErrorHeader(fault, headers),
      },
      body: isCbor ? cbor.serialize(error) : JSON.stringify(error),
    };
  },
};

/** The Java SDKs' default for Kinesis: the same protocol with its bodies in CBOR. */
const CBOR_TYPE = 'application/x-amz-cbor-1.1';

const NO_CBOR =
  'The local stage takes JSON from Kinesis clients, not CBOR: set CBOR_ENABLED=false (AWS SDK for Java 2) or AWS_CBOR_DISABLE=true (AWS SDK for Java 1)';

function speaksCbor(headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').startsWith('application/x-amz-cbor');
}

/** Shapes as JSON text, for the protocols that carry them so. Timestamps are epoch seconds unless a schema says more. */
export interface JsonShapes {
  /** Rejects for what is not JSON. An empty text is an empty object. */
  read(schema: NormalizedSchema, text: string): Promise<unknown>;
  write(schema: NormalizedSchema, value: unknown): string;
}

/** `jsonName`: whether members go by the names that schemas give them for JSON, which is so in REST-JSON only. */
export function jsonShapes(jsonName: boolean): JsonShapes {
  const codec = new JsonCodec({
    timestampFormat: { useTrait: true, default: 7 },
    httpBindings: jsonName,
    jsonName,
  });
  return {
    read: async (schema, text) => {
      // The codec would read a list as a structure without members.
      if (schema.isStructSchema() && text !== '' && !text.trimStart().startsWith('{'))
        throw new SyntaxError('JSON text of a structure does not begin with a brace');
      return codec.createDeserializer().read(schema, text === '' ? '{}' : text);
    },
    write: (schema, value) => {
      const serializer = codec.createSerializer();
      serializer.write(schema, value);
      return serializer.flush();
    },
  };
}

type Members = Readonly<Record<string, unknown>>;

const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';
const frames = new EventStreamCodec(toUtf8, fromUtf8);

/**
 * An answer that goes on: an async iterable of events as frames. RPC protocols open with an `initial-response` frame that
 * carries the other members of the output, without which botocore and the SDKs would wait. An error ends the stream as an
 * exception frame if the model has it among the events, else as an error frame; of one that is no AwsError the client only
 * learns that there was one. See https://smithy.io/2.0/aws/amazon-eventstream.html.
 */
async function* encodeEvents(
  { operation, service }: Call,
  contentType: string,
  output: object,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const schema = operation.output;
  const streamMember = schema.getEventStreamMember();
  const { [streamMember]: events, ...initial } = output as Members;
  const eventSchema = schema.getMemberSchema(streamMember);
  const about = { ':message-type': 'event', ':content-type': contentType };
  yield frame({ ...about, ':event-type': 'initial-response' }, shapes.write(schema, initial));
  try {
    for await (const event of events as AsyncIterable<Members>) {
      // An event is a union: one member, named for its kind.
      const [kind, value] = Object.entries(event).find(([, each]) => each != null) ?? [];
      if (kind === undefined) throw new Error(`an event of ${operation.name} is empty`);
      const body = shapes.write(eventSchema.getMemberSchema(kind), value);
      yield frame({ ...about, ':event-type': kind }, body);
    }
  } catch (error) {
    if (!(error instanceof AwsError)) onFailure(error);
    const fault = faultOf(service, error instanceof AwsError ? error : INTERNAL_FAILURE);
    const { shapeName, message, messageMember } = fault;
    yield eventSchema.getMemberSchemas()[shapeName] === undefined
      ? frame({ ':message-type': 'error', ':error-code': shapeName, ':error-message': message }, '')
      : frame(
          { ...about, ':message-type': 'exception', ':exception-type': shapeName },
          JSON.stringify({ [messageMember]: message }),
        );
  }
}

function frame(headers: Readonly<Record<string, string>>, body: string): Uint8Array {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }] as const);
  return frames.encode({ headers: Object.fromEntries(typed), body: Buffer.from(body) });
}

const CBOR_HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' } as const;

const codec = new CborCodec();

/** Newer SDKs choose it for CloudWatch: service and operation are in the path. */
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
    headers: CBOR_HEADERS,
    body: operation.output.isUnitSchema() ? write(struct([]), {}) : write(operation.output, output),
  }),
  refuse: ({ service, fault }, { headers }) => ({
    status: fault.status,
    headers: { ...CBOR_HEADERS, ...queryErrorHeader(fault, headers) },
    body: write(struct(['__type', fault.messageMember]), {
      __type: service === null ? fault.shapeName : `${service.namespace}#${fault.shapeName}`,
      [fault.messageMember]: fault.message,
    }),
  }),
};

function struct(members: readonly string[]): NormalizedSchema {
  return NormalizedSchema.of([3, 'rpc', 'Body', 0, members, members.map(() => 0)] as unknown as SchemaRef);
}

function write(schema: NormalizedSchema, value: object): Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}
