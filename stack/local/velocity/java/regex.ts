/**
 * java.util.regex patterns as JavaScript's. What both write alike is kept, what they write differently is translated, and
 * what JavaScript doesn't have (possessive quantifiers, atomic groups, set operations) is refused by name.
 */
import { TemplateFailure } from './values.ts';

/** Line ends, as Java's `.` and `$` know them. */
const LINE_END = '\\n\\r\\u0085\\u2028\\u2029';
const END = '(?![\\s\\S])';
const FINAL_LINE_END = `(?:\\r\\n|[${LINE_END}])?${END}`;
const BLANKS = '\\t\\n\\u000b\\f\\r ';
const HORIZONTAL = '\\t \\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';

/** Escapes of characters that stand for themselves or for a class; true where it may stand within brackets. */
const ESCAPES: Readonly<Record<string, readonly [text: string, inClass: string | null]>> = {
  d: ['\\d', '\\d'],
  D: ['\\D', '\\D'],
  w: ['\\w', '\\w'],
  W: ['\\W', '\\W'],
  s: [`[${BLANKS}]`, BLANKS],
  S: [`[^${BLANKS}]`, null],
  h: [`[${HORIZONTAL}]`, HORIZONTAL],
  R: ['(?:\\r\\n|[\\n\\u000b\\f\\r\\u0085\\u2028\\u2029])', null],
  b: ['\\b', null],
  B: ['\\B', null],
  A: ['(?<![\\s\\S])', null],
  z: [END, null],
  Z: [`(?=${FINAL_LINE_END})`, null],
  t: ['\\t', '\\t'],
  n: ['\\n', '\\n'],
  r: ['\\r', '\\r'],
  f: ['\\f', '\\f'],
  a: ['\\u0007', '\\u0007'],
  e: ['\\u001b', '\\u001b'],
};

/** `\p{…}` of POSIX, which are ASCII in Java. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\u0000-\\u007f',
  Alpha: 'A-Za-z',
  Digit: '0-9',
  Alnum: 'A-Za-z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\u0000-\\u001f\\u007f',
  XDigit: '0-9A-Fa-f',
  Space: BLANKS,
};

const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;
const CODE_POINT = /u([\da-fA-F]{4})|x([\da-fA-F]{2})|x\{([\da-fA-F]{1,6})\}|0([0-3]?[0-7]{1,2})/y;
const PROPERTY = /([pP])(?:\{(?:Is)?([\w=]+)\}|([A-Z]))/y;
const GROUP = /\((?:\?(?::|=|!|<=|<!|<[A-Za-z][A-Za-z0-9]*>))?/y;
const QUANTIFIER = /(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?/y;
const FLAGS = /^\(\?([ims]+)\)/;

class Translation {
  readonly #pattern: string;
  #position = 0;
  #flags = '';
  /** Whether characters beyond 16 bits must count as one, which JavaScript can't do together with matches of nothing. */
  #isByCodePoint = false;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  regex(): RegExp {
    this.#isByCodePoint = /[\ud800-\udfff]/.test(this.#pattern);
    const flags = FLAGS.exec(this.#pattern);
    if (flags !== null) {
      this.#position = flags[0].length;
      this.#flags += [...new Set(flags[1])].join('');
    }
    let source = '';
    while (this.#position < this.#pattern.length) source += this.#part();
    return new RegExp(source, `${this.#flags}${this.#isByCodePoint ? 'u' : ''}g`);
  }

  #part(): string {
    const char = this.#pattern[this.#position] ?? '';
    if (char === '\\') return this.#escape(false);
    if (char === '[') return this.#class();
    if (char === '(') return this.#group();
    if ('*+?{'.includes(char)) return this.#quantifier();
    this.#position += 1;
    if (char === '.') this.#isByCodePoint = true;
    if (char === '.') return this.#flags.includes('s') ? '.' : `[^${LINE_END}]`;
    if (char === '$' && !this.#flags.includes('m')) return `(?=${FINAL_LINE_END})`;
    return char === ']' || char === '}' || char === '/' ? `\\${char}` : char;
  }

  #group(): string {
    const opening = this.#match(GROUP)?.[0] ?? '';
    if (opening === '(' && this.#pattern[this.#position] === '?') this.#refuse('(?…) of that kind');
    return opening;
  }

  #quantifier(): string {
    const quantifier = this.#match(QUANTIFIER)?.[0];
    if (quantifier === undefined) throw new TemplateFailure(`'${this.#pattern}' is not a regular expression`);
    if (quantifier.length > 1 && quantifier.endsWith('+')) this.#refuse('a possessive quantifier');
    return quantifier;
  }

  #class(): string {
    this.#position += 1;
    let source = '[';
    if (this.#pattern[this.#position] === '^') {
      source += '^';
      this.#isByCodePoint = true;
      this.#position += 1;
    }
    let isFirst = true;
    for (;;) {
      const char = this.#pattern[this.#position];
      if (char === undefined) throw new TemplateFailure(`'${this.#pattern}' has an unclosed [`);
      if (char === ']' && !isFirst) break;
      if (char === '[' || this.#pattern.startsWith('&&', this.#position)) this.#refuse('a set within a set');
      source += this.#classPart(char);
      isFirst = false;
    }
    this.#position += 1;
    return `${source}]`;
  }

  #classPart(char: string): string {
    if (char === '\\') return this.#escape(true);
    this.#position += 1;
    return SYNTAX.test(char) ? `\\${char}` : char;
  }

  #escape(inClass: boolean): string {
    this.#position += 1;
    if (this.#pattern[this.#position] === 'Q') return this.#quoted();
    const codePoint = this.#match(CODE_POINT);
    if (codePoint !== null) {
      const [, four, two, braced, octal] = codePoint;
      const code =
        octal === undefined ? Number.parseInt(four ?? two ?? braced ?? '', 16) : Number.parseInt(octal, 8);
      this.#isByCodePoint ||= code > 0xffff;
      return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
    }
    const property = this.#match(PROPERTY);
    if (property !== null) return this.#property(property, inClass);
    const char = this.#pattern[this.#position] ?? '';
    this.#position += 1;
    return this.#escaped(char, inClass);
  }

  #escaped(char: string, inClass: boolean): string {
    if (/[1-9]/.test(char) && !inClass) return `(?:\\${char})`;
    if (char === 'k' && !inClass) return '\\k';
    if (!/[A-Za-z0-9]/.test(char)) {
      if (char === '') throw new TemplateFailure(`'${this.#pattern}' ends in a backslash`);
      return SYNTAX.test(char) || (char === '-' && inClass) ? `\\${char}` : char;
    }
    if ('DWS'.includes(char)) this.#isByCodePoint = true;
    const text = ESCAPES[char]?.[inClass ? 1 : 0];
    return text ?? this.#refuse(`\\${char}`);
  }

  #property([, letter, braced, single]: RegExpExecArray, inClass: boolean): string {
    const name = braced ?? single ?? '';
    this.#isByCodePoint = true;
    const posix = POSIX[name];
    if (posix === undefined) return `\\${letter}{${name}}`;
    if (inClass && letter === 'P') this.#refuse(`\\P{${name}} within a set`);
    if (inClass) return posix;
    return letter === 'p' ? `[${posix}]` : `[^${posix}]`;
  }

  #quoted(): string {
    const start = this.#position + 1;
    const found = this.#pattern.indexOf('\\E', start);
    const end = found === -1 ? this.#pattern.length : found;
    this.#position = found === -1 ? end : end + 2;
    return this.#pattern.slice(start, end).replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');
  }

  #match(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.#position;
    const match = token.exec(this.#pattern);
    if (match !== null) this.#position = token.lastIndex;
    return match;
  }

  #refuse(what: string): never {
    throw new TemplateFailure(
      `the regular expression '${this.#pattern}' has ${what}, which is not supported`,
    );
  }
}

