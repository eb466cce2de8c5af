/**
 * AWS Query: a form goes in, XML comes out. The envelopes around result and error are schemas too, so that the SDK's
 * serializer writes all of the XML. See https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.
 */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './action.ts';
import { blame } from './fault.ts';
import type { Call, Protocol, WireAnswer } from './protocol.ts';
import { readForm } from './query-form.ts';
import type { SchemaRef } from './service-model.ts';

const NAMESPACE = 'com.amazonaws.query';
const HEADERS = { 'content-type': 'text/xml' } as const;

const METADATA = struct('ResponseMetadata', { RequestId: 0 });
const ERROR_RESPONSE = struct('ErrorResponse', {
  Error: struct('Error', { Type: 0, Code: 0, Message: 0 }),
  RequestId: 0,
});

export const queryProtocol: Protocol = {
  name: 'query',
  undecodableCode: 'ValidationError',
  unsignedCode: 'MissingAuthenticationToken',
  unknownOperation: (service, operationName) => {
    if (operationName === '') return new AwsError('MissingAction', 'The request names no action');
    const version = service?.version ?? 'unknown';
    return new AwsError('InvalidAction', `Could not find operation ${operationName} for version ${version}`);
  },
  decode: ({ operation }, { form }) => readForm(operation.input, form),
  encode: (call, output) => answer(200, call.service.xmlNamespace, envelope(call), wrapped(call, output)),
  refuse: ({ service, fault, requestId }) =>
    answer(fault.status, service?.xmlNamespace, ERROR_RESPONSE, {
      Error: { Type: blame(fault), Code: fault.queryCode, Message: fault.message },
      RequestId: requestId,
    }),
};

/** `<DescribeStacksResponse><DescribeStacksResult>…</…><ResponseMetadata>…</…></…>`; the result only if there is one. */
function envelope({ operation: { name, output } }: Call): SchemaRef {
  const result = output.isUnitSchema() ? {} : { [`${name}Result`]: output.ref as SchemaRef };
  return struct(`${name}Response`, { ...result, ResponseMetadata: METADATA });
}

function wrapped({ operation: { name }, requestId }: Call, output: object): object {
  return { [`${name}Result`]: output, ResponseMetadata: { RequestId: requestId } };
}

function struct(name: string, members: Readonly<Record<string, SchemaRef>>): SchemaRef {
  return [3, NAMESPACE, name, 0, Object.keys(members), Object.values(members)] as SchemaRef;
}

function answer(
  status: number,
  xmlNamespace: string | undefined,
  schema: SchemaRef,
  value: object,
): WireAnswer {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
    xmlNamespace: xmlNamespace ?? '',
    serviceNamespace: NAMESPACE,
  });
  serializer.write(NormalizedSchema.of(schema), value);
  return { status, headers: HEADERS, body: serializer.flush() };
}
