/**
 * Methods of strings, numbers, booleans and characters, those of the class among them: a template reaches them by any value
 * of it. A string's indexes are UTF-16 units, as JavaScript's are.
 */
import { compareNumbers, doubleValue, integerFrom, intValue, longValue } from './numbers.ts';
import { equals, hashCode, textOf } from './objects.ts';
import { matchesWhole, replaceMatches, splitText } from './regex.ts';
import {
  JavaCharacter,
  JavaDouble,
  JavaList,
  type JavaNumber,
  type JavaValue,
  type Methods,
  TemplateFailure,
} from './values.ts';

type Text = string | null;

/** A null where Java would throw a NullPointerException. */
function given(text: Text): string {
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

function find(self: string, text: Text, from = 0): number {
  return self.indexOf(given(text), from);
}

function split(self: string, pattern: Text, limit = 0): JavaList {
  return new JavaList(splitText(self, given(pattern), limit), 'array');
}

function join(_self: string, separator: Text, list: JavaList): string {
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

export const STRING_METHODS: Methods<string> = {
  'charAt(i)': (self, index: number) => new JavaCharacter(part(self, index, index + 1)),
  'compareTo(s)': (self, other: Text) => compare(self, given(other)),
  'compareToIgnoreCase(s)': (self, other: Text) => compare(folded(self), folded(given(other))),
  'concat(s)': (self, other: Text) => self + given(other),
  'contains(s)': (self, other: Text) => self.includes(given(other)),
  'endsWith(s)': (self, other: Text) => self.endsWith(given(other)),
  'equals(o)': equals,
  'equalsIgnoreCase(s)': (self, other: Text) => other !== null && folded(self) === folded(other),
  'hashCode()': hashCode,
  'indexOf(s)': (self, text: Text) => find(self, text),
  'indexOf(si)': find,
  'indexOf(i)': (self, code: number) => find(self, String.fromCodePoint(code)),
  'indexOf(ii)': (self, code: number, from: number) => find(self, String.fromCodePoint(code), from),
  'indexOf(c)': (self, char: JavaCharacter) => find(self, char.text),
  'isBlank()': (self) => self.replace(STRIPPED_FRONT, '') === '',
  'isEmpty()': (self) => self === '',
  'join(sC)': join,
  'lastIndexOf(s)': (self, text: Text) => self.lastIndexOf(given(text)),
  'lastIndexOf(si)': (self, text: Text, from: number) =>
    from < 0 ? -1 : self.lastIndexOf(given(text), from),
  'lastIndexOf(i)': (self, code: number) => self.lastIndexOf(String.fromCodePoint(code)),
  'length()': (self) => self.length,
  'matches(s)': (self, pattern: Text) => matchesWhole(self, given(pattern)),
  'repeat(i)': repeat,
  'replace(ss)': (self, from: Text, to: Text) => self.replaceAll(given(from), () => given(to)),
  'replace(cc)': (self, from: JavaCharacter, to: JavaCharacter) => self.replaceAll(from.text, () => to.text),
  'replaceAll(ss)': (self, from: Text, to: Text) => replaceMatches(self, given(from), given(to), true),
  'replaceFirst(ss)': (self, from: Text, to: Text) => replaceMatches(self, given(from), given(to), false),
  'split(s)': (self, pattern: Text) => split(self, pattern),
  'split(si)': split,
  'startsWith(s)': (self, other: Text) => self.startsWith(given(other)),
  'startsWith(si)': (self, other: Text, from: number) =>
    from >= 0 && from <= self.length && self.startsWith(given(other), from),
  'strip()': (self) => self.replace(STRIPPED_FRONT, '').replace(STRIPPED_END, ''),
  'stripLeading()': (self) => self.replace(STRIPPED_FRONT, ''),
  'stripTrailing()': (self) => self.replace(STRIPPED_END, ''),
  'substring(i)': (self, from: number) => part(self, from, self.length),
  'substring(ii)': part,
  'toLowerCase()': (self) => self.toLowerCase(),
  'toString()': (self) => self,
  'toUpperCase()': (self) => self.toUpperCase(),
  'trim()': (self) => self.replace(TRIMMED, ''),
  'valueOf(o)': (_self, value: JavaValue) => textOf(value),
};

const INTEGER = /^[+-]?\d+$/;
const DOUBLE = /^[\0- ]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?[\0- ]*$/;

function unreadable(text: Text): never {
  throw new TemplateFailure(`NumberFormatException: For input string: "${text}"`);
}

function parseInteger(text: Text, type: 'number' | 'bigint'): JavaNumber {
  if (text === null || !INTEGER.test(text)) return unreadable(text);
  const value = integerFrom(text.replace(/^\+/, ''));
  if (typeof value === 'number') return type === 'number' ? value : BigInt(value);
  return typeof value === type ? value : unreadable(text);
}

function parseDouble(_self: JavaNumber, text: Text): JavaDouble {
  if (text === null || !DOUBLE.test(text)) return unreadable(text);
  return new JavaDouble(Number.parseFloat(text.replace(/^[\0- ]+/, '')));
}

const toInt = (_self: number, text: Text) => parseInteger(text, 'number');
const toLong = (_self: bigint, text: Text) => parseInteger(text, 'bigint');
const toBoolean = (_self: boolean, text: Text) => text?.toLowerCase() === 'true';

/** Number's own, which every class of numbers has. */
const NUMBER_METHODS: Methods<JavaNumber> = {
  'doubleValue()': doubleValue,
  'hashCode()': hashCode,
  'intValue()': intValue,
  'longValue()': longValue,
  'toString()': textOf,
};

export const INTEGER_METHODS: Methods<number> = {
  ...NUMBER_METHODS,
  'compare(ii)': (_self, left: number, right: number) => compareNumbers(left, right),
  'compareTo(i)': (self, other: number) => compareNumbers(self, other),
  'max(ii)': (_self, left: number, right: number) => Math.max(left, right),
  'min(ii)': (_self, left: number, right: number) => Math.min(left, right),
  'parseInt(s)': toInt,
  'sum(ii)': (_self, left: number, right: number) => (left + right) | 0,
  'toString(i)': (_self, value: number) => String(value),
  'valueOf(i)': (_self, value: number) => value,
  'valueOf(s)': toInt,
};

type Whole = number | bigint;

export const LONG_METHODS: Methods<bigint> = {
  ...NUMBER_METHODS,
  'compare(ll)': (_self, left: Whole, right: Whole) => compareNumbers(left, right),
  'max(ll)': (_self, left: Whole, right: Whole) => BigInt(left > right ? left : right),
  'min(ll)': (_self, left: Whole, right: Whole) => BigInt(left < right ? left : right),
  'parseLong(s)': toLong,
  'toString(l)': (_self, value: Whole) => String(value),
  'valueOf(l)': (_self, value: Whole) => BigInt(value),
  'valueOf(s)': toLong,
};

const ofDoubles = (combine: (...values: number[]) => number, left: JavaNumber, right: JavaNumber) =>
  new JavaDouble(combine(doubleValue(left).value, doubleValue(right).value));

export const DOUBLE_METHODS: Methods<JavaDouble> = {
  ...NUMBER_METHODS,
  'compare(dd)': (_self, left: JavaNumber, right: JavaNumber) =>
    compareNumbers(doubleValue(left), doubleValue(right)),
  'max(dd)': (_self, left: JavaNumber, right: JavaNumber) => ofDoubles(Math.max, left, right),
  'min(dd)': (_self, left: JavaNumber, right: JavaNumber) => ofDoubles(Math.min, left, right),
  'parseDouble(s)': parseDouble,
  'toString(d)': (_self, value: JavaNumber) => textOf(value),
  'valueOf(d)': (_self, value: JavaNumber) => doubleValue(value),
  'valueOf(s)': parseDouble,
};

export const BOOLEAN_METHODS: Methods<boolean> = {
  'booleanValue()': (self) => self,
  'compareTo(b)': (self, other: boolean) => Number(self) - Number(other),
  'logicalAnd(bb)': (_self, left: boolean, right: boolean) => left && right,
  'logicalOr(bb)': (_self, left: boolean, right: boolean) => left || right,
  'parseBoolean(s)': toBoolean,
  'valueOf(b)': (_self, value: boolean) => value,
  'valueOf(s)': toBoolean,
};

export const CHARACTER_METHODS: Methods<JavaCharacter> = {
  'charValue()': (self) => self,
  'compareTo(c)': (self, other: JavaCharacter) => self.text.charCodeAt(0) - other.text.charCodeAt(0),
};