const patterns = new Map<string, RegExp>();

/** Patterns come from template text, so there are few; the limit guards against a template that computes them. */
const REMEMBERED = 1_000;

/** The pattern, global. Throws a {@link TemplateFailure} when it is none, or not one that can be translated. */
export function javaRegex(pattern: string): RegExp {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    try {
      regex = new Translation(pattern).regex();
    } catch (error) {
      if (error instanceof TemplateFailure) throw error;
      throw new TemplateFailure(`'${pattern}' is not a regular expression: ${(error as Error).message}`);
    }
    if (patterns.size < REMEMBERED) patterns.set(pattern, regex);
  }
  regex.lastIndex = 0;
  return regex;
}

/** A part of a replacement: text, or the group of a number or a name. */
type Part = string | { readonly group: string };

const REPLACEMENT = /\\([\s\S])|\$(\d)|\$\{([A-Za-z][A-Za-z0-9]*)\}|[\\$]|[^\\$]+/gy;

function replacementParts(text: string): Part[] {
  return [...text.matchAll(REPLACEMENT)].map(([token, escaped, group, name]) => {
    if (escaped !== undefined) return escaped;
    if (group !== undefined || name !== undefined) return { group: group ?? name ?? '' };
    if (token === '$' || token === '\\')
      throw new TemplateFailure(`'${text}' is not a replacement: stray ${token}`);
    return token;
  });
}

/** String.replaceAll, and replaceFirst. */
export function replaceMatches(text: string, pattern: string, replacement: string, all: boolean): string {
  const regex = javaRegex(pattern);
  let parts: Part[] | null = null;
  let isFirst = true;
  return text.replace(regex, (match: string, ...rest: unknown[]) => {
    if (!all && !isFirst) return match;
    isFirst = false;
    parts ??= replacementParts(replacement);
    return parts.map((part) => (typeof part === 'string' ? part : groupOf(part.group, match, rest))).join('');
  });
}

function groupOf(name: string, match: string, rest: readonly unknown[]): string {
  if (name === '0') return match;
  const last = rest.at(-1);
  const named = typeof last === 'object' ? (last as Readonly<Record<string, string | undefined>>) : {};
  const groups = rest.slice(
    0,
    rest.findIndex((value) => typeof value === 'number'),
  );
  if (/\d/.test(name) ? Number(name) > groups.length : !(name in named))
    throw new TemplateFailure(`the replacement names group ${name}, which the pattern does not have`);
  return String((/\d/.test(name) ? groups[Number(name) - 1] : named[name]) ?? '');
}

/** String.matches. */
export function matchesWhole(text: string, pattern: string): boolean {
  const { source, flags } = javaRegex(pattern);
  return new RegExp(`^(?:${source})${END}`, flags.replace('g', '').replace('m', '')).test(text);
}

/** String.split: no empty text at the front of a match of nothing, none at the end unless the limit is negative. */
export function splitText(text: string, pattern: string, limit: number): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(javaRegex(pattern))) {
    if (limit > 0 && parts.length === limit - 1) break;
    const end = match.index + match[0].length;
    if (end === 0 || (match[0] === '' && match.index >= text.length)) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  if (parts.length === 0) return [text];
  parts.push(text.slice(from));
  if (limit === 0) while (parts.at(-1) === '') parts.pop();
  return parts;
}
