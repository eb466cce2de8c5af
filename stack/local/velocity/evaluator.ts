/** Evaluates the expressions of a template as Velocity 1.7 does. */
import { callMethod, propertyOf } from './java/methods.ts';
import { calculate, compareNumbers, intValue, type Operation } from './java/numbers.ts';
import { classOf, equals, textOrNull } from './java/objects.ts';
import {
  HostObject,
  isNumber,
  JavaList,
  type JavaValue,
  MISSING,
  present,
  TemplateFailure,
} from './java/values.ts';
import { Scope } from './scope.ts';
import type { Block, Expression, Reference, Step } from './syntax-tree.ts';

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

export abstract class Evaluator {
  protected scope = new Scope();

  /** What the block prints. */
  protected abstract printed(block: Block): string;

  protected value(expression: Expression): JavaValue {
    switch (expression.kind) {
      case 'constant':
        return expression.value;
      case 'reference':
        return this.resolve(expression);
      case 'interpolated':
        return this.printed(expression.body).slice(0, expression.dropsLast ? -1 : undefined);
      case 'list':
        return new JavaList(expression.items.map((item) => this.value(item)));
      case 'map':
        return new Map(
          expression.entries.map(([key, value]) => [present(this.value(key)), this.value(value)]),
        );
      case 'range':
        return range(this.value(expression.from), this.value(expression.to));
      case 'not':
        return !this.isTrue(expression.operand);
      case 'binary':
        return this.#binary(expression);
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): JavaValue {
    if (operator === '&&') return this.isTrue(left) && this.isTrue(right);
    if (operator === '||') return this.isTrue(left) || this.isTrue(right);
    const [first, second] = [this.value(left), this.value(right)];
    if (operator === '==') return areEqual(first, second);
    if (operator === '!=') return !areEqual(first, second);
    const areNumbers = isNumber(first) && isNumber(second);
    const isOrdered = ORDERS[operator];
    if (isOrdered !== undefined) return areNumbers && isOrdered(compareNumbers(first, second));
    // With a string on either side it is put together, a null as it is written.
    const isText = typeof present(first) === 'string' || typeof present(second) === 'string';
    if (operator === '+' && isText)
      return (textOrNull(first) ?? left.source) + (textOrNull(second) ?? right.source);
    return areNumbers ? calculate(operator as Operation, first, second) : null;
  }

  /** A literal other than true is false in a condition, and so is the result of a calculation. */
  protected isTrue(expression: Expression): boolean {
    if (expression.kind === 'reference') {
      const value = this.resolve(expression);
      return typeof value === 'boolean' ? value : value !== MISSING && textOrNull(value) !== null;
    }
    return ['binary', 'not', 'constant'].includes(expression.kind) && this.value(expression) === true;
  }

  protected resolve({ root, steps }: Reference): JavaValue {
    return this.follow(this.scope.get(root), steps);
  }

  /** The value that steps lead to from another; null as soon as one leads to none. */
  protected follow(from: JavaValue, steps: readonly Step[]): JavaValue {
    let value = from;
    for (const step of steps) {
      if (value === null) return null;
      value = this.#step(value, step);
    }
    return value;
  }

  #step(target: NonNullable<JavaValue>, step: Step): JavaValue {
    if (step.kind === 'property') return propertyOf(target, step.name);
    if (step.kind === 'index') return callMethod(target, 'get', [this.indexOf(target, step.index)]) ?? null;
    const values = step.args.map((arg) => this.value(arg));
    return callMethod(target, step.name, values) ?? null;
  }

  /** A negative index counts from the end. */
  protected indexOf(target: NonNullable<JavaValue>, expression: Expression): JavaValue {
    const index = this.value(expression);
    if (typeof index !== 'number' || index >= 0) return index;
    const size = callMethod(target, 'size', []);
    if (typeof size === 'number') return size + index;
    throw new TemplateFailure(`[${index}] of a ${classOf(target)}, which has no size`);
  }
}

function range(from: JavaValue, to: JavaValue): JavaValue {
  if (!isNumber(from) || !isNumber(to)) return null;
  const start = intValue(from);
  const step = start >= intValue(to) ? -1 : 1;
  const length = Math.abs(intValue(to) - start) + 1;
  return new JavaList(Array.from({ length }, (_, index) => start + index * step));
}

/** Objects of different classes are equal when they print the same. */
function areEqual(first: JavaValue, second: JavaValue): boolean {
  const left = present(first);
  const right = present(second);
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (left !== null && right !== null && classOf(left) === classOf(right) && !(left instanceof HostObject))
    return equals(left, right);
  return textOrNull(left) === textOrNull(right);
}
