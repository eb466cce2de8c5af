/**
 * Gives mapping templates their variables: `$input`, `$util`, `$context` and `$stageVariables` ("WebSocket API
 * mapping template reference", API Gateway developer guide).
 */

import { jsonText, parseJson } from '../velocity/java/json.ts';
import { textOf } from '../velocity/java/objects.ts';
import { HostObject, JavaList, type JavaValue, MISSING, TemplateFailure } from '../velocity/java/values.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';
import type { MessageBody } from './message-body.ts';

export interface TemplateVariables {
  readonly context: TemplateContext;
  readonly body: MessageBody;
  readonly stageVariables: Readonly<Record<string, string>>;
}

const paths = new Map<string, JsonPath>();

/** Paths come from template text, so there are few; the limit guards against a template that computes them. */
const REMEMBERED_PATHS = 1_000;

/** The path that a text stands for. Throws a {@link TemplateFailure} when it is not supported. */
export function pathOf(text: string): JsonPath {
  const known = paths.get(text);
  if (known !== undefined) return known;
  const path = parseJsonPath(text);
  if (path === null)
    throw new TemplateFailure(
      `JSONPath ${text} is not supported; there are members, elements, slices, wildcards, deep scans, filters and length()`,
    );
  if (paths.size < REMEMBERED_PATHS) paths.set(text, path);
  return path;
}

/** What a template can't print or look into as a whole: it has members that are asked for one by one. */
abstract class Members extends HostObject {
  text(): string {
    throw new TemplateFailure('the variable is used as a whole, which is not supported');
  }
}

export class InputVariable extends Members {
  readonly #body: MessageBody;

  constructor(body: MessageBody) {
    super();
    this.#body = body;
  }

  property(name: string): JavaValue {
    return name === 'body' ? this.#body.text : null;
  }

  call(name: string, [first, ...more]: readonly JavaValue[]): JavaValue | undefined {
    if (name === 'params') return first === undefined ? noParams() : '';
    if (first === undefined || more.length > 0) return undefined;
    if (name === 'path') return this.#at(textOf(first)) ?? MISSING;
    return name === 'json' ? this.#json(textOf(first)) : undefined;
  }

  /** A body that is not JSON counts as a JSON string. */
  #at(path: string): JavaValue | undefined {
    return this.#body.at(pathOf(path));
  }

  /** JSON text of the value at the path; `""` when there is none. */
  #json(path: string): string {
    const value = this.#at(path);
    return value === undefined ? '""' : jsonText(value);
  }
}

/** A message has no path, no query and no headers of its own. */
function noParams(): JavaValue {
  return new Map(['path', 'querystring', 'header'].map((kind) => [kind, new Map<JavaValue, JavaValue>()]));
}

const ECMA_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** As Apache Commons Text `escapeEcmaScript`, which API Gateway's function is documented to behave like. */
function escapeJavaScript(text: string): string {
  return text.replace(/['"\\/]|[^\x20-\x7f]/g, (char) => {
    if (char >= ' ' && char <= '\x7f') return `\\${char}`;
    return ECMA_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** Text as Java encodes it in UTF-8: half of a surrogate pair is a question mark. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '?');
}

/** application/x-www-form-urlencoded, as java.net.URLEncoder. */
function urlEncode(text: string): string {
  return new URLSearchParams([['', wellFormed(text)]]).toString().slice(1);
}

/** As java.net.URLDecoder: bytes that are not UTF-8 become U+FFFD. */
function urlDecode(text: string): string {
  if (/%(?![\da-fA-F]{2})/.test(text))
    throw new TemplateFailure('urlDecode: illegal hex characters in escape (%) pattern');
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-fA-F]{2})+/g, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
    );
}

const FUNCTIONS: Readonly<Record<string, (text: string) => JavaValue>> = {
  escapeJavaScript,
  parseJson,
  urlEncode,
  urlDecode,
  base64Encode: (text) => Buffer.from(wellFormed(text), 'utf8').toString('base64'),
  base64Decode: (text) => Buffer.from(text, 'base64').toString('utf8'),
};

