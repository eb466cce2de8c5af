/**
 * Mutations of a source: every small mistake of a kind that can be made mechanically, found in its syntax tree. A
 * comparison gets its boundary moved and is turned round; conditions, booleans and increments are turned round; what is
 * added is subtracted, and what is ±1 left out; a statement that assigns or calls is left out. Offsets of fields, which
 * are constants in capitals, are left alone: they are names and not arithmetic.
 */
import ts from 'typescript';

export interface Mutation {
  readonly line: number;
  /** The line, without what surrounds it. */
  readonly code: string;
  /** The text it replaces, and what with. */
  readonly text: string;
  readonly replacement: string;
  /** The source with it. */
  readonly mutant: string;
}

interface Edit {
  readonly node: ts.Node;
  readonly replacement: string;
}

const { SyntaxKind } = ts;

/** What an operator is replaced with. */
const OPERATORS: Partial<Record<ts.SyntaxKind, readonly string[]>> = {
  [SyntaxKind.LessThanToken]: ['<=', '>='],
  [SyntaxKind.LessThanEqualsToken]: ['<', '>'],
  [SyntaxKind.GreaterThanToken]: ['>=', '<='],
  [SyntaxKind.GreaterThanEqualsToken]: ['>', '<'],
  [SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [SyntaxKind.AmpersandAmpersandToken]: ['||'],
  [SyntaxKind.BarBarToken]: ['&&'],
  [SyntaxKind.AmpersandToken]: ['|'],
  [SyntaxKind.BarToken]: ['&'],
  [SyntaxKind.PlusToken]: ['-'],
  [SyntaxKind.MinusToken]: ['+'],
};

/** All mutations of a source, in its order. */
export function mutationsOf(name: string, source: string): Mutation[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ES2023, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    edits.push(...editsOf(node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits.map(({ node, replacement }) => {
    const start = node.getStart(file);
    const { line } = file.getLineAndCharacterOfPosition(start);
    return {
      line: line + 1,
      code: source.split('\n')[line]!.trim(),
      text: node.getText(file),
      replacement,
      mutant: source.slice(0, start) + replacement + source.slice(node.getEnd()),
    };
  });
}

function editsOf(node: ts.Node): Edit[] {
  if (ts.isBinaryExpression(node)) return editsOfBinary(node);
  if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
    return [{ node, replacement: node.operand.getText() }];
  if (ts.isPostfixUnaryExpression(node)) return editsOfIncrement(node);
  if (ts.isIfStatement(node)) return editsOfCondition(node.expression);
  if (ts.isConditionalExpression(node)) return editsOfCondition(node.condition);
  if (node.kind === SyntaxKind.TrueKeyword) return [{ node, replacement: 'false' }];
  if (node.kind === SyntaxKind.FalseKeyword) return [{ node, replacement: 'true' }];
  if (ts.isExpressionStatement(node) && isEffect(node.expression)) return [{ node, replacement: ';' }];
  return [];
}

function editsOfBinary(node: ts.BinaryExpression): Edit[] {
  const [left, right] = [node.left.getText(), node.right.getText()];
  if (/^[A-Z_]+$/.test(right) && node.operatorToken.kind === SyntaxKind.PlusToken) return [];
  const operators = OPERATORS[node.operatorToken.kind] ?? [];
  const edits = operators.map((operator) => ({ node, replacement: `${left} ${operator} ${right}` }));
  const isArithmetic = [SyntaxKind.PlusToken, SyntaxKind.MinusToken].includes(node.operatorToken.kind);
  return isArithmetic && right === '1' ? [...edits, { node, replacement: left }] : edits;
}

function editsOfIncrement(node: ts.PostfixUnaryExpression): Edit[] {
  const operand = node.operand.getText();
  const other = node.operator === SyntaxKind.PlusPlusToken ? '--' : '++';
  return [
    { node, replacement: operand },
    { node, replacement: `${operand}${other}` },
  ];
}

/** Conditions that are no comparison: those are turned round by their operator. */
function editsOfCondition(condition: ts.Expression): Edit[] {
  const isName = ts.isIdentifier(condition) || ts.isPropertyAccessExpression(condition);
  return isName ? [{ node: condition, replacement: `!${condition.getText()}` }] : [];
}

function isEffect(expression: ts.Expression): boolean {
  if (ts.isCallExpression(expression)) return expression.expression.kind !== SyntaxKind.SuperKeyword;
  return (
    ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind >= SyntaxKind.FirstAssignment &&
    expression.operatorToken.kind <= SyntaxKind.LastAssignment
  );
}
