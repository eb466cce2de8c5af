/**
 * The variables a WebSocket mapping template can refer to ("WebSocket API mapping template reference", API Gateway
 * developer guide): `$input`, `$util`, `$context` and `$stageVariables`. Values that cost something — ids, a formatted
 * time — are made when a template asks for them, not for every message.
 */

import type { Json } from '../template/resolved.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';
import type { MessageBody } from './message-body.ts';

/** `$context` of one message, to the extent the local stage has values for it. */
export interface TemplateContext {
  readonly apiId: string;
  readonly connectedAt: number;
  readonly connectionId: string;
  readonly domainName: string;
  readonly eventType: 'MESSAGE';
  readonly extendedRequestId: string;
  readonly identity: { readonly sourceIp: string; readonly userAgent: string };
  readonly messageId: string;
  /** Time the gateway received the message, Common Log Format. */
  readonly requestTime: string;
  /** The same, UTC milliseconds. */
  readonly requestTimeEpoch: number;
  readonly requestId: string;
  readonly routeKey: string;
  readonly stage: string;
}

/** What a template is rendered with. */
export interface TemplateVariables {
  readonly context: TemplateContext;
  readonly body: MessageBody;
  readonly stageVariables: Readonly<Record<string, string>>;
}

const paths = new Map<string, JsonPath>();

/** Paths come from template text, so there are few; the limit guards against a template that computes them. */
const REMEMBERED_PATHS = 1_000;

function pathOf(text: string): JsonPath {
  const known = paths.get(text);
  if (known !== undefined) return known;
  const path = parseJsonPath(text);
  if (path === null) throw new Error(`JSONPath ${text} is not supported: members and array elements only`);
  if (paths.size < REMEMBERED_PATHS) paths.set(text, path);
  return path;
}

/** `$input`. */
export class InputVariable {
  readonly #body: MessageBody;

  constructor(body: MessageBody) {
    this.#body = body;
  }

  /** The raw text. */
  get body(): string {
    return this.#body.text;
  }

  /** JSON text of the value at the path; `""` when there is none. A body that is not JSON counts as a JSON string. */
  json(path: string): string {
    return JSON.stringify(this.#body.at(pathOf(String(path))) ?? '');
  }

  /** The value at the path; an empty string when there is none. */
  path(path: string): Json {
    return this.#body.at(pathOf(String(path))) ?? '';
  }
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

/** `$util`. */
export class UtilVariable {
  escapeJavaScript(text: unknown): string {
    return escapeJavaScript(String(text));
  }
  parseJson(text: unknown): Json {
    return JSON.parse(String(text)) as Json;
  }
  /** application/x-www-form-urlencoded, as java.net.URLEncoder. */
  urlEncode(text: unknown): string {
    return new URLSearchParams([['', String(text)]]).toString().slice(1);
  }
  urlDecode(text: unknown): string {
    return decodeURIComponent(String(text).replaceAll('+', ' '));
  }
  base64Encode(text: unknown): string {
    return Buffer.from(String(text), 'utf8').toString('base64');
  }
  base64Decode(text: unknown): string {
    return Buffer.from(String(text), 'base64').toString('utf8');
  }
}
