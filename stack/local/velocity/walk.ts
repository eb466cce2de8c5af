/** What statements and expressions of a template are made of. */
import type { Block, Expression, Statement } from './syntax-tree.ts';

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
