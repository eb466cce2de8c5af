/** Methods of java.lang.String. Its indexes are UTF-16 units, as JavaScript's are. */
import { type MethodTable, overloads } from './number-methods.ts';
import { equals, hashCode, textOf } from './objects.ts';
import { matchesWhole, replaceMatches, splitText } from './regex.ts';
import { JavaCharacter, JavaList, type JavaValue, TemplateFailure } from './values.ts';

/** A null where Java would throw a NullPointerException. */
function given(text: string | null): string {
  if (text === null) throw new TemplateFailure('NullPointerException: an argument is null');
  return text;
}

function part(self: string, from: number, to: number): string {
  if (from < 0 || to > self.length || from > to)
    throw new TemplateFailure(
      `StringIndexOutOfBoundsException: begin ${from}, end ${to}, length ${self.length}`,
    );
  return self.slice(from, to);
}

function compare(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = left.charCodeAt(index) - right.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Upper case first, because some letters have one lower case and two upper cases. */
function folded(text: string): string {
  return [...text]
    .map((char) => (char.toUpperCase().length === char.length ? char.toUpperCase().toLowerCase() : char))
    .join('');
}

function find(self: string, text: string | null, from: number): number {
  return self.indexOf(given(text), from);
}

function findLast(self: string, text: string | null, from: number): number {
  return from < 0 ? -1 : self.lastIndexOf(given(text), from);
}

function split(self: string, pattern: string | null, limit: number): JavaList {
  return new JavaList(splitText(self, given(pattern), limit), 'array');
}

function join(_self: string, separator: string | null, list: JavaList): string {
  if (list.items.some((item) => item !== null && typeof item !== 'string'))
    throw new TemplateFailure('ClassCastException: join of something that is not a String');
  return list.items.map(textOf).join(given(separator));
}

function repeat(self: string, count: number): string {
  if (count < 0) throw new TemplateFailure(`IllegalArgumentException: count is negative: ${count}`);
  return self.repeat(count);
}

/** Java trims what is not above a blank; strip goes by Unicode. */
const TRIMMED = /^[\0- ]+|[\0- ]+$/g;
const WHITE =
  '[\\t\\n\\u000b\\f\\r\\u001c-\\u001f \\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000]';
const STRIPPED_FRONT = new RegExp(`^${WHITE}+`);
const STRIPPED_END = new RegExp(`${WHITE}+$`);

export const STRING_METHODS: MethodTable<string> = {
  charAt: [['i', (self, index: number) => new JavaCharacter(part(self, index, index + 1))]],
  compareTo: [['s', (self, other: string | null) => compare(self, given(other))]],
  compareToIgnoreCase: [['s', (self, other: string | null) => compare(folded(self), folded(given(other)))]],
  concat: [['s', (self, other: string | null) => self + given(other)]],
  contains: [['s', (self, other: string | null) => self.includes(given(other))]],
  endsWith: [['s', (self, other: string | null) => self.endsWith(given(other))]],
  equals: [['o', (self, other: JavaValue) => equals(self, other)]],
  equalsIgnoreCase: [['s', (self, other: string | null) => other !== null && folded(self) === folded(other)]],
  hashCode: [['', (self) => hashCode(self)]],
  indexOf: [
    ['s', (self, text: string | null) => find(self, text, 0)],
    ['si', (self, text: string | null, from: number) => find(self, text, from)],
    ['i', (self, code: number) => find(self, String.fromCodePoint(code), 0)],
    ['ii', (self, code: number, from: number) => find(self, String.fromCodePoint(code), from)],
    ['c', (self, char: JavaCharacter) => find(self, char.text, 0)],
  ],
  isBlank: [['', (self) => self.replace(STRIPPED_FRONT, '') === '']],
  isEmpty: [['', (self) => self === '']],
  join: [['sC', join]],
  lastIndexOf: [
    ['s', (self, text: string | null) => self.lastIndexOf(given(text))],
    ['si', (self, text: string | null, from: number) => findLast(self, text, from)],
    ['i', (self, code: number) => self.lastIndexOf(String.fromCodePoint(code))],
  ],
  length: [['', (self) => self.length]],
  matches: [['s', (self, pattern: string | null) => matchesWhole(self, given(pattern))]],
  repeat: [['i', repeat]],
  replace: [
    ['ss', (self, from: string | null, to: string | null) => self.replaceAll(given(from), () => given(to))],
    ['cc', (self, from: JavaCharacter, to: JavaCharacter) => self.replaceAll(from.text, () => to.text)],
  ],
  replaceAll: [
    [
      'ss',
      (self, from: string | null, to: string | null) => replaceMatches(self, given(from), given(to), true),
    ],
  ],
  replaceFirst: [
    [
      'ss',
      (self, from: string | null, to: string | null) => replaceMatches(self, given(from), given(to), false),
    ],
  ],
  split: [
    ['s', (self, pattern: string | null) => split(self, pattern, 0)],
    ['si', (self, pattern: string | null, limit: number) => split(self, pattern, limit)],
  ],
  startsWith: [
    ['s', (self, other: string | null) => self.startsWith(given(other))],
    [
      'si',
      (self, other: string | null, from: number) =>
        from >= 0 && from <= self.length && self.startsWith(given(other), from),
    ],
  ],
  strip: [['', (self) => self.replace(STRIPPED_FRONT, '').replace(STRIPPED_END, '')]],
  stripLeading: [['', (self) => self.replace(STRIPPED_FRONT, '')]],
  stripTrailing: [['', (self) => self.replace(STRIPPED_END, '')]],
  substring: [
    ['i', (self, from: number) => part(self, from, self.length)],
    ['ii', part],
  ],
  toLowerCase: [['', (self) => self.toLowerCase()]],
  toString: overloads<string>(['', (self) => self]),
  toUpperCase: [['', (self) => self.toUpperCase()]],
  trim: [['', (self) => self.replace(TRIMMED, '')]],
  valueOf: overloads<string>(['o', (_self, value: JavaValue) => textOf(value)]),
};
