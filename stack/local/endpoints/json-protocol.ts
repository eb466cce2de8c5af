/**
 * AWS JSON 1.0 and 1.1: one path, the operation in X-Amz-Target, JSON both ways. A client of a service that used to
 * speak Query knows errors by their Query codes: it asks for those with `x-amzn-query-mode` and finds them in
 * `x-amzn-query-error`. See https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
 */
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
  decode: ({ operation }, { body }) => shapes.read(operation.input, body.toString('utf8')),
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
  refuse: ({ service, fault }, { headers }) => ({
    status: fault.status,
    headers: {
      'content-type': `application/x-amz-json-${service?.jsonVersion ?? '1.1'}`,
      'x-amzn-errortype': fault.shapeName,
      ...queryErrorHeader(fault, headers),
    },
    body: JSON.stringify({ __type: fault.shapeName, [fault.messageMember]: fault.message }),
  }),
};
