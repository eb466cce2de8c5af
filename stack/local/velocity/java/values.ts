/**
 * Declares the Java values that a template can meet. Strings, booleans and null are JavaScript's own; an Integer is a
 * number, a Long a bigint, a LinkedHashMap a Map. The rest has a class here, because JavaScript can't tell it apart.
 */

/** java.lang.Double. One that was read from JSON keeps its digits, so that 1.50 isn't printed as 1.5. */
export class JavaDouble {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string = doubleText(value)) {
    this.value = value;
    this.text = text;
  }
}

/** java.math.BigInteger. */
export class JavaBigInteger {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** java.lang.Character: prints as a string and equals none. */
export class JavaCharacter {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSONArray is an ArrayList that prints as JSON; a collection is what a map shows of its keys, values or entries. */
type ListKind = 'ArrayList' | 'JSONArray' | 'array' | 'set' | 'collection';

/** Lists, arrays, and the views of a map. */
export class JavaList {
  readonly items: JavaValue[];
  readonly kind: ListKind;

  constructor(items: JavaValue[], kind: ListKind = 'ArrayList') {
    this.items = items;
    this.kind = kind;
  }
}

/** java.util.Map.Entry. */
export class JavaEntry {
  readonly key: JavaValue;
  readonly value: JavaValue;

  constructor(key: JavaValue, value: JavaValue) {
    this.key = key;
    this.value = value;
  }
}

export type JavaMap = Map<JavaValue, JavaValue>;

/** An object that is not Java's own: `$input`, `$foreach` and the like. */
export abstract class HostObject {
  /** Value of a property; null when there is none. */
  abstract property(name: string): JavaValue;
  /** Result of a method; undefined when there is none for the arguments. */
  abstract call(name: string, args: readonly JavaValue[]): JavaValue | undefined;
  /** What is printed; null when it counts as null. */
  abstract text(): string | null;
}

/** An empty string that counts as false in a condition: what a JSONPath gives that finds nothing. */
class MissingString extends HostObject {
  property(): JavaValue {
    return null;
  }
  call(): undefined {
    return undefined;
  }
  text(): string {
    return '';
  }
}

export const MISSING: HostObject = new MissingString();

export type JavaNumber = number | bigint | JavaDouble | JavaBigInteger;

export type JavaValue =
  | null
  | string
  | boolean
  | JavaNumber
  | JavaCharacter
  | JavaList
  | JavaEntry
  | JavaMap
  | HostObject;

/**
 * Methods of a class, by name and types of the parameters, in the order in which overloads are tried. The types are a letter
 * each: `i` int, `l` long, `d` double, `b` boolean, `s` String, `c` char, `C` a collection, `M` a map, `o` anything.
 */
export type Methods<Self> = Readonly<
  Record<`${string}(${string})`, (self: Self, ...args: never[]) => JavaValue>
>;

export function isNumber(value: JavaValue): value is JavaNumber {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  return value instanceof JavaDouble || value instanceof JavaBigInteger;
}

/** What a missing string stands for where its being missing doesn't matter. */
export function present(value: JavaValue): JavaValue {
  return value === MISSING ? '' : value;
}

const DECIMAL_FROM = 1e-3;
const DECIMAL_TO = 1e7;

/** Double.toString: decimal from 10^-3 up to 10^7, else with an exponent; always with a fraction. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= DECIMAL_FROM && size < DECIMAL_TO) return withFraction(String(value));
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${withFraction(digits)}E${Number(exponent)}`;
}

function withFraction(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}

/** A template could not be rendered: one of its calls throws, or would need a part of Java that is not modelled. */
export class TemplateFailure extends Error {
  override readonly name = 'TemplateFailure';
}
