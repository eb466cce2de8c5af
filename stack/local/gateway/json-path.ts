/**
 * JSONPath as API Gateway's templates use it, by the rules of Jayway's library: members, elements, slices, wildcards, deep
 * scans and filters. A path that can lead to one value only is definite and gives that value; any other gives a list. What
 * else Jayway has (functions other than `length()`, placeholders, some filter operators) is refused by name.
 */
import { compareNumbers } from '../velocity/java/numbers.ts';
import { equals } from '../velocity/java/objects.ts';
import { isNumber, JavaList, type JavaValue } from '../velocity/java/values.ts';
import { parseJson } from '../velocity/json.ts';

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

type Value = JavaValue | undefined;
type Operand = (item: JavaValue, root: JavaValue) => Value;

/** Reads a path that starts at the root; null when it is not supported. */
type PathCompiler = (path: string) => ((root: JavaValue) => Value) | null;

const OPERATOR = /\s*(==|!=|<=|>=|<|>|in\b|nin\b)\s*/y;
const PATH = /([@$])((?:\.[\w-]+|\[\d+\]|\['[^']*'\])*)/y;
const LITERAL =
  /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true\b|false\b|null\b|\[[^\]]*\]/y;

/** The condition of a JSONPath filter: `[?(@.price < 10 && @.name == 'x')]`. */
class FilterReader {
  readonly #text: string;
  readonly #compile: PathCompiler;
  position: number;

  constructor(text: string, position: number, compile: PathCompiler) {
    this.#text = text;
    this.#compile = compile;
    this.position = position;
  }

  whole(): Test | null {
    if (this.#take(/\[\s*\?\s*\(/y) === null) return null;
    const test = this.#alternatives();
    return test !== null && this.#take(/\s*\)\s*\]/y) !== null ? test : null;
  }

  #alternatives(): Test | null {
    let left = this.#conjunction();
    while (left !== null && this.#take(/\s*\|\|/y) !== null) {
      const [first, second] = [left, this.#conjunction()];
      left = second && ((item, root) => first(item, root) || second(item, root));
    }
    return left;
  }

  #conjunction(): Test | null {
    let left = this.#negation();
    while (left !== null && this.#take(/\s*&&/y) !== null) {
      const [first, second] = [left, this.#negation()];
      left = second && ((item, root) => first(item, root) && second(item, root));
    }
    return left;
  }

  #negation(): Test | null {
    if (this.#take(/\s*!(?!=)/y) !== null) {
      const test = this.#negation();
      return test && ((item, root) => !test(item, root));
    }
    if (this.#take(/\s*\(/y) === null) return this.#comparison();
    const test = this.#alternatives();
    return this.#take(/\s*\)/y) === null ? null : test;
  }

  #comparison(): Test | null {
    const left = this.#operand();
    if (left === null) return null;
    const operator = this.#take(OPERATOR)?.[1];
    if (operator === undefined) return (item, root) => left(item, root) !== undefined;
    const right = this.#operand();
    return right && ((item, root) => holds(operator, left(item, root), right(item, root)));
  }

  #operand(): Operand | null {
    this.#take(/\s*/y);
    const path = this.#take(PATH);
    if (path !== null) {
      const read = this.#compile(`$${path[2]}`);
      return read && (path[1] === '@' ? (item) => read(item) : (_item, root) => read(root));
    }
    const literal = this.#take(LITERAL);
    if (literal === null) return null;
    try {
      const value = parseJson(
        literal[0].replace(/'((?:[^'\\]|\\.)*)'/g, (_, text) => JSON.stringify(text.replace(/\\(.)/g, '$1'))),
      );
      return () => value;
    } catch {
      return null;
    }
  }

  #take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.position;
    const match = token.exec(this.#text);
    if (match !== null) this.position = token.lastIndex;
    return match;
  }
}

function holds(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return same(left, right);
    case '!=':
      return !same(left, right);
    case 'in':
      return isIn(left, right);
    case 'nin':
      return !isIn(left, right);
    default:
      return isOrdered(operator, left, right);
  }
}

function isIn(item: Value, list: Value): boolean {
  return list instanceof JavaList && list.items.some((one) => same(one, item));
}

function same(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return left === right;
  return isNumber(left) && isNumber(right) ? compareNumbers(left, right) === 0 : equals(left, right);
}

function isOrdered(operator: string, left: Value, right: Value): boolean {
  const order = orderOf(left, right);
  if (order === null) return false;
  if (order === 0) return operator === '<=' || operator === '>=';
  return order < 0 === operator.startsWith('<');
}

function orderOf(left: Value, right: Value): number | null {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right);
  if (left === undefined || right === undefined || !isNumber(left) || !isNumber(right)) return null;
  return compareNumbers(left, right);
}

/** The filter at a position and where it ends; null when there is none, or not one that is supported. */
function parseFilter(
  text: string,
  position: number,
  compile: PathCompiler,
): { readonly test: Test; readonly end: number } | null {
  const reader = new FilterReader(text, position, compile);
  const test = reader.whole();
  return test && { test, end: reader.position };
}
