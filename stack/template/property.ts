/**
 * The vocabulary of the resource types, and the check of a resource's properties against it. Every property AWS has is in
 * one of three states: it takes effect here; it is accepted and has no effect here, for a stated reason; or it is
 * refused, for a stated reason. A property that a type does not know is refused by name. So no property is ever
 * ignored without its type saying so. Checking also gives values their type, as AWS does: a parameter's text "2"
 * becomes the number 2 where the property is an integer.
 */
import type { Reported } from './problems.ts';
import { isMapping, type Json, shown, textOf, UNKNOWN, type Value, type ValueMapping } from './value.ts';

/** Returns the value with its type put right. Reports every mistake; mistaken parts become UNKNOWN. */
type Check = (value: Value, path: string, problems: Reported) => Value;

/** A way of naming another resource: the Ref of one of a type, or its ARN. */
export interface Target {
  readonly type: string;
  readonly attribute: 'Ref' | 'Arn';
}

export interface Property {
  readonly check: Check;
  /** The properties within, where it has some of its own. */
  readonly inner?: Properties;
  readonly isRequired: boolean;
  /** `effective`: acts here as on AWS. `inert`: accepted without effect. `refused`: cannot be done here. */
  readonly effect: 'effective' | 'inert' | 'refused';
  /** Why it is inert or refused. */
  readonly why: string;
  /** Values legal on AWS that are refused here, each with the reason. */
  readonly refusedValues: Readonly<Record<string, string>>;
  /** Which other properties there may be depends on its value: when that is refused, the others are not looked at. */
  readonly decides?: boolean;
  /** Whether CloudFormation makes another resource when it changes: `createOnlyProperties` of the type's schema. */
  readonly isCreateOnly?: boolean;
  /** It holds the name of the resource, of at most so many characters; a change makes another resource. */
  readonly nameLimit?: number;
  /** It names another resource of the template, by one of these, behind the prefix. */
  readonly links?: readonly Target[];
  readonly prefix?: string;
  /** What its service takes when it is not given. */
  readonly otherwise?: Json;
  /** It holds tags, and how. */
  readonly tags?: 'list' | 'map';
}

export interface Properties {
  readonly [name: string]: Property;
}

const property = (check: Check): Property => ({
  check,
  isRequired: false,
  effect: 'effective',
  why: '',
  refusedValues: {},
});

interface Text extends Pick<Property, 'nameLimit' | 'links' | 'prefix'> {
  readonly oneOf?: readonly string[];
  readonly pattern?: RegExp;
  /** What the pattern means. */
  readonly says?: string;
  readonly bytesLimit?: number;
}

/** A text within limits. */
export const text = ({ oneOf, pattern, says, bytesLimit = Infinity, ...marks }: Text = {}): Property => ({
  ...property((value, path, problems) => {
    const given = textOf(value);
    if (given === null) return problems.add(path, `must be a text, but is ${shown(value)}`);
    if (oneOf !== undefined && !oneOf.includes(given))
      return problems.add(path, `must be one of ${oneOf.join(', ')}, but is ${shown(value)}`);
    if (pattern !== undefined && !pattern.test(given))
      return problems.add(path, `must be ${says ?? `like ${pattern.source}`}, but is ${shown(value)}`);
    const bytes = Buffer.byteLength(given);
    if (bytes > bytesLimit)
      return problems.add(path, `must have at most ${bytesLimit} bytes, but has ${bytes}`);
    return given;
  }),
  ...marks,
});

const INTEGER = /^[-+]?\d+(\.0*)?$/;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** A whole number within bounds, both included. */
export const integer = (min: number, max = Infinity): Property =>
  numeric('a whole number', INTEGER, min, max);
/** A number of at least `min`. */
export const number = (min: number): Property => numeric('a number', NUMBER, min, Infinity);

function numeric(noun: string, pattern: RegExp, min: number, max: number): Property {
  const range = max === Infinity ? `${noun} of at least ${min}` : `${noun} from ${min} to ${max}`;
  return property((value, path, problems) => {
    const given = textOf(value)?.trim() ?? '';
    const amount = pattern.test(given) ? Number(given) : Number.NaN;
    if (amount >= min && amount <= max) return amount;
    return problems.add(path, `must be ${range}, but is ${shown(value)}`);
  });
}

/** True or false. */
export const flag = (): Property =>
  property((value, path, problems) => {
    const given = textOf(value)?.toLowerCase();
    if (given === 'true' || given === 'false') return given === 'true';
    return problems.add(path, `must be true or false, but is ${shown(value)}`);
  });

/** Anything, kept as it is: policy documents. */
export const any = (): Property => property((value) => value);

