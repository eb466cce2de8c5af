/** Methods of numbers, booleans and characters, those of the class among them: a template reaches them by any value of it. */
import { compareNumbers, doubleValue, integerFrom, intValue, longValue } from './numbers.ts';
import { hashCode, textOf } from './objects.ts';
import {
  isNumber,
  JavaCharacter,
  JavaDouble,
  JavaList,
  type JavaNumber,
  type JavaValue,
  TemplateFailure,
} from './values.ts';

const INTEGER = /^[+-]?\d+$/;
const DOUBLE = /^[\0- ]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?[\0- ]*$/;

function unreadable(text: string | null): never {
  throw new TemplateFailure(`NumberFormatException: For input string: "${text}"`);
}

function parseInteger(text: string | null, type: 'number' | 'bigint'): JavaNumber {
  if (text === null || !INTEGER.test(text)) return unreadable(text);
  const value = integerFrom(text.replace(/^\+/, ''));
  if (typeof value === 'number') return type === 'number' ? value : BigInt(value);
  return typeof value === type ? value : unreadable(text);
}

function parseDouble(text: string | null): JavaDouble {
  if (text === null || !DOUBLE.test(text)) return unreadable(text);
  return new JavaDouble(Number.parseFloat(text.replace(/^[\0- ]+/, '')));
}

/** Number's own, which every class of numbers has. */
const NUMBER_METHODS: MethodTable<JavaNumber> = {
  doubleValue: [['', (self) => doubleValue(self)]],
  hashCode: [['', (self) => hashCode(self)]],
  intValue: [['', (self) => intValue(self)]],
  longValue: [['', (self) => longValue(self)]],
  toString: overloads<JavaNumber>(
    ['', (self) => textOf(self)],
    ['d', (_self, value: JavaNumber) => textOf(value)],
  ),
};

export const INTEGER_METHODS: MethodTable<number> = {
  ...NUMBER_METHODS,
  compare: [['ii', (_self, left: number, right: number) => compareNumbers(left, right)]],
  compareTo: [['i', (self, other: number) => compareNumbers(self, other)]],
  max: [['ii', (_self, left: number, right: number) => Math.max(left, right)]],
  min: [['ii', (_self, left: number, right: number) => Math.min(left, right)]],
  parseInt: [['s', (_self, text: string | null) => parseInteger(text, 'number')]],
  sum: [['ii', (_self, left: number, right: number) => (left + right) | 0]],
  toString: overloads<number>(['', (self) => String(self)], ['i', (_self, value: number) => String(value)]),
  valueOf: overloads<number>(
    ['i', (_self, value: number) => value],
    ['s', (_self, text: string | null) => parseInteger(text, 'number')],
  ),
};

const toLong = (value: number | bigint): bigint => BigInt(value);

export const LONG_METHODS: MethodTable<bigint> = {
  ...NUMBER_METHODS,
  compare: [['ll', (_self, left: number | bigint, right: number | bigint) => compareNumbers(left, right)]],
  max: [
    ['ll', (_self, left: number | bigint, right: number | bigint) => toLong(left > right ? left : right)],
  ],
  min: [
    ['ll', (_self, left: number | bigint, right: number | bigint) => toLong(left < right ? left : right)],
  ],
  parseLong: [['s', (_self, text: string | null) => parseInteger(text, 'bigint')]],
  toString: overloads<bigint>(
    ['', (self) => String(self)],
    ['l', (_self, value: number | bigint) => String(value)],
  ),
  valueOf: overloads<bigint>(
    ['l', (_self, value: number | bigint) => toLong(value)],
    ['s', (_self, text: string | null) => parseInteger(text, 'bigint')],
  ),
};

export const DOUBLE_METHODS: MethodTable<JavaDouble> = {
  ...NUMBER_METHODS,
  compare: [
    [
      'dd',
      (_self, left: JavaNumber, right: JavaNumber) => compareNumbers(doubleValue(left), doubleValue(right)),
    ],
  ],
  max: [
    [
      'dd',
      (_self, left: JavaNumber, right: JavaNumber) =>
        new JavaDouble(Math.max(doubleValue(left).value, doubleValue(right).value)),
    ],
  ],
  min: [
    [
      'dd',
      (_self, left: JavaNumber, right: JavaNumber) =>
        new JavaDouble(Math.min(doubleValue(left).value, doubleValue(right).value)),
    ],
  ],
  parseDouble: [['s', (_self, text: string | null) => parseDouble(text)]],
  valueOf: overloads<JavaDouble>(
    ['d', (_self, value: JavaNumber) => doubleValue(value)],
    ['s', (_self, text: string | null) => parseDouble(text)],
  ),
};

function parseBoolean(text: string | null): boolean {
  return text?.toLowerCase() === 'true';
}

export const BOOLEAN_METHODS: MethodTable<boolean> = {
  booleanValue: [['', (self) => self]],
  compareTo: [['b', (self, other: boolean) => Number(self) - Number(other)]],
  logicalAnd: [['bb', (_self, left: boolean, right: boolean) => left && right]],
  logicalOr: [['bb', (_self, left: boolean, right: boolean) => left || right]],
  parseBoolean: [['s', (_self, text: string | null) => parseBoolean(text)]],
  valueOf: overloads<boolean>(
    ['b', (_self, value: boolean) => value],
    ['s', (_self, text: string | null) => parseBoolean(text)],
  ),
};

export const CHARACTER_METHODS: MethodTable<JavaCharacter> = {
  charValue: [['', (self): JavaValue => self]],
  compareTo: [['c', (self, other: JavaCharacter) => self.text.charCodeAt(0) - other.text.charCodeAt(0)]],
};

// How methods are listed, and which of several with one name the arguments choose.

/**
 * Types of the parameters, a letter each: `i` int, `l` long, `d` double, `b` boolean, `s` String, `c` char, `n` a number of
 * the class itself, `C` a collection, `M` a map, `o` anything.
 */
type Parameters = string;

type Implementation<Self> = (self: Self, ...args: never[]) => JavaValue;

type Overloads<Self> = readonly (readonly [Parameters, Implementation<Self>])[];

/** Overloads by method name, in the order in which they are tried. A void method returns an empty string, as Velocity prints. */
export type MethodTable<Self> = Readonly<Record<string, Overloads<Self>>>;

/** Overloads of a name that every JavaScript object has, such as toString: TypeScript needs to be told their type. */
export function overloads<Self>(...list: Overloads<Self>): Overloads<Self> {
  return list;
}

const FITS: Readonly<Record<string, (value: JavaValue) => boolean>> = {
  i: (value) => typeof value === 'number',
  l: (value) => typeof value === 'number' || typeof value === 'bigint',
  d: isNumber,
  b: (value) => typeof value === 'boolean',
  s: (value) => typeof value === 'string' || value === null,
  c: (value) => value instanceof JavaCharacter,
  C: (value) => value instanceof JavaList && value.kind !== 'array',
  M: (value) => value instanceof Map,
  o: () => true,
};

export function matches(types: Parameters, args: readonly JavaValue[]): boolean {
  return types.length === args.length && args.every((arg, index) => FITS[types[index] ?? '']?.(arg) === true);
}
