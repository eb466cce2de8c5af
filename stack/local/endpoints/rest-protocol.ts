/**
 * Speaks REST-JSON: traits of the schemas bind members to path, query, headers or body. See
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html.
 */
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import { jsonShapes } from './json-protocol.ts';
import type { Call, Protocol, WireAnswer, WireMessage } from './protocol.ts';
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

/** The members of an operation's input or output that a trait binds, and those left for the body. */
interface Bindings {
  readonly bound: readonly [name: string, member: NormalizedSchema][];
  readonly body: readonly string[];
  readonly payload: readonly [name: string, member: NormalizedSchema] | undefined;
}

function bindingsOf(schema: NormalizedSchema): Bindings {
  const members = [...schema.structIterator()];
  const bound = members.filter(([, member]) => isBound(member));
  return {
    bound,
    body: members.filter(([, member]) => !isBound(member)).map(([name]) => name),
    payload: bound.find(([, member]) => member.getMergedTraits().httpPayload),
  };
}

function isBound(member: NormalizedSchema): boolean {
  const {
    httpLabel,
    httpQuery,
    httpQueryParams,
    httpHeader,
    httpPrefixHeaders,
    httpPayload,
    httpResponseCode,
  } = member.getMergedTraits();
  return Boolean(
    httpLabel ||
      httpQuery ||
      httpQueryParams ||
      httpHeader ||
      httpPrefixHeaders ||
      httpPayload ||
      httpResponseCode,
  );
}

async function decode({ service, operation }: Call, message: WireMessage): Promise<object> {
  const { bound, body, payload } = bindingsOf(operation.input);
  const labels = findRoute(service, message.method, message.path, message.query)?.labels ?? {};
  const input: Record<string, unknown> = {};
  for (const [name, member] of bound) {
    const value = boundValue(name, member, message, labels);
    if (value !== undefined) input[name] = value;
  }
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

async function readPayload(
  [name, member]: readonly [string, NormalizedSchema],
  body: Buffer,
): Promise<Record<string, unknown>> {
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
  if (payload !== undefined) return { status, ...writePayload(payload, members[payload[0]], headers) };
  if (status === 204 || operation.output.isUnitSchema()) return { status, headers, body: '' };
  const text = shapes.write(operation.output, picked(members, body));
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: text };
}

function writePayload(
  [, member]: readonly [string, NormalizedSchema],
  value: unknown,
  headers: Readonly<Record<string, string>>,
): Omit<WireAnswer, 'status'> {
  if (value == null) return { headers, body: '' };
  if (!member.isBlobSchema() && !member.isStringSchema()) {
    return { headers: { 'content-type': JSON_TYPE, ...headers }, body: shapes.write(member, value) };
  }
  // What a function returns is JSON almost always, and Lambda labels it so whatever it is.
  return { headers: { 'content-type': JSON_TYPE, ...headers }, body: value as Uint8Array | string };
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
    return { operation: pattern.operation, labels: decoded(match.groups ?? {}) };
  }
  return null;
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}

function patternsOf(service: ServiceModel): readonly Pattern[] {
  let patterns = tables.get(service);
  if (patterns === undefined) {
    patterns = [...service.operations.values()].flatMap(toPattern).sort((a, b) => a.rank - b.rank);
    tables.set(service, patterns);
  }
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
