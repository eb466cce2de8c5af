/**
 * The part of JSONPath that mapping templates and selection expressions use: the root, members and array elements
 * (`$`, `$.a.b`, `$['a b']`, `$.list[0]`). Wildcards, filters and recursive descent are refused by name when the
 * template is read, because a path that silently matched nothing would look like an empty message.
 */
import type { Json } from '../template/resolved.ts';

/** Member names and array indexes, from the root. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/** Reads a path; null when it uses anything beyond members and elements. */
export function parseJsonPath(text: string): JsonPath | null {
  if (!text.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) return null;
    const [, member, index, single, double] = match;
    steps.push(index === undefined ? (member ?? single ?? double ?? '') : Number(index));
  }
  return steps;
}

/** The value at the path; undefined when there is none. */
export function valueAt(root: Json, path: JsonPath): Json | undefined {
  let value: Json | undefined = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as { readonly [key: string]: Json })[String(step)];
  }
  return value;
}
