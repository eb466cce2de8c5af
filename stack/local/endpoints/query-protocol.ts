/**
 * Speaks AWS Query: a form goes in, XML comes out. The envelopes around result and error are schemas too, so that the
 * SDK's serializer writes all of the XML. See https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.
 */
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import { blame, type Call, type Protocol, type WireAnswer } from './protocol.ts';
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
  decode: ({ operation }, { form }) => deserializer.readSchema(operation.input, treeOf(form)),
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

// The form is flat and its names are paths: `Parameters.member.2.ParameterKey=Rate`. As a tree, with what is numbered as a list,
// it is what the SDK's XML deserializer reads.

type Form = string | readonly Form[] | { [name: string]: Form };

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };

class FormDeserializer extends XmlShapeDeserializer {
  override readSchema(ref: Parameters<XmlShapeDeserializer['readSchema']>[0], value: unknown): unknown {
    const schema = NormalizedSchema.of(ref);
    // Text that is not of the type stays text, for the check of the whole input to name it.
    if (schema.isBooleanSchema() && typeof value === 'string') return BOOLEANS[value.toLowerCase()] ?? value;
    if (schema.isNumericSchema() && typeof value === 'string')
      return value === '' || Number.isNaN(Number(value)) ? value : Number(value);
    return super.readSchema(ref, value);
  }
}

const deserializer = new FormDeserializer({
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: false,
  xmlNamespace: '',
  serviceNamespace: NAMESPACE,
});

function treeOf(form: URLSearchParams): Form {
  const root: Record<string, Form> = Object.create(null);
  for (const [name, text] of form) {
    const parts = name.split('.');
    const last = parts.pop()!;
    let node = root;
    for (const part of parts) {
      if (typeof node[part] !== 'object') node[part] = Object.create(null);
      node = node[part] as Record<string, Form>;
    }
    if (typeof node[last] !== 'object') node[last] = text;
  }
  return withLists(root);
}

/** JavaScript has keys that are whole numbers in the order of their numbers. */
function withLists(form: Form): Form {
  if (typeof form === 'string') return form;
  const children = Object.entries(form).map(([name, child]) => [name, withLists(child)] as const);
  const isList = children.length > 0 && children.every(([name]) => /^\d+$/.test(name));
  return isList ? children.map(([, child]) => child) : Object.fromEntries(children);
}
