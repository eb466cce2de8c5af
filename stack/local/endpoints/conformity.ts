/**
 * Checks a decoded input against its schema. The SDK's codecs trust what they read; AWS refuses text where a number
 * belongs, and so do we, which lets an action take the SDK's types at their word. Lengths and patterns are not in the
 * clients' schemas.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from './service-model.ts';

export class NonconformityError extends Error {
  readonly kind: 'type' | 'missing';

  constructor(kind: 'type' | 'missing', message: string) {
    super(message);
    this.kind = kind;
  }
}

type StructSchema = readonly [
  kind: number,
  ns: string,
  name: string,
  traits: unknown,
  members: string[],
  schemas: SchemaRef[],
  requiredCount?: number,
];

/** Throws a {@link NonconformityError} at the first member that is not of its schema, or is required and not there. */
export function checkConformity(schema: NormalizedSchema, value: unknown, path = ''): void {
  if (schema.isUnitSchema() || schema.isDocumentSchema()) return;
  if (schema.isStructSchema()) checkStruct(schema, value, path);
  else if (schema.isListSchema()) checkList(schema, value, path);
  else if (schema.isMapSchema()) checkMap(schema, value, path);
  else checkSimple(schema, value, path);
}

function checkStruct(schema: NormalizedSchema, value: unknown, path: string): void {
  const struct = wanted(isPlainObject(value), value, 'a structure', path) as Record<string, unknown>;
  for (const [name, member] of schema.structIterator()) {
    if (struct[name] != null) checkConformity(member, struct[name], within(path, name));
  }
  // The required members of a structure come first in its schema.
  const [, , , , members, , requiredCount = 0] = schema.getSchema() as unknown as StructSchema;
  const missing = members.slice(0, requiredCount).find((name) => struct[name] == null);
  if (missing !== undefined) throw new NonconformityError('missing', missingText(within(path, missing)));
}

function checkList(schema: NormalizedSchema, value: unknown, path: string): void {
  const list = wanted(Array.isArray(value), value, 'a list', path) as unknown[];
  const item = schema.getValueSchema();
  for (const [index, each] of list.entries()) checkConformity(item, each, `${path}.${index + 1}.member`);
}

function checkMap(schema: NormalizedSchema, value: unknown, path: string): void {
  const map = wanted(isPlainObject(value), value, 'a map', path) as object;
  const item = schema.getValueSchema();
  for (const [key, each] of Object.entries(map)) checkConformity(item, each, `${path}.${key}`);
}

const SIMPLE: readonly [
  wants: (schema: NormalizedSchema) => boolean,
  is: (value: unknown) => boolean,
  string,
][] = [
  [
    (schema) => schema.isStringSchema(),
    (value) => typeof value === 'string' || value instanceof String,
    'a string',
  ],
  [(schema) => schema.isBooleanSchema(), (value) => typeof value === 'boolean', 'a boolean'],
  [(schema) => schema.isNumericSchema(), (value) => typeof value === 'number', 'a number'],
  [(schema) => schema.isBlobSchema(), (value) => value instanceof Uint8Array, 'a blob'],
  [
    (schema) => schema.isTimestampSchema(),
    (value) => value instanceof Date && !Number.isNaN(value.getTime()),
    'a timestamp',
  ],
];

function checkSimple(schema: NormalizedSchema, value: unknown, path: string): void {
  const simple = SIMPLE.find(([wants]) => wants(schema));
  if (simple !== undefined) wanted(simple[1](value), value, simple[2], path);
}

function wanted(fits: boolean, value: unknown, what: string, path: string): unknown {
  if (!fits) throw new NonconformityError('type', `Value at '${path || '.'}' is not ${what}`);
  return value;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array || value instanceof Date);
}

/** AWS's paths begin each name with a small letter: `records.1.member.partitionKey`. */
function within(path: string, name: string): string {
  const camel = name.charAt(0).toLowerCase() + name.slice(1);
  return path === '' ? camel : `${path}.${camel}`;
}

function missingText(path: string): string {
  return `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`;
}
