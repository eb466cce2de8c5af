/**
 * The body of one message as route selection and mapping templates see it: text that may be JSON. It is parsed at most
 * once, and only when something asks, because a static route and a template that encodes the raw body never do.
 */

import type { JavaValue } from '../velocity/java/values.ts';
import { parseJson } from '../velocity/json.ts';
import { type JsonPath, valueAt } from './json-path.ts';

type Parsed = { readonly ok: true; readonly value: JavaValue } | { readonly ok: false };

const NOT_JSON: Parsed = { ok: false };

export class MessageBody {
  readonly text: string;
  #parsed: Parsed | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether the body is a JSON document. */
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
