/**
 * AWS JSON 1.0 and 1.1: one path, the operation in X-Amz-Target, JSON both ways. A client of a service that used to
 * speak Query knows errors by their Query codes: it asks for those with `x-amzn-query-mode` and finds them in
 * `x-amzn-query-error`. See https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { cbor } from '@smithy/core/cbor';
import { AwsError } from './action.ts';
import { EVENT_STREAM_TYPE, encodeEvents } from './event-stream.ts';
import { jsonShapes } from './json-shapes.ts';
import type { Protocol } from './protocol.ts';
import { queryErrorHeader } from './query-mode.ts';

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
    const body = encodeEvents({ call, shapes, contentType, onFailure }, output);
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

/** What the Java SDKs send to Kinesis unless they are told not to: the same protocol with its bodies in CBOR. */
const CBOR_TYPE = 'application/x-amz-cbor-1.1';

const NO_CBOR =
  'The local stage takes JSON from Kinesis clients, not CBOR: set CBOR_ENABLED=false (AWS SDK for Java 2) or AWS_CBOR_DISABLE=true (AWS SDK for Java 1)';

function speaksCbor(headers: IncomingHttpHeaders): boolean {
  return (headers['content-type'] ?? '').startsWith('application/x-amz-cbor');
}
