/** The condition of a JSONPath filter: `[?(@.price < 10 && @.name == 'x')]`. */

import { compareNumbers } from '../velocity/java/numbers.ts';
import { equals } from '../velocity/java/objects.ts';
import { isNumber, JavaList, type JavaValue } from '../velocity/java/values.ts';
import { parseJson } from '../velocity/json.ts';

type Value = JavaValue | undefined;
type Operand = (item: JavaValue, root: JavaValue) => Value;
type Test = (item: JavaValue, root: JavaValue) => boolean;

/** Reads a path that starts at the root; null when it is not supported. */
type PathCompiler = (path: string) => ((root: JavaValue) => Value) | null;

const OPERATOR = /\s*(==|!=|<=|>=|<|>|in\b|nin\b)\s*/y;
const PATH = /([@$])((?:\.[\w-]+|\[\d+\]|\['[^']*'\])*)/y;
const LITERAL =
  /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true\b|false\b|null\b|\[[^\]]*\]/y;

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
export function parseFilter(
  text: string,
  position: number,
  compile: PathCompiler,
): { readonly test: Test; readonly end: number } | null {
  const reader = new FilterReader(text, position, compile);
  const test = reader.whole();
  return test && { test, end: reader.position };
}