export const UTIL_FUNCTIONS: ReadonlySet<string> = new Set(Object.keys(FUNCTIONS));

export class UtilVariable extends Members {
  property(): null {
    return null;
  }

  call(name: string, args: readonly JavaValue[]): JavaValue | undefined {
    const [argument] = args;
    if (args.length !== 1 || argument === undefined || !Object.hasOwn(FUNCTIONS, name)) return undefined;
    if (argument === null) throw new TemplateFailure(`$util.${name} of null`);
    return FUNCTIONS[name]?.(argumentText(argument));
  }
}

/** A list or a map stands for its JSON; what else is no text, for its text. */
function argumentText(argument: JavaValue): string {
  return argument instanceof JavaList || argument instanceof Map ? jsonText(argument) : textOf(argument);
}

type Member = (context: TemplateContext) => JavaValue;

const IDENTITY: Readonly<Record<string, Member>> = {
  sourceIp: ({ connection }) => connection.identity.sourceIp,
  userAgent: ({ connection }) => connection.identity.userAgent,
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common Log Format: `09/Apr/2019:18:03:28 +0000`. */
function commonLogTime(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

const CONTEXT: Readonly<Record<string, Member>> = {
  apiId: ({ connection }) => connection.apiId,
  connectedAt: ({ connection }) => BigInt(connection.connectedAt),
  connectionId: ({ connection }) => connection.connectionId,
  domainName: ({ connection }) => connection.domainName,
  eventType: () => 'MESSAGE',
  extendedRequestId: ({ requestId }) => requestId,
  identity: (context) => new ContextVariable(context, IDENTITY),
  messageId: ({ messageId }) => messageId,
  requestId: ({ requestId }) => requestId,
  requestTime: ({ requestTimeEpoch }) => commonLogTime(requestTimeEpoch),
  requestTimeEpoch: ({ requestTimeEpoch }) => BigInt(requestTimeEpoch),
  routeKey: ({ routeKey }) => routeKey,
  stage: ({ connection }) => connection.stage,
};

/** Members of `$context`, and of `$context.identity`. */
export const CONTEXT_MEMBERS: ReadonlySet<string> = new Set(Object.keys(CONTEXT));
export const IDENTITY_MEMBERS: ReadonlySet<string> = new Set(Object.keys(IDENTITY));

/** `$context`, or its identity. */
export class ContextVariable extends Members {
  readonly #context: TemplateContext;
  readonly #members: typeof CONTEXT;

  constructor(context: TemplateContext, members: typeof CONTEXT = CONTEXT) {
    super();
    this.#context = context;
    this.#members = members;
  }

  property(name: string): JavaValue {
    return Object.hasOwn(this.#members, name) ? (this.#members[name]?.(this.#context) ?? null) : null;
  }

  /** `get("name")`, which is also what an index means. */
  call(name: string, [key]: readonly JavaValue[]): JavaValue | undefined {
    return name === 'get' && typeof key === 'string' ? this.property(key) : undefined;
  }
}

/** What all messages of a connection share. */
export interface ConnectionFacts {
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
  readonly connectionId: string;
  /** UTC milliseconds. */
  readonly connectedAt: number;
  readonly identity: { readonly sourceIp: string; readonly userAgent: string };
}

export class MessageContext {
  readonly connection: ConnectionFacts;
  /** When the gateway received the message, UTC milliseconds. */
  readonly requestTimeEpoch: number;
  readonly routeKey: string;
  readonly #newId: () => string;
  #requestId: string | null = null;
  #messageId: string | null = null;

  constructor(connection: ConnectionFacts, newId: () => string, requestTimeEpoch: number, routeKey: string) {
    this.connection = connection;
    this.#newId = newId;
    this.requestTimeEpoch = Math.floor(requestTimeEpoch);
    this.routeKey = routeKey;
  }

  get requestId(): string {
    this.#requestId ??= this.#newId();
    return this.#requestId;
  }

  get messageId(): string {
    this.#messageId ??= this.#newId();
    return this.#messageId;
  }
}

export type TemplateContext = Pick<MessageContext, keyof MessageContext>;
