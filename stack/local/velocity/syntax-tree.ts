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

/** Every statement, expression and step within, however deep; but not the variable of a `#set`, which is not evaluated. */
export function* nodesIn(part: unknown): Generator<Statement | Expression | Step> {
  if (typeof part !== 'object' || part === null) return;
  const node = part as Statement;
  if (node.kind !== undefined) yield node;
  const isPlainSet = node.kind === 'set' && node.target.steps.length === 0;
  for (const child of isPlainSet ? [node.value] : Object.values(part)) yield* nodesIn(child);
}
