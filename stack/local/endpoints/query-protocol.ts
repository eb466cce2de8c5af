/**
 * Speaks AWS Query: a form goes in, XML comes out. The envelopes around result and error are schemas too, so that the
 * SDK's serializer writes all of the XML. See https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.
 */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer } from '@smithy/core/protocols';
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

// Reads the form of an AWS Query request into the shape of its schema. The form is flat and its names are paths:
// `Parameters.member.2.ParameterKey=Rate`. Lists count from 1 under `member` (or the name the schema gives), flattened
// ones directly under their own name; maps hold `entry.N.key` and `entry.N.value`; an empty list is a name without a
// value. See https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.

interface FormNode {
  text: string | undefined;
  readonly children: Map<string, FormNode>;
}

const simple = new FromStringShapeDeserializer({
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: false,
});

/** The input that a form describes. Names that the schema does not know are ignored, as AWS does. */
function readForm(schema: NormalizedSchema, form: Iterable<[string, string]>): object {
  const root = emptyNode();
  for (const [name, text] of form) nodeAt(root, name).text = text;
  return readStruct(schema, root);
}

function emptyNode(): FormNode {
  return { text: undefined, children: new Map() };
}

function nodeAt(root: FormNode, name: string): FormNode {
  let node = root;
  for (const part of name.split('.')) {
    const child = node.children.get(part) ?? emptyNode();
    node.children.set(part, child);
    node = child;
  }
  return node;
}

function read(schema: NormalizedSchema, node: FormNode): unknown {
  if (schema.isStructSchema()) return readStruct(schema, node);
  if (schema.isListSchema()) return readList(schema, node);
  if (schema.isMapSchema()) return readMap(schema, node);
  return readSimple(schema, node.text ?? '');
}

function readStruct(schema: NormalizedSchema, node: FormNode): object {
  const struct: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const child = node.children.get(wireName(member, name));
    if (child !== undefined) struct[name] = read(member, child);
  }
  return struct;
}

function readList(schema: NormalizedSchema, node: FormNode): unknown[] {
  const item = schema.getValueSchema();
  const flat = schema.getMergedTraits().xmlFlattened;
  const items = flat ? node : node.children.get(wireName(item, 'member'));
  return numbered(items).map((each) => read(item, each));
}

function readMap(schema: NormalizedSchema, node: FormNode): object {
  const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
  const entries = numbered(schema.getMergedTraits().xmlFlattened ? node : node.children.get('entry'));
  return Object.fromEntries(
    entries.map((entry) => [
      entry.children.get(wireName(key, 'key'))?.text ?? '',
      read(value, entry.children.get(wireName(value, 'value')) ?? emptyNode()),
    ]),
  );
}

/** The children named 1, 2, 3 … in the order of their numbers. */
function numbered(node: FormNode | undefined): FormNode[] {
  const children = [...(node?.children ?? [])].filter(([name]) => /^\d+$/.test(name));
  return children.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };

function readSimple(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return BOOLEANS[text.toLowerCase()] ?? text;
  // Text that is no number stays text, for the check of the whole input to name it.
  if (schema.isNumericSchema()) return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
  return simple.read(schema, text);
}

function wireName(schema: NormalizedSchema, otherwise: string): string {
  const { xmlName } = schema.getMergedTraits();
  return typeof xmlName === 'string' ? xmlName : otherwise;
}
