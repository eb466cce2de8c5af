/** Cuts a metric math expression into numbers, names, quoted texts and symbols. */
import { ExpressionError } from './expression-error.ts';

export type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'end' };

/** One token and the space before it; each kind is a group. */
const TOKEN =
  /\s*(?:(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z]\w*)|(?<text>"[^"]*"|'[^']*')|(?<symbol>[<>=!]=|&&|\|\||[-+*/^()[\],<>]))/y;

/** The expression's tokens, the last one being the end. Throws an {@link ExpressionError}. */
export function tokensOf(expression: string): Token[] {
  const source = expression.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined)
      throw new ExpressionError(`Invalid syntax at '${source.slice(at).trimStart().slice(0, 20)}'`);
    tokens.push(tokenOf(groups));
  }
  return [...tokens, { kind: 'end' }];
}

function tokenOf({ number, name, text, symbol }: Record<string, string | undefined>): Token {
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  if (name !== undefined) return { kind: 'name', text: name };
  if (text !== undefined) return { kind: 'text', text: text.slice(1, -1) };
  return { kind: 'symbol', text: symbol! };
}
