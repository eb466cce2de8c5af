/**
 * Reads and writes JSON as Java's parsers do: members keep their order, numbers their digits. `JSON.parse` would sort
 * members named like integers first and round 9007199254740993. What is valid is what `JSON.parse` accepts; of
 * members with one name the last one counts, at the position of the first.
 */
import { integerFrom } from './numbers.ts';
import { JavaBigInteger, JavaDouble, JavaList, type JavaValue, present } from './values.ts';

/** Deeper documents are refused, as Java's parsers refuse them (Jackson: 1,000). It also guards the stack. */
const DEEPEST = 1_000;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

class JsonReader {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JavaValue {
    const value = this.#value();
    if (this.#next() !== '') throw this.#error();
    return value;
  }

  /** Skips blanks; the character after them, empty at the end. */
  #next(): string {
    const code = this.#text.charCodeAt(this.#position);
    if (code === 32 || (code >= 9 && code <= 13)) {
      SPACE.lastIndex = this.#position;
      SPACE.test(this.#text);
      this.#position = SPACE.lastIndex;
    }
    return this.#text.charAt(this.#position);
  }

  #value(): JavaValue {
    const char = this.#next();
    if (char === '"') return this.#string();
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === 't') return this.#word('true', true);
    if (char === 'f') return this.#word('false', false);
    if (char === 'n') return this.#word('null', null);
    return this.#number();
  }

  #nested(read: () => JavaValue): JavaValue {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#error();
    this.#position += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): JavaValue {
    const members = new Map<JavaValue, JavaValue>();
    if (this.#takes('}')) return members;
    do {
      if (this.#next() !== '"') throw this.#error();
      const name = this.#string();
      if (!this.#takes(':')) throw this.#error();
      members.set(name, this.#value());
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#error();
    return members;
  }

  #array(): JavaValue {
    const items: JavaValue[] = [];
    if (this.#takes(']')) return new JavaList(items, 'JSONArray');
    do items.push(this.#value());
    while (this.#takes(','));
    if (!this.#takes(']')) throw this.#error();
    return new JavaList(items, 'JSONArray');
  }

  #takes(char: string): boolean {
    if (this.#next() !== char) return false;
    this.#position += 1;
    return true;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) throw this.#error();
    this.#position += word.length;
    return value;
  }

  #string(): string {
    const start = this.#position;
    let isPlain = true;
    for (let end = start + 1; end < this.#text.length; end += 1) {
      const code = this.#text.charCodeAt(end);
      if (code === 34) {
        this.#position = end + 1;
        return isPlain ? this.#text.slice(start + 1, end) : JSON.parse(this.#text.slice(start, end + 1));
      }
      if (code < 32) break;
      if (code === 92) {
        isPlain = false;
        end += 1;
      }
    }
    throw this.#error();
  }

  #number(): JavaValue {
    NUMBER.lastIndex = this.#position;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#error();
    this.#position = NUMBER.lastIndex;
    const [digits, fraction, exponent] = match;
    if (fraction !== undefined || exponent !== undefined) return new JavaDouble(Number(digits), digits);
    return digits === '-0' ? new JavaDouble(-0, digits) : integerFrom(digits);
  }

  #error(): Error {
    return new SyntaxError(`not valid JSON at character ${this.#position + 1}`);
  }
}

/** Reads a document. Throws a SyntaxError when it is not valid JSON. */
export function parseJson(text: string): JavaValue {
  return new JsonReader(text).document();
}

export interface JsonStyle {
  /** Whether a slash is written `\/`, as a printed JSONArray does. */
  readonly escapesSlash: boolean;
}

const PLAIN: JsonStyle = { escapesSlash: false };

/** The value as JSON without blanks. What JSON doesn't know, such as a set, is written as what it is made of. */
export function jsonText(value: JavaValue, style: JsonStyle = PLAIN): string {
  const known = present(value);
  if (typeof known === 'string') return stringText(known, style);
  if (known instanceof Map)
    return `{${[...known].map(([name, item]) => `${stringText(String(name), style)}:${jsonText(item, style)}`).join(',')}}`;
  if (known instanceof JavaList) return `[${known.items.map((item) => jsonText(item, style)).join(',')}]`;
  if (known instanceof JavaDouble) return known.text;
  if (known instanceof JavaBigInteger) return String(known.value);
  if (known === null || typeof known !== 'object') return String(known);
  return stringText(String('text' in known ? known.text : known), style);
}

function stringText(text: string, style: JsonStyle): string {
  const quoted = JSON.stringify(text);
  return style.escapesSlash ? quoted.replaceAll('/', '\\/') : quoted;
}
