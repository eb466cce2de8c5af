/**
 * Holds the body of one message, parsed at most once, and compiles selection expressions over it. A static route and
 * a template that encodes the raw body never ask for the parsed body.
 */

import { jsonText, parseJson } from '../velocity/java/json.ts';
import type { JavaValue } from '../velocity/java/values.ts';
import { type JsonPath, parseJsonPath, valueAt } from './json-path.ts';

type Parsed = { readonly ok: true; readonly value: JavaValue } | { readonly ok: false };

const NOT_JSON: Parsed = { ok: false };

export class MessageBody {
  readonly text: string;
  #parsed: Parsed | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get isJson(): boolean {
    return this.#document().ok;
  }

  /** The document: the parsed JSON, or the raw text as a string when it is not JSON. */
  get value(): JavaValue {
    const document = this.#document();
    return document.ok ? document.value : this.text;
  }

  /** The value at a path; undefined when there is none. */
  at(path: JsonPath): JavaValue | undefined {
    return valueAt(this.value, path);
  }

  #document(): Parsed {
    this.#parsed ??= parse(this.text);
    return this.#parsed;
  }
}

function parse(text: string): Parsed {
  try {
    return { ok: true, value: parseJson(text) };
  } catch {
    return NOT_JSON;
  }
}

// Selection expressions decide, per message, which route or which request template is meant ("Selection expressions",
// API Gateway developer guide). `$request.body.path` and `${request.body.path}` stand for a value of the body, `\` takes
// the meaning off the next `$`, everything else stands for itself; so `\$default` always gives `$default`. A missing
// value gives an empty string, any other value its text. Expressions are compiled once, when the stage starts.

export interface SelectionExpression {
  readonly isStatic: boolean;
  select(body: MessageBody): string;
}

type Part = string | JsonPath;

const TOKEN =
  /\\\$|\$\{request\.body((?:\.[\w-]+|\[\d+\])*)\}|\$request\.body((?:\.[\w-]+|\[\d+\])*)|\$\{[^}]*\}|\$[\w.]+/g;

/** Compiles an expression. Throws an Error that names a variable the local stage does not know. */
export function selectionExpression(text: string): SelectionExpression {
  const parts = partsOf(text);
  const isStatic = parts.every((part) => typeof part === 'string');
  if (isStatic) {
    const constant = parts.join('');
    return { isStatic, select: () => constant };
  }
  return { isStatic, select: (body) => parts.map((part) => textOf(part, body)).join('') };
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index), partOf(match));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

function partOf(match: RegExpExecArray): Part {
  const [token, braced, bare] = match;
  if (token === '\\$') return '$';
  const path = braced ?? bare;
  if (path !== undefined) return parseJsonPath(`$${path}`) ?? { steps: [], isDefinite: true };
  // `$default` unescaped is what many templates say; API Gateway takes it as the text it is.
  if (token === '$default') return token;
  throw new Error(`selection expression variable ${token} is not supported; use $request.body.<path>`);
}

function textOf(part: Part, body: MessageBody): string {
  if (typeof part === 'string') return part;
  if (!body.isJson) return '';
  const value = body.at(part);
  if (value === undefined) return '';
  return typeof value === 'string' ? value : jsonText(value);
}
