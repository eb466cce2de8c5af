/**
 * Calculates as Velocity 1.7 (`MathUtils`). Integers stay integers and widen from Integer to Long to BigInteger where
 * a result doesn't fit; anything with a Double is a Double. BigDecimal, which only a BigInteger and a Double together
 * would give, is refused.
 */
import { JavaBigInteger, JavaDouble, type JavaNumber, TemplateFailure } from './values.ts';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

export type Operation = '+' | '-' | '*' | '/' | '%';

function widthOf(value: JavaNumber): number {
  if (typeof value === 'number') return 0;
  return typeof value === 'bigint' ? 1 : 2;
}

/** The number as an integer of at least the width: 0 Integer, 1 Long, 2 BigInteger. */
export function integerOf(value: bigint, width: number): JavaNumber {
  if (width === 0 && value >= INT_MIN && value <= INT_MAX) return Number(value);
  if (width < 2 && BigInt.asIntN(64, value) === value) return value;
  return new JavaBigInteger(value);
}

/** The integer that digits stand for, as the smallest class that holds it. */
export function integerFrom(digits: string): JavaNumber {
  const value = Number(digits);
  if (value >= INT_MIN && value <= INT_MAX) return value === 0 ? 0 : value;
  return integerOf(BigInt(digits), 0);
}

function bigOf(value: JavaNumber): bigint {
  if (value instanceof JavaDouble) return BigInt(Math.trunc(value.value));
  return value instanceof JavaBigInteger ? value.value : BigInt(value);
}

function doubleOf(value: JavaNumber): number {
  if (value instanceof JavaDouble) return value.value;
  return Number(value instanceof JavaBigInteger ? value.value : value);
}

function isDecimal(left: JavaNumber, right: JavaNumber): boolean {
  const some = left instanceof JavaDouble || right instanceof JavaDouble;
  if (some && (left instanceof JavaBigInteger || right instanceof JavaBigInteger))
    throw new TemplateFailure('arithmetic of a BigInteger and a Double is not supported');
  return some;
}

const INTEGERS: Readonly<Record<Operation, (left: bigint, right: bigint) => bigint>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

const DOUBLES: Readonly<Record<Operation, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

/** The result; null for a division by zero, which Velocity leaves without one. */
export function calculate(operation: Operation, left: JavaNumber, right: JavaNumber): JavaNumber | null {
  const isDivision = operation === '/' || operation === '%';
  if (isDivision && doubleOf(right) === 0) return null;
  if (isDecimal(left, right)) return new JavaDouble(DOUBLES[operation](doubleOf(left), doubleOf(right)));
  const width = Math.max(widthOf(left), widthOf(right));
  const result = INTEGERS[operation](bigOf(left), bigOf(right));
  // BigInteger.mod gives no negative remainder, unlike the operator of the smaller classes.
  if (operation === '%' && width === 2 && result < 0n) return integerOf(result + bigOf(right), width);
  return integerOf(result, width);
}

/** Below, at or above zero as left is smaller, equal or greater; NaN is equal to everything, as Velocity has it. */
export function compareNumbers(left: JavaNumber, right: JavaNumber): number {
  if (isDecimal(left, right)) return order(doubleOf(left), doubleOf(right));
  return order(bigOf(left), bigOf(right));
}

function order<T extends number | bigint>(left: T, right: T): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

/** Number.intValue. */
export function intValue(value: JavaNumber): number {
  if (typeof value === 'number') return value;
  if (value instanceof JavaDouble) return Math.trunc(Math.min(Math.max(value.value, INT_MIN), INT_MAX)) || 0;
  return Number(BigInt.asIntN(32, bigOf(value)));
}

/** Number.longValue, except that a Double out of range is not clipped. */
export function longValue(value: JavaNumber): bigint {
  return BigInt.asIntN(64, bigOf(value));
}

/** Number.doubleValue. */
export function doubleValue(value: JavaNumber): JavaDouble {
  return value instanceof JavaDouble ? value : new JavaDouble(doubleOf(value));
}
