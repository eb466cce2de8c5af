/**
 * Evaluates JSONPath as API Gateway's templates use it, by the rules of Jayway's library. A path that can lead to one
 * value only is definite and gives that value; any other gives a list. Functions other than `length()`, placeholders
 * and some filter operators are refused by name.
 */

import { parseJson } from '../velocity/java/json.ts';
import { compareNumbers } from '../velocity/java/numbers.ts';
import { equals } from '../velocity/java/objects.ts';
import { isNumber, JavaList, type JavaValue } from '../velocity/java/values.ts';

type Value = JavaValue | undefined;
type Test = (item: JavaValue, root: JavaValue) => boolean;
type Operand = (item: JavaValue, root: JavaValue) => Value;

/** From a value to the next: to one at most, or to any number. */
type Step =
  | { readonly one: (value: JavaValue) => Value }
  | { readonly many: (value: JavaValue, root: JavaValue) => readonly JavaValue[] };

export interface JsonPath {
  /** From the root. */
  readonly steps: readonly Step[];
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

const OPERATOR = /\s*(==|!=|<=|>=|<|>|in\b|nin\b)\s*/y;
const OPERAND_PATH = /([@$])((?:\.[\w-]+|\[\d+\]|\['[^']*'\])*)/y;
const LITERAL =
  /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true\b|false\b|null\b|\[[^\]]*\]/y;

const itemsOf = (value: JavaValue): readonly JavaValue[] => {
  if (value instanceof JavaList) return value.items;
  return value instanceof Map ? [...value.values()] : [];
};

const member = (name: string): Step => ({
  one: (value) => (value instanceof Map ? value.get(name) : undefined),
});

const members = (names: readonly string[]): Step => ({
  many: (value) => {
    if (!(value instanceof Map)) return [];
    return [new Map(names.filter((name) => value.has(name)).map((name) => [name, value.get(name) ?? null]))];
  },
});

const element = (index: number): Step => ({
  one: (value) => (value instanceof JavaList ? value.items.at(index) : undefined),
});

/** Of a list only: some of its items. */
const some = (choose: (items: readonly JavaValue[]) => readonly Value[]): Step => ({
  many: (value) =>
    value instanceof JavaList ? choose(value.items).filter((item) => item !== undefined) : [],
});

const ALL: Step = { many: itemsOf };

const DEEP: Step = {
  many: function descendants(value): JavaValue[] {
    const isInner = value instanceof Map || value instanceof JavaList;
    return isInner ? [value, ...itemsOf(value).flatMap((item) => descendants(item))] : [];
  },
};

const SIZE: Step = {
  one: (value) => {
    if (value instanceof JavaList) return value.items.length;
    return value instanceof Map ? value.size : undefined;
  },
};

const filter = (test: Test): Step => ({
  many: (value, root) =>
    (value instanceof JavaList ? value.items : [value]).filter((item) => test(item, root)),
});

/** Reads a path, with the conditions of its filters: `[?(@.price < 10 && @.name == 'x')]`. Null stands for what is not known. */
class PathReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonPath | null {
    if (this.#text.startsWith('$')) this.#position = 1;
    const steps: Step[] = [];
    while (this.#position < this.#text.length) {
      const found = this.#step(steps.length === 0 && this.#position === 0);
      if (found === null) return null;
      steps.push(...found);
    }
    return { steps, isDefinite: steps.every((step) => 'one' in step) };
  }

  #step(isFirst: boolean): Step[] | null {
    if (this.#text.startsWith('..', this.#position)) {
      this.#position += this.#text[this.#position + 2] === '[' ? 2 : 1;
      const next = this.#step(false);
      return next && [DEEP, ...next];
    }
    if (this.#take(LENGTH) !== null) return [SIZE];
    if (this.#text[this.#position] === '[') {
      const step = this.#bracketed();
      return step && [step];
    }
    if (!isFirst && this.#text[this.#position] !== '.') return null;
    const found = this.#take(MEMBER);
    if (found === null || this.#text[this.#position] === '(') return null;
    return [found[1] === undefined ? ALL : member(found[1])];
  }

  #bracketed(): Step | null {
    const quoted = this.#take(QUOTED)?.[1];
    if (quoted !== undefined) {
      const names = [...quoted.matchAll(NAME)].map(([, single, double]) => unescaped(single ?? double ?? ''));
      return names.length === 1 ? member(names[0] ?? '') : members(names);
    }
    const indexes = this.#take(INDEXES)?.[1]?.split(',').map(Number);
    if (indexes !== undefined)
      return indexes.length === 1
        ? element(indexes[0] ?? 0)
        : some((items) => indexes.map((index) => items.at(index)));
    const slice = this.#take(SLICE);
    if (slice !== null) {
      const [from = 0, to] = slice.slice(1).map((text) => (text === undefined ? undefined : Number(text)));
      return some((items) => items.slice(from, to));
    }
    if (this.#take(STAR) !== null) return ALL;
    if (this.#take(/\[\s*\?\s*\(/y) === null) return null;
    const test = this.#alternatives();
    return test !== null && this.#take(/\s*\)\s*\]/y) !== null ? filter(test) : null;
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
    const found = this.#take(OPERAND_PATH);
    if (found !== null) {
      const path = parseJsonPath(`$${found[2]}`);
      return path && ((item, root) => valueAt(found[1] === '@' ? item : root, path));
    }
    const literal = this.#take(LITERAL);
    if (literal === null) return null;
    try {
      const value = parseJson(
        literal[0].replace(/'((?:[^'\\]|\\.)*)'/g, (_, text) => JSON.stringify(unescaped(text))),
      );
      return () => value;
    } catch {
      return null;
    }
  }

  #take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.#position;
    const match = token.exec(this.#text);
    if (match !== null) this.#position = token.lastIndex;
    return match;
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function holds(operator: string, left: Value, right: Value): boolean {
  const isIn = () => right instanceof JavaList && right.items.some((one) => same(one, left));
  switch (operator) {
    case '==':
      return same(left, right);
    case '!=':
      return !same(left, right);
    case 'in':
      return isIn();
    case 'nin':
      return !isIn();
    default: {
      const order = orderOf(left, right);
      if (order === 0) return operator.endsWith('=');
      return order !== null && order < 0 === operator.startsWith('<');
    }
  }
}

function same(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return left === right;
  return isNumber(left) && isNumber(right) ? compareNumbers(left, right) === 0 : equals(left, right);
}

function orderOf(left: Value, right: Value): number | null {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right);
  if (left === undefined || right === undefined || !isNumber(left) || !isNumber(right)) return null;
  return compareNumbers(left, right);
}

/** Reads a path; null when it is not one, or uses what is not supported. */
export function parseJsonPath(text: string): JsonPath | null {
  return text === '' ? null : new PathReader(text).read();
}

/** The value of a definite path, undefined when there is none; the list of values of any other. */
export function valueAt(root: JavaValue, { steps, isDefinite }: JsonPath): Value {
  if (!isDefinite) return new JavaList([...allAt(root, steps)], 'JSONArray');
  let value: Value = root;
  for (const step of steps) {
    if (value === undefined) return undefined;
    value = 'one' in step ? step.one(value) : undefined;
  }
  return value;
}

function allAt(root: JavaValue, steps: readonly Step[]): readonly JavaValue[] {
  let values: readonly JavaValue[] = [root];
  for (const step of steps)
    values = values.flatMap((value) => {
      if ('many' in step) return step.many(value, root);
      const child = step.one(value);
      return child === undefined ? [] : [child];
    });
  return values;
}
