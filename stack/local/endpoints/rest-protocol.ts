/**
 * Speaks REST-JSON: traits of the schemas bind members to path, query, headers or body. See
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html.
 */
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import type { Call, Protocol, WireAnswer, WireMessage } from './protocol.ts';
import { jsonShapes } from './rpc-protocols.ts';
import type { OperationModel, ServiceModel } from './service-model.ts';

const JSON_TYPE = 'application/json';
const SETTINGS = { timestampFormat: { useTrait: true, default: 7 as const }, httpBindings: true };

const shapes = jsonShapes(true);
const reader = new FromStringShapeDeserializer(SETTINGS);

export const restProtocol: Protocol = {
  name: 'rest',
  undecodableCode: 'SerializationException',
  unsignedCode: 'MissingAuthenticationTokenException',
  unknownOperation: (_service, operationName) =>
    new AwsError('UnknownOperationException', `Unknown operation ${operationName}`, 404),
  decode,
  encode,
  refuse: ({ fault }) => ({
    status: fault.status,
    headers: { 'content-type': JSON_TYPE, 'x-amzn-errortype': fault.shapeName },
    body: JSON.stringify({ [fault.messageMember]: fault.message }),
  }),
};

type Member = readonly [name: string, schema: NormalizedSchema];

/** The members that a trait binds to a part of the message, the one that is the body among them, and those left for it. */
function bindingsOf(schema: NormalizedSchema) {
  const members: Member[] = [...schema.structIterator()];
  const isBound = ([, member]: Member) =>
    Object.entries(member.getMergedTraits()).some(([trait, value]) => trait.startsWith('http') && value);
  const bound = members.filter(isBound);
  return {
    bound,
    body: members.filter((one) => !isBound(one)).map(([name]) => name),
    payload: bound.find(([, member]) => member.getMergedTraits().httpPayload),
  };
}

async function decode({ service, operation }: Call, message: WireMessage): Promise<object> {
  const { bound, body, payload } = bindingsOf(operation.input);
  const labels = findRoute(service, message.method, message.path, message.query)?.labels ?? {};
  const values = bound.map(([name, member]) => [name, boundValue(name, member, message, labels)] as const);
  const input = Object.fromEntries(values.filter(([, value]) => value !== undefined));
  if (payload !== undefined) return { ...input, ...(await readPayload(payload, message.body)) };
  if (body.length === 0) return input;
  const decoded = await shapes.read(operation.input, message.body.toString('utf8'));
  return { ...picked(decoded as object, body), ...input };
}

function boundValue(
  name: string,
  member: NormalizedSchema,
  { query, headers }: WireMessage,
  labels: Readonly<Record<string, string>>,
): unknown {
  const traits = member.getMergedTraits();
  if (traits.httpLabel) return readText(member, labels[name]);
  if (typeof traits.httpHeader === 'string')
    return readText(member, headers[traits.httpHeader.toLowerCase()]);
  if (typeof traits.httpQuery !== 'string') return undefined;
  const texts = query.getAll(traits.httpQuery);
  if (!member.isListSchema()) return readText(member, texts[0]);
  return texts.length === 0 ? undefined : texts.map((text) => readText(member.getValueSchema(), text));
}

function readText(member: NormalizedSchema, text: string | string[] | undefined): unknown {
  return typeof text === 'string' ? reader.read(member, text) : undefined;
}

async function readPayload([name, member]: Member, body: Buffer): Promise<object> {
  if (body.length === 0) return {};
  if (member.isBlobSchema()) return { [name]: body };
  if (member.isStringSchema()) return { [name]: body.toString('utf8') };
  return { [name]: await shapes.read(member, body.toString('utf8')) };
}

function encode({ operation }: Call, output: object): WireAnswer {
  const members = output as Readonly<Record<string, unknown>>;
  const { bound, body, payload } = bindingsOf(operation.output);
  const writer = new ToStringShapeSerializer(SETTINGS);
  const headers: Record<string, string> = {};
  let status = operation.http?.[2] ?? 200;
  for (const [name, member] of bound) {
    const { httpHeader, httpResponseCode } = member.getMergedTraits();
    if (httpResponseCode && typeof members[name] === 'number') status = members[name];
    if (typeof httpHeader !== 'string' || members[name] == null) continue;
    writer.write(member, members[name]);
    headers[httpHeader.toLowerCase()] = writer.flush();
  }
  if (payload !== undefined) {
    const [name, member] = payload;
    const value = members[name];
    if (value == null) return { status, headers, body: '' };
    // What a function returns is JSON almost always, and Lambda labels it so whatever it is.
    const isRaw = member.isBlobSchema() || member.isStringSchema();
    const content = isRaw ? (value as Uint8Array | string) : shapes.write(member, value);
    return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: content };
  }
  if (status === 204 || operation.output.isUnitSchema()) return { status, headers, body: '' };
  const text = shapes.write(operation.output, picked(members, body));
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: text };
}

function picked(from: object, names: readonly string[]): Record<string, unknown> {
  const members = from as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    names.filter((name) => members[name] != null).map((name) => [name, members[name]]),
  );
}

// Finds the operation that a REST path means, by the patterns of the service's model: `{Name}` stands for one segment,
// `{Name+}` for several, and a query in a pattern must be in the request too. Where patterns overlap, the one with more
// fixed text wins.

interface RestRoute {
  readonly operation: OperationModel;
  /** Values of the labels, decoded. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly operation: OperationModel;
  readonly method: string;
  readonly path: RegExp;
  readonly query: readonly [name: string, value: string][];
  /** Smaller comes first. */
  readonly rank: number;
}

const tables = new WeakMap<ServiceModel, readonly Pattern[]>();

/** The route of a request, or null when no operation has this method and path. Throws URIError for a broken label. */
export function findRoute(
  service: ServiceModel,
  method: string,
  path: string,
  query: URLSearchParams,
): RestRoute | null {
  for (const pattern of patternsOf(service)) {
    const match = pattern.method === method ? pattern.path.exec(path) : null;
    if (match === null || !pattern.query.every(([name, value]) => query.get(name) === value)) continue;
    const labels = Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    return { operation: pattern.operation, labels: Object.fromEntries(labels) };
  }
  return null;
}

function patternsOf(service: ServiceModel): readonly Pattern[] {
  const known = tables.get(service);
  if (known !== undefined) return known;
  const patterns = [...service.operations.values()].flatMap(toPattern).sort((a, b) => a.rank - b.rank);
  tables.set(service, patterns);
  return patterns;
}

function toPattern(operation: OperationModel): Pattern[] {
  if (operation.http === null) return [];
  const [method, pattern] = operation.http;
  const [path = '', search = ''] = pattern.split('?', 2);
  const query = [...new URLSearchParams(search)];
  const labels = path.split('{').length - 1;
  return [{ operation, method, path: toRegExp(path), query, rank: labels - query.length / 100 }];
}

/** A slash at the end is optional: older clients send it. */
function toRegExp(path: string): RegExp {
  const source = path.replace(/\{(\w+)(\+?)\}|[.*+?^$()|[\]\\]/g, (text, name?: string, greedy?: string) =>
    name === undefined ? `\\${text}` : `(?<${name}>${greedy === '+' ? '.+' : '[^/]+'})`,
  );
  return new RegExp(`^${source}/?$`);
}
