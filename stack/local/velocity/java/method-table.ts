/** How methods are listed, and which of several with one name the arguments choose. */
import { isNumber, JavaCharacter, JavaList, type JavaValue } from './values.ts';

/**
 * Types of the parameters, a letter each: `i` int, `l` long, `d` double, `b` boolean, `s` String, `c` char, `n` a number of
 * the class itself, `C` a collection, `M` a map, `o` anything.
 */
export type Parameters = string;

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