/** A list of one kind. */
export const list = (of: Property): Property =>
  property((value, path, problems) => {
    if (!Array.isArray(value)) return problems.add(path, `must be a list, but is ${shown(value)}`);
    return value.map((item, index) => checked(of, item as Value, `${path}.${index}`, problems));
  });

/** Names of the author's choice, values of one kind. */
export const map = (of: Property): Property =>
  property((value, path, problems) => {
    if (!isMapping(value)) return problems.add(path, `must be a mapping, but is ${shown(value)}`);
    return mapped(value, (item, key) => checked(of, item, `${path}.${key}`, problems));
  });

/** Named properties. */
export const object = (inner: Properties): Property => ({
  ...property((value, path, problems) => {
    if (!isMapping(value)) return problems.add(path, `must be a mapping, but is ${shown(value)}`);
    return checkedProperties(value, inner, path, problems);
  }),
  inner,
});

/** Must be given. */
export const required = (of: Property): Property => ({ ...of, isRequired: true });
/** Accepted, without effect here, because … */
export const inert = (of: Property, why: string): Property => ({ ...of, effect: 'inert', why });
/** Not accepted, because … */
export const refused = (why: string): Property => ({ ...any(), effect: 'refused', why });
/** Values that are legal on AWS and refused here, each because … */
export const except = (of: Property, refusedValues: Readonly<Record<string, string>>): Property => ({
  ...of,
  refusedValues,
});
/** Decides which other properties there may be. */
export const deciding = (of: Property): Property => ({ ...of, decides: true });
/** What the service takes when it is not given. */
export const byDefault = (of: Property, otherwise: Json): Property => ({ ...of, otherwise });
/** A change makes another resource. */
export const createOnly = (of: Property): Property => ({ ...of, isCreateOnly: true });
/** The Ref of a resource of the type. */
export const ref = ({ type }: { readonly type: string }): Target => ({ type, attribute: 'Ref' });
/** The ARN of a resource of the type. */
export const arn = ({ type }: { readonly type: string }): Target => ({ type, attribute: 'Arn' });
/** The same property under several names. */
export const all = (names: readonly string[], of: Property): Properties =>
  Object.fromEntries(names.map((name) => [name, of]));

const LABEL = 'a label';
/** Text for people: names nothing. */
export const label = inert(text(), LABEL);
/** Tags as a list of `Key` and `Value`; those of a few types are a mapping. */
export const tags: Property = { ...inert(any(), LABEL), tags: 'list' };
export const mappedTags: Property = { ...tags, tags: 'map' };

/** Reasons that several types share. */
export const IAM = 'permissions are not evaluated locally';
export const LOGS = 'the local stage writes no CloudWatch logs';
export const ENCRYPTION = 'nothing is encrypted at rest locally';
export const ONE_WAY = 'routes of the local stage are one-way: clients hear only of failures';
export const NO_PERMISSIONS = inert(any(), IAM);

/** Checks a mapping of properties: unknown and refused names, missing ones, and every value. */
export function checkedProperties(
  given: ValueMapping,
  known: Properties,
  path: string,
  problems: Reported,
): ValueMapping {
  const deciding = Object.keys(given).filter(
    (name) => known[name]?.decides && refusalOf(given[name]!, known[name]),
  );
  for (const name of deciding) checked(known[name]!, given[name]!, `${path}.${name}`, problems);
  if (deciding.length > 0) return mapped(given, () => UNKNOWN);
  for (const [name, { isRequired }] of Object.entries(known)) {
    if (isRequired && !Object.hasOwn(given, name)) problems.add(path, `needs the property ${name}`);
  }
  return mapped(given, (value, name) =>
    Object.hasOwn(known, name)
      ? checked(known[name]!, value, `${path}.${name}`, problems)
      : problems.add(`${path}.${name}`, unknownProperty(known)),
  );
}

function checked(property: Property, value: Value, path: string, problems: Reported): Value {
  if (property.effect === 'refused') return problems.add(path, `not supported locally: ${property.why}`);
  const refusal = refusalOf(value, property);
  if (refusal !== undefined)
    return problems.add(path, `${shown(value)} is not supported locally: ${refusal}`);
  return value === UNKNOWN ? value : property.check(value, path, problems);
}

function refusalOf(value: Value, { refusedValues }: Property): string | undefined {
  const given = textOf(value) ?? '';
  return Object.hasOwn(refusedValues, given) ? refusedValues[given] : undefined;
}

function unknownProperty(known: Properties): string {
  const names = Object.keys(known).filter((name) => known[name]?.effect !== 'refused');
  return `unknown property; known here: ${names.join(', ')}`;
}

function mapped(given: ValueMapping, change: (value: Value, name: string) => Value): ValueMapping {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, change(value, name)]));
}
