/**
 * Evaluates the expressions of one request over its metrics. An expression may refer to any query by id, wherever it
 * stands, but not to itself by any way round; each is evaluated once.
 */
import { ExpressionError } from './expression-error.ts';
import { type Filler, filled, type Range, total } from './functions.ts';
import type { Tree } from './tree.ts';
import { type Dropped, mapped, operate, type Series, type SeriesArray, type Value } from './value.ts';

/**
 * Most series in an array, as many as a request can have metrics. Without a limit, a chain of expressions that each double
 * the one before would outgrow any memory.
 */
const ARRAY_SERIES = 500;

export interface EvaluatorOptions {
  /** The metrics of the request by id, in its order. */
  readonly metrics: ReadonlyMap<string, Series>;
  readonly expressions: ReadonlyMap<string, Tree>;
  readonly range: Range;
}

/** An expression's result and how many datapoints were dropped on the way because they would be no number. */
export interface Outcome {
  readonly items: readonly Series[];
  /** Whether the result is an array of series rather than a single one. */
  readonly isArray: boolean;
  readonly dropped: number;
}

export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #values = new Map<string, { readonly value: Value; readonly dropped: Dropped }>();
  /** Expressions being evaluated, outermost first. */
  readonly #open: string[] = [];

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** The result of an expression. Throws an {@link ExpressionError}. */
  outcome(id: string): Outcome {
    const { value, dropped } = this.#evaluated(id);
    if (value.kind === 'scalar')
      throw new ExpressionError('The result must be a time series or an array of time series, not a scalar');
    const isArray = value.kind === 'array';
    return { items: isArray ? value.items : [value], isArray, dropped: dropped.count };
  }

  #evaluated(id: string) {
    const known = this.#values.get(id);
    if (known) return known;
    if (this.#open.includes(id))
      throw new ExpressionError(`The expressions refer to each other: ${[...this.#open, id].join(' → ')}`);
    this.#open.push(id);
    const dropped = { count: 0 };
    try {
      const evaluated = { value: this.#value(this.#options.expressions.get(id)!, dropped), dropped };
      this.#values.set(id, evaluated);
      return evaluated;
    } finally {
      this.#open.pop();
    }
  }

  #value(tree: Tree, dropped: Dropped): Value {
    switch (tree.kind) {
      case 'number':
        return { kind: 'scalar', value: tree.value };
      case 'reference':
        return this.#referenced(tree.id);
      case 'negation':
        return negated(this.#value(tree.operand, dropped));
      case 'operation':
        return operate(
          tree.operator,
          this.#value(tree.left, dropped),
          this.#value(tree.right, dropped),
          dropped,
        );
      case 'array':
        return arrayOf(tree.items.map((item) => this.#value(item, dropped)));
      case 'call':
        return this.#called(tree, dropped);
      case 'text':
      case 'word':
        throw new ExpressionError(`Invalid syntax at '${tree.text}'`);
    }
  }

  #referenced(id: string): Value {
    const metric = this.#options.metrics.get(id);
    if (metric) return metric;
    if (!this.#options.expressions.has(id)) throw new ExpressionError(`There is no query with the Id ${id}`);
    return this.#evaluated(id).value;
  }

  #called({ name, operands }: Extract<Tree, { kind: 'call' }>, dropped: Dropped): Value {
    const [first, second] = operands;
    const [least, most] = name === 'METRICS' ? [0, 1] : name === 'FILL' ? [2, 2] : [1, 1];
    if (operands.length < least || operands.length > most)
      throw new ExpressionError(`The function ${name} does not take ${operands.length} operands`);
    switch (name) {
      case 'METRICS':
        return this.#metricsNamed(first);
      case 'FILL':
        return filled(this.#value(first!, dropped), this.#filler(second!, dropped), this.#options.range);
      case 'SUM':
      case 'AVG':
        return total(name, this.#value(first!, dropped));
    }
  }

  /** The metrics whose id contains the text, or all. */
  #metricsNamed(tree: Tree | undefined): SeriesArray {
    if (tree !== undefined && tree.kind !== 'text')
      throw new ExpressionError('The operand of METRICS must be a text in quotes');
    const part = tree?.text ?? '';
    const found = [...this.#options.metrics].filter(([id]) => id.includes(part));
    return { kind: 'array', items: found.map(([, series]) => series) };
  }

  #filler(tree: Tree, dropped: Dropped): Filler {
    if (tree.kind !== 'word') return this.#value(tree, dropped);
    if (tree.text === 'REPEAT' || tree.text === 'LINEAR') return tree.text;
    throw new ExpressionError(`Unsupported filler for FILL: ${tree.text}`);
  }
}

function negated(value: Value): Value {
  if (value.kind === 'scalar') return { kind: 'scalar', value: -value.value };
  if (value.kind === 'array') return mapped(value, negated);
  const points = [...value.points].map(([timestamp, one]): [number, number] => [timestamp, -one]);
  return { ...value, points: new Map(points) };
}

/** An array of series, in which arrays dissolve. */
function arrayOf(members: readonly Value[]): SeriesArray {
  const items: Series[] = [];
  for (const member of members) {
    if (member.kind === 'scalar') throw new ExpressionError('An array holds time series only, not scalars');
    items.push(...(member.kind === 'array' ? member.items : [member]));
    if (items.length > ARRAY_SERIES)
      throw new ExpressionError(`An array holds at most ${ARRAY_SERIES} time series`);
  }
  return { kind: 'array', items };
}
