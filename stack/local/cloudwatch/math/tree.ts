/**
 * Parses metric math: `+ - * /`, unary minus, parentheses, arrays in brackets, references to other queries by id, and
 * calls. Functions and operators that CloudWatch has and the local stage has not are refused by name ("Metric math syntax
 * and functions", CloudWatch user guide).
 */
import { ExpressionError } from './expression-error.ts';
import { type Token, tokensOf } from './token.ts';

export type Operator = '+' | '-' | '*' | '/';

export type FunctionName = 'SUM' | 'AVG' | 'FILL' | 'METRICS';

export type Tree =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  /** A name in capitals that is no call: REPEAT, LINEAR. */
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'array'; readonly items: readonly Tree[] }
  | { readonly kind: 'negation'; readonly operand: Tree }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Tree[] };

/** Longest expression (MetricDataQuery API reference), which also bounds how deeply one can nest. */
const EXPRESSION_LENGTH = 2_048;

const FUNCTIONS: readonly string[] = ['SUM', 'AVG', 'FILL', 'METRICS'] satisfies FunctionName[];
const SUMS: readonly string[] = ['+', '-'] satisfies Operator[];
const PRODUCTS: readonly string[] = ['*', '/'] satisfies Operator[];
/** Operators that CloudWatch has besides. */
const REFUSED: readonly string[] = ['^', '<', '>', '<=', '>=', '==', '!=', '&&', '||', 'AND', 'OR'];

/** Throws an {@link ExpressionError}. */
export function treeOf(expression: string): Tree {
  if (expression.length > EXPRESSION_LENGTH)
    throw new ExpressionError(`The expression is longer than ${EXPRESSION_LENGTH} characters`);
  if (/^\s*SELECT\s/i.test(expression))
    throw new ExpressionError('Metrics Insights queries (SELECT) are not supported by the local stage');
  return new Parser(tokensOf(expression)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Tree {
    const tree = this.#sum();
    if (this.#token.kind !== 'end') throw this.#unexpected();
    return tree;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #sum(): Tree {
    return this.#chain(SUMS, () => this.#product());
  }

  #product(): Tree {
    return this.#chain(PRODUCTS, () => this.#factor());
  }

  /** Operands joined by operators of one rank, which bind from the left. */
  #chain(operators: readonly string[], operand: () => Tree): Tree {
    let left = operand();
    for (let symbol = this.#takeOneOf(operators); symbol !== null; symbol = this.#takeOneOf(operators))
      left = { kind: 'operation', operator: symbol as Operator, left, right: operand() };
    return left;
  }

  #factor(): Tree {
    if (this.#takeOneOf(['-']) !== null) return { kind: 'negation', operand: this.#factor() };
    if (this.#takeOneOf(['(']) !== null) {
      const inner = this.#sum();
      this.#expect(')');
      return inner;
    }
    if (this.#takeOneOf(['[']) !== null) return { kind: 'array', items: this.#list(']') };
    return this.#leaf();
  }

  #leaf(): Tree {
    const token = this.#token;
    if (token.kind !== 'number' && token.kind !== 'text' && token.kind !== 'name') throw this.#unexpected();
    this.#at += 1;
    if (token.kind !== 'name') return token;
    if (this.#takeOneOf(['(']) !== null) return this.#call(token.text);
    return /^[a-z]/.test(token.text)
      ? { kind: 'reference', id: token.text }
      : { kind: 'word', text: token.text };
  }

  #call(name: string): Tree {
    if (!FUNCTIONS.includes(name))
      throw new ExpressionError(`The function ${name} is not supported by the local stage`);
    return { kind: 'call', name: name as FunctionName, operands: this.#list(')') };
  }

  #list(end: string): Tree[] {
    const items: Tree[] = [];
    if (this.#takeOneOf([end]) !== null) return items;
    do items.push(this.#sum());
    while (this.#takeOneOf([',']) !== null);
    this.#expect(end);
    return items;
  }

  #takeOneOf(symbols: readonly string[]): string | null {
    const token = this.#token;
    if (token.kind !== 'symbol' || !symbols.includes(token.text)) return null;
    this.#at += 1;
    return token.text;
  }

  #expect(symbol: string): void {
    if (this.#takeOneOf([symbol]) === null) throw this.#unexpected();
  }

  #unexpected(): ExpressionError {
    const token = this.#token;
    if (token.kind === 'end') return new ExpressionError('Invalid syntax: the expression is incomplete');
    const text = token.kind === 'number' ? String(token.value) : token.text;
    return REFUSED.includes(text)
      ? new ExpressionError(`The operator ${text} is not supported by the local stage`)
      : new ExpressionError(`Invalid syntax at '${text}'`);
  }
}
