/**
 * Calls Java's methods on a template's values, chosen by number and types of the arguments as by Velocity. Methods of
 * Java that are not modelled are refused by name; any other name is a method that Java doesn't have either, and the
 * reference counts as null.
 */
import { COLLECTION_METHODS, ENTRY_METHODS, LIST_METHODS, MAP_METHODS } from './collections.ts';
import { classOf, equals, hashCode, type JavaClass, textOf } from './objects.ts';
import {
  BOOLEAN_METHODS,
  CHARACTER_METHODS,
  DOUBLE_METHODS,
  INTEGER_METHODS,
  LONG_METHODS,
  STRING_METHODS,
} from './scalars.ts';
import {
  HostObject,
  isNumber,
  JavaCharacter,
  JavaList,
  type JavaValue,
  type Methods,
  present,
  TemplateFailure,
} from './values.ts';

const OBJECT_METHODS: Methods<NonNullable<JavaValue>> = {
  'equals(o)': equals,
  'hashCode()': hashCode,
  'toString()': textOf,
};

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

interface Overload {
  readonly types: string;
  readonly call: (self: unknown, ...args: readonly JavaValue[]) => JavaValue;
}

type MethodTable = ReadonlyMap<string, readonly Overload[]>;

/** The overloads by name; those of an earlier class come before those of what it extends. */
function tableOf(...classes: readonly object[]): MethodTable {
  const table = new Map<string, Overload[]>();
  for (const [signature, call] of classes.flatMap((methods) => Object.entries(methods))) {
    const [name = '', types = ''] = signature.slice(0, -1).split('(');
    table.set(name, [...(table.get(name) ?? []), { types, call }]);
  }
  return table;
}

const TABLES: Readonly<Record<Exclude<JavaClass, 'Host'>, MethodTable>> = {
  String: tableOf(STRING_METHODS, OBJECT_METHODS),
  Boolean: tableOf(BOOLEAN_METHODS, OBJECT_METHODS),
  Integer: tableOf(INTEGER_METHODS, OBJECT_METHODS),
  Long: tableOf(LONG_METHODS, OBJECT_METHODS),
  Double: tableOf(DOUBLE_METHODS, OBJECT_METHODS),
  BigInteger: tableOf(OBJECT_METHODS),
  Character: tableOf(CHARACTER_METHODS, OBJECT_METHODS),
  List: tableOf(LIST_METHODS, OBJECT_METHODS),
  Array: tableOf(LIST_METHODS),
  Set: tableOf(COLLECTION_METHODS, OBJECT_METHODS),
  Collection: tableOf(COLLECTION_METHODS, OBJECT_METHODS),
  Map: tableOf(MAP_METHODS, OBJECT_METHODS),
  Entry: tableOf(ENTRY_METHODS, OBJECT_METHODS),
};

const OF_OBJECTS = 'getClass notify notifyAll wait';
const OF_COLLECTIONS = `iterator parallelStream removeIf spliterator stream toArray forEach ${OF_OBJECTS}`;
const OF_VIEWS = `add addAll clear remove removeAll retainAll ${OF_COLLECTIONS}`;
const OF_NUMBERS = `
  bitCount byteValue compareUnsigned decode describeConstable divideUnsigned doubleToLongBits doubleToRawLongBits floatValue
  getInteger getLong highestOneBit isFinite isInfinite isNaN longBitsToDouble lowestOneBit numberOfLeadingZeros
  numberOfTrailingZeros parseUnsignedInt parseUnsignedLong remainderUnsigned resolveConstantDesc reverse reverseBytes
  rotateLeft rotateRight shortValue signum toBinaryString toHexString toOctalString toUnsignedLong toUnsignedString
  ${OF_OBJECTS}`;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Methods that the classes have and that are not modelled. */
