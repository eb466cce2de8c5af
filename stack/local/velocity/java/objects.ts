/** What every Java object can do: print itself, be compared, be hashed. */
import { jsonText } from './json.ts';
import {
  HostObject,
  JavaBigInteger,
  JavaCharacter,
  JavaDouble,
  JavaEntry,
  JavaList,
  type JavaValue,
  present,
  TemplateFailure,
} from './values.ts';

/** toString. Null where it returns null. */
export function textOrNull(value: JavaValue): string | null {
  if (typeof value === 'string') return value;
  if (value instanceof HostObject) return value.text();
  return value === null ? null : textOf(value);
}

/** String.valueOf: toString, and `null` of null. */
export function textOf(value: JavaValue): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof JavaDouble || value instanceof JavaCharacter) return value.text;
  if (value instanceof JavaBigInteger) return String(value.value);
  if (value instanceof JavaEntry) return `${textOf(value.key)}=${textOf(value.value)}`;
  if (value instanceof JavaList) return listText(value);
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${textOf(key)}=${textOf(item)}`).join(', ')}}`;
  return String(value.text());
}

function listText(list: JavaList): string {
  if (list.kind === 'JSONArray') return jsonText(list, { escapesSlash: true });
  if (list.kind === 'array')
    throw new TemplateFailure('the text of a Java array is its address; use the list or join its elements');
  return `[${list.items.map(textOf).join(', ')}]`;
}

/** Name of the class, as far as it decides about equality and methods. */
export type JavaClass =
  | 'String'
  | 'Boolean'
  | 'Integer'
  | 'Long'
  | 'Double'
  | 'BigInteger'
  | 'Character'
  | 'List'
  | 'Array'
  | 'Set'
  | 'Collection'
  | 'Map'
  | 'Entry'
  | 'Host';

const LIST_CLASSES = {
  ArrayList: 'List',
  JSONArray: 'List',
  array: 'Array',
  set: 'Set',
  collection: 'Collection',
} as const;

const PRIMITIVE_CLASSES: Readonly<Record<string, JavaClass>> = {
  string: 'String',
  boolean: 'Boolean',
  number: 'Integer',
  bigint: 'Long',
};

export function classOf(value: NonNullable<JavaValue>): JavaClass {
  if (typeof value !== 'object') return PRIMITIVE_CLASSES[typeof value] ?? 'Host';
  if (value instanceof JavaList) return LIST_CLASSES[value.kind];
  if (value instanceof Map) return 'Map';
  if (value instanceof JavaDouble) return 'Double';
  if (value instanceof JavaBigInteger) return 'BigInteger';
  if (value instanceof JavaCharacter) return 'Character';
  return value instanceof JavaEntry ? 'Entry' : 'Host';
}

/** Object.equals; null equals null. */
export function equals(first: JavaValue, second: JavaValue): boolean {
  const left = present(first);
  const right = present(second);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (classOf(left) !== classOf(right)) return false;
  if (left instanceof JavaList && right instanceof JavaList) return equalLists(left, right);
  if (left instanceof Map && right instanceof Map)
    return left.size === right.size && [...left].every(([key, item]) => equals(item, right.get(key) ?? null));
  if (left instanceof JavaDouble && right instanceof JavaDouble) return Object.is(left.value, right.value);
  if (left instanceof JavaEntry && right instanceof JavaEntry)
    return equals(left.key, right.key) && equals(left.value, right.value);
  return !(left instanceof HostObject) && textOf(left) === textOf(right);
}

function equalLists(left: JavaList, right: JavaList): boolean {
  // Arrays, and the values of a map, are equal to themselves only.
  if (left.kind === 'array' || left.kind === 'collection' || left.items.length !== right.items.length)
    return false;
  if (left.kind === 'set')
    return left.items.every((item) => right.items.some((other) => equals(item, other)));
  return left.items.every((item, index) => equals(item, right.items[index] ?? null));
}

/** Object.hashCode of strings, numbers, booleans, and lists and maps of them. */
export function hashCode(value: JavaValue): number {
  const known = present(value);
  if (known === null) return 0;
  if (typeof known === 'boolean') return known ? 1231 : 1237;
  if (typeof known === 'number') return known;
  if (typeof known === 'bigint') return Number(BigInt.asIntN(32, known ^ (known >> 32n)));
  if (known instanceof JavaDouble)
    return hashCode(new BigInt64Array(new Float64Array([known.value]).buffer)[0] ?? 0n);
  if (known instanceof JavaEntry) return hashCode(known.key) ^ hashCode(known.value);
  if (known instanceof Map)
    return [...known].reduce((sum, [key, item]) => (sum + (hashCode(key) ^ hashCode(item))) | 0, 0);
  if (known instanceof JavaList) return listHash(known);
  if (typeof known !== 'string' && !(known instanceof JavaCharacter))
    throw new TemplateFailure(`hashCode of ${classOf(known)} is not supported`);
  const text = textOf(known);
  let hash = 0;
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

function listHash({ items, kind }: JavaList): number {
  if (kind === 'array' || kind === 'collection')
    throw new TemplateFailure('the hashCode of an array, or of the values of a map, is an address');
  if (kind === 'set') return items.reduce<number>((sum, item) => (sum + hashCode(item)) | 0, 0);
  return items.reduce<number>((hash, item) => (Math.imul(31, hash) + hashCode(item)) | 0, 1);
}
