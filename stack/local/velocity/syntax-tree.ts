/** A parsed template. */
import type { JavaNumber } from './java/values.ts';

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly reference: Reference; readonly marks: Escape }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Block }
  | { readonly kind: 'set'; readonly target: Reference; readonly value: Expression; readonly line: number }
  | { readonly kind: 'foreach'; readonly variable: string; readonly list: Expression; readonly body: Block }
  | { readonly kind: 'define'; readonly name: string; readonly body: Block }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly body: Block | null;
      readonly source: string;
    }
  | { readonly kind: 'break'; readonly scope: Expression | null }
  | { readonly kind: 'stop' };

export type Block = readonly Statement[];

export interface Branch {
  readonly condition: Expression;
  readonly body: Block;
}

export interface Macro {
  readonly parameters: readonly string[];
  readonly body: Block;
}

/** What stands before a reference in the text: half of its backslashes, whether they take its meaning off it, stray signs. */
export interface Escape {
  readonly backslashes: string;
  readonly isEscaped: boolean;
  readonly prefix: string;
}

export interface Reference {
  readonly kind: 'reference';
  readonly root: string;
  readonly steps: readonly Step[];
  readonly isQuiet: boolean;
  /** As the template has it. */
  readonly source: string;
  /** Line of the template, from 1. */
  readonly line: number;
}

export type Step =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'method'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'index'; readonly index: Expression };

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||';

export type Expression =
  | Reference
  /** A literal whose value never changes. */
  | { readonly kind: 'constant'; readonly value: string | boolean | JavaNumber; readonly source: string }
  | {
      readonly kind: 'interpolated';
      readonly body: Block;
      readonly dropsLast: boolean;
      readonly source: string;
    }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly source: string }
  | {
      readonly kind: 'map';
      readonly entries: readonly (readonly [Expression, Expression])[];
      readonly source: string;
    }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression; readonly source: string }
  | { readonly kind: 'not'; readonly operand: Expression; readonly source: string }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly source: string;
    };

export interface Template {
  readonly body: Block;
  readonly macros: ReadonlyMap<string, Macro>;
}

// What statements and expressions of a template are made of.

/** The statements within a statement. */
export function blocksOf(statement: Statement): readonly Block[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.branches.map(({ body }) => body), statement.otherwise];
    case 'foreach':
    case 'define':
      return [statement.body];
    case 'call':
      return statement.body === null ? [] : [statement.body];
    default:
      return [];
  }
}

/** The expressions that a statement evaluates itself. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'output':
      return [statement.reference];
    case 'if':
      return statement.branches.map(({ condition }) => condition);
    case 'set':
      // The target's own steps are evaluated too; a plain variable has none.
      return statement.target.steps.length > 0 ? [statement.target, statement.value] : [statement.value];
    case 'foreach':
      return [statement.list];
    case 'call':
      return statement.args;
    case 'break':
      return statement.scope === null ? [] : [statement.scope];
    default:
      return [];
  }
}

/** The expressions within an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'reference':
      return expression.steps.flatMap((step) =>
        step.kind === 'method' ? step.args : step.kind === 'index' ? [step.index] : [],
      );
    case 'list':
      return expression.items;
    case 'map':
      return expression.entries.flat();
    case 'range':
      return [expression.from, expression.to];
    case 'not':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    default:
      return [];
  }
}
