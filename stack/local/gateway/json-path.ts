/**
 * JSONPath as API Gateway's templates use it, by the rules of Jayway's library: members, elements, slices, wildcards, deep
 * scans and filters. A path that can lead to one value only is definite and gives that value; any other gives a list. What
 * else Jayway has (functions other than `length()`, placeholders, some filter operators) is refused by name.
 */
import { JavaList, type JavaValue } from '../velocity/java/values.ts';
import { parseFilter } from './json-path-filter.ts';

type Test = (item: JavaValue, root: JavaValue) => boolean;

type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'members'; readonly names: readonly string[] }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'elements'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'all' }
  | { readonly kind: 'deep' }
  | { readonly kind: 'filter'; readonly test: Test }
  | { readonly kind: 'length' };

/** A path, from the root. */
export interface JsonPath {
  readonly steps: readonly PathStep[];
  /** Whether it leads to one value at most. */
  readonly isDefinite: boolean;
}

const MEMBER = /\.?(?:\*|([^\s.[\]()*?@$'",:]+))/y;
const QUOTED =
  /\[\s*((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*)\s*\]/y;
const NAME = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g;
const INDEXES = /\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]/y;
const SLICE = /\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*\]/y;
const STAR = /\[\s*\*\s*\]/y;
const LENGTH = /\.(?:length|size)\(\)$/y;

const DEFINITE: ReadonlySet<PathStep['kind']> = new Set(['member', 'element', 'length']);

class PathReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonPath | null {
    if (this.#text.startsWith('$')) this.#position = 1;
    const steps: PathStep[] = [];
    while (this.#position < this.#text.length) {
      const found = this.#step(steps.length === 0 && this.#position === 0);
      if (found === null) return null;
      steps.push(...found);
    }
    return { steps, isDefinite: steps.every(({ kind }) => DEFINITE.has(kind)) };
  }

  /** The next steps; null when there is none that is known. */
  #step(isFirst: boolean): PathStep[] | null {
    if (this.#text.startsWith('..', this.#position)) {
      this.#position += this.#text[this.#position + 2] === '[' ? 2 : 1;
      const next = this.#step(false);
      return next === null ? null : [{ kind: 'deep' }, ...next];
    }
    if (this.#take(LENGTH) !== null) return [{ kind: 'length' }];
    if (this.#text[this.#position] === '[') return this.#bracketed();
    if (!isFirst && this.#text[this.#position] !== '.') return null;
    const member = this.#take(MEMBER);
    if (member === null || this.#text[this.#position] === '(') return null;
    return [member[1] === undefined ? { kind: 'all' } : { kind: 'member', name: member[1] }];
  }

  #bracketed(): PathStep[] | null {
    const quoted = this.#take(QUOTED);
    if (quoted !== null) return [membersOf(quoted[1] ?? '')];
    const indexes = this.#take(INDEXES);
    if (indexes !== null) return [elementsOf((indexes[1] ?? '').split(',').map(Number))];
    const slice = this.#take(SLICE);
    if (slice !== null) return [{ kind: 'slice', from: numberOf(slice[1]), to: numberOf(slice[2]) }];
    if (this.#take(STAR) !== null) return [{ kind: 'all' }];
    return this.#filter();
  }

  #filter(): PathStep[] | null {
    const filter = parseFilter(this.#text, this.#position, (path) => {
      const parsed = parseJsonPath(path);
      return parsed === null ? null : (root) => valueAt(root, parsed);
    });
    if (filter === null) return null;
    this.#position = filter.end;
    return [{ kind: 'filter', test: filter.test }];
  }

  #take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.#position;
    const match = token.exec(this.#text);
    if (match !== null) this.#position = token.lastIndex;
    return match;
  }
}

function membersOf(list: string): PathStep {
  const names = [...list.matchAll(NAME)].map(([, single, double]) =>
    (single ?? double ?? '').replace(/\\(.)/g, '$1'),
  );
  return names.length === 1 ? { kind: 'member', name: names[0] ?? '' } : { kind: 'members', names };
}

function elementsOf(indexes: readonly number[]): PathStep {
  return indexes.length === 1 ? { kind: 'element', index: indexes[0] ?? 0 } : { kind: 'elements', indexes };
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

/** Reads a path; null when it is not one, or uses what is not supported. */
export function parseJsonPath(text: string): JsonPath | null {
  return text === '' ? null : new PathReader(text).read();
}

/** The value of a definite path, undefined when there is none; the list of values of any other. */
export function valueAt(root: JavaValue, { steps, isDefinite }: JsonPath): JavaValue | undefined {
  if (!isDefinite) return new JavaList(found([root], steps, root), 'JSONArray');
  let value: JavaValue | undefined = root;
  for (const step of steps) {
    if (value === undefined) return undefined;
    value = childOf(value, step);
  }
  return value;
}

/** The one value that a step of a definite path leads to. */
function childOf(value: JavaValue, step: PathStep): JavaValue | undefined {
  switch (step.kind) {
    case 'member':
      return value instanceof Map ? value.get(step.name) : undefined;
    case 'element':
      return value instanceof JavaList ? value.items.at(step.index) : undefined;
    case 'length':
      return lengthOf(value);
    default:
      return undefined;
  }
}

function lengthOf(value: JavaValue): JavaValue | undefined {
  if (value instanceof JavaList) return value.items.length;
  return value instanceof Map ? value.size : undefined;
}

function found(values: readonly JavaValue[], steps: readonly PathStep[], root: JavaValue): JavaValue[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [...values];
  const next = values.flatMap((value) =>
    step.kind === 'deep' ? descendants(value) : childrenOf(value, step, root),
  );
  return found(next, rest, root);
}

function descendants(value: JavaValue): JavaValue[] {
  if (value instanceof Map) return [value, ...[...value.values()].flatMap(descendants)];
  return value instanceof JavaList ? [value, ...value.items.flatMap(descendants)] : [];
}

function childrenOf(value: JavaValue, step: PathStep, root: JavaValue): JavaValue[] {
  switch (step.kind) {
    case 'members':
      return value instanceof Map
        ? [
            new Map(
              step.names.filter((name) => value.has(name)).map((name) => [name, value.get(name) ?? null]),
            ),
          ]
        : [];
    case 'elements':
      return value instanceof JavaList
        ? step.indexes.map((index) => value.items.at(index)).filter((item) => item !== undefined)
        : [];
    case 'slice':
      return value instanceof JavaList ? value.items.slice(step.from ?? 0, step.to ?? undefined) : [];
    case 'all':
      return itemsOf(value);
    case 'filter':
      return (value instanceof JavaList ? value.items : [value]).filter((item) => step.test(item, root));
    default: {
      const child = childOf(value, step);
      return child === undefined ? [] : [child];
    }
  }
}

function itemsOf(value: JavaValue): JavaValue[] {
  if (value instanceof JavaList) return [...value.items];
  return value instanceof Map ? [...value.values()] : [];
}
