/**
 * The vocabulary of the type table, and the check of a resource's properties against it. Every property AWS has is in
 * one of three states: it takes effect here; it is accepted and has no effect here, for a stated reason; or it is
 * refused, for a stated reason. A property that the table does not know is refused by name. So no property is ever
 * ignored without the table saying so. Checking also gives values their type, as AWS does: a parameter's text "2"
 * becomes the number 2 where the property is an integer.
 */
import type { Problems } from './problems.ts';
import { BROKEN, isMapping, shown, textOf, type Value } from './value.ts';

export type Shape =
  | {
      readonly kind: 'text';
      readonly oneOf?: readonly string[];
      readonly pattern?: RegExp;
      readonly says?: string;
      readonly bytesLimit?: number;
    }
  | { readonly kind: 'integer' | 'number'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'object'; readonly properties: Properties }
  /** Anything, kept as it is: policy documents. */
  | { readonly kind: 'any' };

export interface Property {
  readonly shape: Shape;
  readonly required: boolean;
  /** `effective`: acts here as on AWS. `inert`: accepted without effect. `refused`: cannot be done here. */
  readonly effect: 'effective' | 'inert' | 'refused';
  /** Why it is inert or refused. */
  readonly why: string;
  /** Values legal on AWS that are refused here, each with the reason. */
  readonly refusedValues: Readonly<Record<string, string>>;
  /** Which other properties there may be hangs on its value: when that is refused, the others are not looked at. */
  readonly decides?: boolean;
}

export interface Properties {
  readonly [name: string]: Property;
}

export interface ResourceType {
  readonly properties: Properties;
  /** Attributes for Fn::GetAtt. */
  readonly attributes: readonly string[];
  /** Rules between properties. Each message names the properties and the remedy. */
  readonly rules?: (properties: { readonly [name: string]: Value }) => readonly string[];
}

/** Checks `value` and returns it with its types put right. Reports every mistake; mistaken parts become BROKEN. */
export function conform(value: Value, shape: Shape, path: string, problems: Problems): Value {
  if (value === BROKEN || shape.kind === 'any') return value;
  switch (shape.kind) {
    case 'text':
      return conformText(value, shape, path, problems);
    case 'integer':
    case 'number':
      return conformNumber(value, shape, path, problems);
    case 'flag':
      return conformFlag(value, path, problems);
    case 'list':
      if (!Array.isArray(value)) return mistake(problems, path, `must be a list, but is ${shown(value)}`);
      return value.map((item, index) => conform(item as Value, shape.of, `${path}.${index}`, problems));
    case 'map':
      if (!isMapping(value)) return mistake(problems, path, `must be a mapping, but is ${shown(value)}`);
      return mapped(value, (item, key) => conform(item, shape.of, `${path}.${key}`, problems));
    case 'object':
      if (!isMapping(value)) return mistake(problems, path, `must be a mapping, but is ${shown(value)}`);
      return conformProperties(value, shape.properties, path, problems);
  }
}

/** Checks a mapping of properties: unknown and refused names, missing ones, and every value. */
export function conformProperties(
  given: { readonly [name: string]: Value },
  known: Properties,
  path: string,
  problems: Problems,
): { readonly [name: string]: Value } {
  const deciding = Object.keys(given).filter(
    (name) => known[name]?.decides && refusalOf(given[name]!, known[name]),
  );
  for (const name of deciding) refuse(given[name]!, known[name]!, `${path}.${name}`, problems);
  if (deciding.length > 0) return mapped(given, () => BROKEN);
  for (const [name, property] of Object.entries(known)) {
    if (property.required && !Object.hasOwn(given, name)) problems.add(path, `needs the property ${name}`);
  }
  return mapped(given, (value, name) => {
    const place = `${path}.${name}`;
    const property = Object.hasOwn(known, name) ? known[name] : undefined;
    if (property === undefined) return mistake(problems, place, unknownProperty(known));
    if (property.effect === 'refused')
      return mistake(problems, place, `not supported locally: ${property.why}`);
    if (refusalOf(value, property) !== undefined) return refuse(value, property, place, problems);
    return conform(value, property.shape, place, problems);
  });
}

function refusalOf(value: Value, { refusedValues }: Property): string | undefined {
  const text = textOf(value) ?? '';
  return Object.hasOwn(refusedValues, text) ? refusedValues[text] : undefined;
}

function refuse(value: Value, property: Property, path: string, problems: Problems): typeof BROKEN {
  return mistake(problems, path, `${shown(value)} is not supported locally: ${refusalOf(value, property)}`);
}

function unknownProperty(known: Properties): string {
  const names = Object.keys(known).filter((name) => known[name]?.effect !== 'refused');
  return `unknown property; known here: ${names.join(', ')}`;
}

function mapped(
  given: { readonly [name: string]: Value },
  change: (value: Value, name: string) => Value,
): { readonly [name: string]: Value } {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, change(value, name)]));
}

function conformText(value: Value, shape: Shape & { kind: 'text' }, path: string, problems: Problems): Value {
  const text = textOf(value);
  if (text === null) return mistake(problems, path, `must be a text, but is ${shown(value)}`);
  if (shape.oneOf !== undefined && !shape.oneOf.includes(text)) {
    return mistake(problems, path, `must be one of ${shape.oneOf.join(', ')}, but is ${shown(value)}`);
  }
  if (shape.pattern !== undefined && !shape.pattern.test(text)) {
    return mistake(
      problems,
      path,
      `must be ${shape.says ?? `like ${shape.pattern.source}`}, but is ${shown(value)}`,
    );
  }
  if (shape.bytesLimit !== undefined && Buffer.byteLength(text) > shape.bytesLimit) {
    return mistake(
      problems,
      path,
      `must have at most ${shape.bytesLimit} bytes, but has ${Buffer.byteLength(text)}`,
    );
  }
  return text;
}

function conformNumber(
  value: Value,
  shape: Shape & { kind: 'integer' | 'number' },
  path: string,
  problems: Problems,
): Value {
  const text = textOf(value)?.trim() ?? '';
  const pattern = shape.kind === 'integer' ? /^[-+]?\d+(\.0*)?$/ : /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
  const amount = pattern.test(text) ? Number(text) : Number.NaN;
  const { min = -Infinity, max = Infinity } = shape;
  if (amount >= min && amount <= max) return amount;
  return mistake(problems, path, `must be ${range(shape)}, but is ${shown(value)}`);
}

function range({ kind, min, max }: Shape & { kind: 'integer' | 'number' }): string {
  const noun = kind === 'integer' ? 'a whole number' : 'a number';
  if (min === undefined && max === undefined) return noun;
  if (max === undefined) return `${noun} of at least ${min}`;
  return min === undefined ? `${noun} of at most ${max}` : `${noun} from ${min} to ${max}`;
}

function conformFlag(value: Value, path: string, problems: Problems): Value {
  const text = textOf(value)?.toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  return mistake(problems, path, `must be true or false, but is ${shown(value)}`);
}

function mistake(problems: Problems, path: string, text: string): typeof BROKEN {
  problems.add(path, text);
  return BROKEN;
}
