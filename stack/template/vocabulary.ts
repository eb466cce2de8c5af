/**
 * The words the type table is written in: shapes of properties, and the marks `required`, `inert`, `refused` and
 * `except`. A property is optional and takes effect unless marked.
 */
import type { Properties, Property, Shape } from './schema.ts';

const property = (shape: Shape): Property => ({
  shape,
  required: false,
  effect: 'effective',
  why: '',
  refusedValues: {},
});
/** A text within limits. */
export const text = (limits: Omit<Shape & { kind: 'text' }, 'kind'> = {}): Property =>
  property({ kind: 'text', ...limits });
/** A whole number within bounds, both included. */
export const integer = (min?: number, max?: number): Property =>
  property({ kind: 'integer', ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) });
/** A number of at least `min`. */
export const number = (min: number): Property => property({ kind: 'number', min });
/** True or false. */
export const flag = (): Property => property({ kind: 'flag' });
/** Anything, unexamined. */
export const any = (): Property => property({ kind: 'any' });
/** A list of one kind. */
export const list = (of: Property): Property => property({ kind: 'list', of: of.shape });
/** Names of the author's choice, values of one kind. */
export const map = (of: Property): Property => property({ kind: 'map', of: of.shape });
/** Named properties. */
export const object = (properties: Properties): Property => property({ kind: 'object', properties });
/** Must be given. */
export const required = (of: Property): Property => ({ ...of, required: true });
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
/** The same property under several names. */
export const all = (names: readonly string[], of: Property): Properties =>
  Object.fromEntries(names.map((name) => [name, of]));

const LABEL = 'a label';
/** Text for people: names nothing. */
export const label = inert(text(), LABEL);
export const tags = inert(any(), LABEL);

/** Reasons that several types share. */
export const IAM = 'permissions are not evaluated locally';
export const LOGS = 'the local stage writes no CloudWatch logs';
export const ENCRYPTION = 'nothing is encrypted at rest locally';
export const ONE_WAY = 'routes of the local stage are one-way: clients hear only of failures';