const REFUSED: Readonly<Record<Exclude<JavaClass, 'Host'>, ReadonlySet<string>>> = {
  String: words(`
    chars codePointAt codePointBefore codePointCount codePoints contentEquals copyValueOf describeConstable format formatted
    getBytes getChars indent intern lines offsetByCodePoints regionMatches resolveConstantDesc stripIndent subSequence
    toCharArray transform translateEscapes ${OF_OBJECTS}`),
  Boolean: words(`describeConstable getBoolean ${OF_OBJECTS}`),
  Integer: words(OF_NUMBERS),
  Long: words(OF_NUMBERS),
  Double: words(OF_NUMBERS),
  BigInteger: words(`
    abs add and andNot bitLength clearBit compareTo divide divideAndRemainder doubleValue flipBit gcd getLowestSetBit intValue
    intValueExact isProbablePrime longValue longValueExact max min mod modInverse modPow multiply negate nextProbablePrime
    not or pow remainder setBit shiftLeft shiftRight sqrt subtract testBit toByteArray valueOf xor ${OF_NUMBERS}`),
  Character: words(`
    getNumericValue isDigit isLetter isLetterOrDigit isWhitespace toLowerCase toUpperCase valueOf ${OF_OBJECTS}`),
  List: words(`
    appendElement clone ensureCapacity listIterator merge replaceAll sort toJSONString trimToSize writeJSONString
    ${OF_COLLECTIONS}`),
  Array: words(`addAll clone ${OF_OBJECTS}`),
  Set: words(OF_VIEWS),
  Collection: words(OF_VIEWS),
  Map: words(`
    clone compute computeIfAbsent computeIfPresent copyOf entry forEach merge of replaceAll ${OF_OBJECTS}`),
  Entry: words(`comparingByKey comparingByValue setValue ${OF_OBJECTS}`),
};

const CLASSES = Object.keys(TABLES) as Exclude<JavaClass, 'Host'>[];

/** Whether the class has the method here; of null, whether some class has. */
export function hasMethod(type: JavaClass | null, name: string): boolean {
  return CLASSES.some((one) => (type === null || type === one) && TABLES[one].has(name));
}

/** Whether Java has a method of that name that is not modelled in any class. */
export function isRefusedMethod(name: string): boolean {
  return !hasMethod(null, name) && CLASSES.some((one) => REFUSED[one].has(name));
}

function fit(types: string, args: readonly JavaValue[]): boolean {
  return types.length === args.length && args.every((arg, index) => FITS[types[index] ?? '']?.(arg) === true);
}

/** Calls a method; undefined when the object has none for the arguments. */
export function callMethod(
  target: NonNullable<JavaValue>,
  name: string,
  args: readonly JavaValue[],
): JavaValue | undefined {
  const self = present(target);
  if (self === null) return undefined;
  const values = args.map(present);
  if (self instanceof HostObject) return self.call(name, values);
  const type = classOf(self) as Exclude<JavaClass, 'Host'>;
  const overload = TABLES[type].get(name)?.find(({ types }) => fit(types, values));
  if (overload !== undefined) return overload.call(self, ...values);
  if (REFUSED[type].has(name)) throw new TemplateFailure(`the method ${name} of ${type} is not supported`);
  return undefined;
}

/** Value of a property, as Velocity 1.7 looks for one: getName, getname, a map's key, isName. */
export function propertyOf(target: NonNullable<JavaValue>, name: string): JavaValue {
  const self = present(target);
  if (self instanceof HostObject) return self.property(name);
  if (self === null) return null;
  if (name === 'class' || name === 'Class')
    throw new TemplateFailure(`the property ${name} is not supported; a map's key is get("${name}")`);
  const [first = '', ...rest] = name;
  const flipped = (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()) + rest.join('');
  if (self instanceof Map) return self.get(name) ?? null;
  return (
    getter(self, `get${name}`) ??
    getter(self, `get${flipped}`) ??
    getter(self, `is${name}`) ??
    getter(self, `is${flipped}`) ??
    null
  );
}

function getter(self: NonNullable<JavaValue>, name: string): JavaValue | undefined {
  return callMethod(self, name, []);
}
