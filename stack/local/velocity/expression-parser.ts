/**
 * Parses references, literals and operators within directives. Tokens are those of Velocity 1.7's grammar, so that
 * `-1` is one token after `$a ` (an error there as well) and `$a-b` is one name.
 */
import { integerFrom } from './java/numbers.ts';
import { JavaDouble } from './java/values.ts';
import type { BinaryOperator, Block, Expression, Reference, Step } from './syntax-tree.ts';

const BLANK = /[ \t\r\n]*/y;
const NAME = /[A-Za-z_][\w-]*/y;
const DOT = /\.(?=[A-Za-z])(?!(?:true|false)(?![\w-]))/y;
const DOLLAR = /\$(!?)(\{?)(?=[A-Za-z_])/y;
const STRING = /"(?:[^"]|"")*"|'(?:[^']|'')*'/y;
const FLOAT = /-?\d+\.(?!\.)\d*(?:[eE][+-]?\d+)?|-?\.\d+(?:[eE][+-]?\d+)?|-?\d+[eE][+-]?\d+/y;
const INTEGER = /-?\d+/y;
const WORD = /[A-Za-z_@][\w@]*/y;
const NOT = /!(?!=)|not(?![\w@])/y;

/** Operators by how strongly they bind, weakest first. */
const OPERATORS: readonly RegExp[] = [
  /\|\||or(?![\w@])/y,
  /&&|and(?![\w@])/y,
  /==|!=|(?:eq|ne)(?![\w@])/y,
  /<=|>=|<|>|(?:le|ge|lt|gt)(?![\w@])/y,
  /\+|-(?!\d|\.\d)/y,
  /[*/%]/y,
];

const SPELLED: Readonly<Record<string, BinaryOperator>> = {
  or: '||',
  and: '&&',
  eq: '==',
  ne: '!=',
  le: '<=',
  ge: '>=',
  lt: '<',
  gt: '>',
};

export abstract class ExpressionParser {
  protected readonly cursor: Cursor;

  constructor(text: string, firstLine: number) {
    this.cursor = new Cursor(text, firstLine);
  }

  /** Parses the text of a double-quoted literal. */
  protected abstract interpolated(text: string, line: number): Block;

  protected expression(level = 0): Expression {
    const operator = OPERATORS[level];
    if (operator === undefined) return this.#unary();
    const start = this.cursor.position;
    let left = this.expression(level + 1);
    for (let token = this.cursor.take(operator); token !== null; token = this.cursor.take(operator)) {
      const right = this.expression(level + 1);
      const spelled = SPELLED[token[0]] ?? (token[0] as BinaryOperator);
      left = { kind: 'binary', operator: spelled, left, right, source: this.#source(start) };
    }
    return left;
  }

  #source(start: number): string {
    return this.cursor.text.slice(start, this.cursor.position).trim();
  }

  #unary(): Expression {
    this.blank();
    const start = this.cursor.position;
    if (this.cursor.take(NOT) !== null) {
      const operand = this.#unary();
      return { kind: 'not', operand, source: this.#source(start) };
    }
    const value = this.cursor.take(/\(/y) === null ? this.#operand() : this.#parenthesised();
    this.blank();
    return value;
  }

  #parenthesised(): Expression {
    const value = this.expression();
    this.cursor.expect(/\)/y, ')');
    return value;
  }

  #operand(): Expression {
    return this.argument() ?? (this.cursor.expect(/(?!)/y, 'a value') as never);
  }

  protected blank(): void {
    this.cursor.take(BLANK);
  }

  /** A value without operators; null when none stands here. */
  protected argument(): Expression | null {
    const { cursor } = this;
    const start = cursor.position;
    const char = cursor.char;
    if (char === '$') return this.reference();
    if (char === '[') return this.#list();
    if (char === '{') return this.#map();
    const string = cursor.take(STRING);
    if (string !== null) return this.#literal(string[0], start);
    const float = cursor.take(FLOAT);
    if (float !== null)
      return { kind: 'constant', value: new JavaDouble(Number(float[0])), source: float[0] };
    const integer = cursor.take(INTEGER);
    if (integer !== null) return { kind: 'constant', value: integerFrom(integer[0]), source: integer[0] };
    const word = cursor.take(/(?:true|false)(?![\w@-])/y);
    return word === null ? null : { kind: 'constant', value: word[0] === 'true', source: word[0] };
  }

  protected word(): string | null {
    return this.cursor.take(WORD)?.[0] ?? null;
  }

  #literal(source: string, start: number): Expression {
    const quote = source.charAt(0);
    let text = source.slice(1, -1);
    if (quote === '"') text = text.replace(/\\u(.{4})/gs, (_, digits) => this.#character(digits, start));
    text = text.replaceAll(quote + quote, quote);
    if (quote === "'" || !/[$#]/.test(text)) return { kind: 'constant', value: text, source };
    const hasComment = text.includes('##');
    const body = this.interpolated(hasComment ? text : `${text} `, this.cursor.lineAt(start));
    const isPlain = body.every(({ kind }) => kind === 'text');
    if (!isPlain) return { kind: 'interpolated', body, dropsLast: !hasComment, source };
    const plain = body.map((statement) => (statement.kind === 'text' ? statement.text : '')).join('');
    return { kind: 'constant', value: hasComment ? plain : plain.slice(0, -1), source };
  }

  #character(digits: string, start: number): string {
    if (!/^[\da-fA-F]{4}$/.test(digits)) this.cursor.fail(`\\u${digits} is not a character`, start);
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #list(): Expression {
    const start = this.cursor.position;
    this.cursor.position += 1;
    const first = this.#parameter();
    if (first === null) {
      this.cursor.expect(/\]/y, ']');
      return { kind: 'list', items: [], source: this.#source(start) };
    }
    if (this.cursor.take(/\.\./y) !== null) {
      const to = this.#required();
      this.cursor.expect(/\]/y, ']');
      return { kind: 'range', from: first, to, source: this.#source(start) };
    }
    const items = [first];
    while (this.cursor.take(/,/y) !== null) items.push(this.#required());
    this.cursor.expect(/\]/y, ', or ]');
    return { kind: 'list', items, source: this.#source(start) };
  }

  #map(): Expression {
    const start = this.cursor.position;
    this.cursor.position += 1;
    const entries: [Expression, Expression][] = [];
    for (let key = this.#parameter(); key !== null; key = this.#required()) {
      this.cursor.expect(/:/y, ':');
      entries.push([key, this.#required()]);
      if (this.cursor.take(/,/y) === null) break;
    }
    this.cursor.expect(/\}/y, ', or }');
    return { kind: 'map', entries, source: this.#source(start) };
  }

  #parameter(): Expression | null {
    this.blank();
    const value = this.argument();
    if (value !== null) this.blank();
    return value;
  }

  #required(): Expression {
    return this.#parameter() ?? (this.cursor.expect(/(?!)/y, 'a value') as never);
  }

  /** The reference that stands here, from its `$`. */
  protected reference(): Reference {
    const { cursor } = this;
    const start = cursor.position;
    const [, bang, brace] = cursor.expect(DOLLAR, 'a reference');
    const root = cursor.expect(NAME, 'a name')[0];
    if (root === 'true' || root === 'false') cursor.fail(`$${root} is not a reference`, start);
    const steps = this.#steps();
    if (brace !== '') cursor.expect(/\}/y, '}');
    const source = cursor.text.slice(start, cursor.position);
    return { kind: 'reference', root, steps, isQuiet: bang !== '', source, line: cursor.lineAt(start) };
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.cursor.char === '[') steps.push(this.#index());
      else if (this.cursor.take(DOT) !== null) steps.push(this.#member());
      else return steps;
    }
  }

  #index(): Step {
    this.cursor.position += 1;
    const index = this.#required();
    const isAllowed =
      index.kind === 'reference' || index.kind === 'interpolated' || index.kind === 'constant';
    if (!isAllowed) this.cursor.fail('an index is a number, a text or a reference');
    this.cursor.expect(/\]/y, ']');
    return { kind: 'index', index };
  }

  #member(): Step {
    const name = this.cursor.expect(NAME, 'a name')[0];
    if (this.cursor.take(/\(/y) === null) return { kind: 'property', name };
    const args: Expression[] = [];
    const first = this.#parameter();
    if (first !== null) {
      args.push(first);
      while (this.cursor.take(/,/y) !== null) args.push(this.#required());
    }
    this.cursor.expect(/\)/y, ', or ) (arguments have no operators)');
    return { kind: 'method', name, args };
  }
}

// A place in a template's text, and what stands there.

/** A template is not one, or has what is not supported. The message begins with the line. */
export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError';
}

class Cursor {
  readonly text: string;
  position = 0;
  readonly #firstLine: number;

  /** The text starts at a line of the template, counted from 1. */
  constructor(text: string, firstLine: number) {
    this.text = text;
    this.#firstLine = firstLine;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  get char(): string {
    return this.text.charAt(this.position);
  }

  /** Takes what a sticky pattern matches here; null, and nothing is taken, when it doesn't. */
  take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.position;
    const match = token.exec(this.text);
    if (match !== null) this.position = token.lastIndex;
    return match;
  }

  sees(token: RegExp): boolean {
    token.lastIndex = this.position;
    return token.test(this.text);
  }

  /** Takes the token or fails, saying what was expected. */
  expect(token: RegExp, what: string): RegExpExecArray {
    return this.take(token) ?? this.fail(`expected ${what}, found ${this.#found()}`);
  }

  lineAt(position: number): number {
    return this.#firstLine + (this.text.slice(0, position).match(/\r\n|\n|\r/g)?.length ?? 0);
  }

  fail(reason: string, position: number = this.position): never {
    throw new TemplateSyntaxError(`line ${this.lineAt(position)}: ${reason}`);
  }

  #found(): string {
    if (this.isAtEnd) return 'the end of the template';
    return JSON.stringify(this.text.slice(this.position, this.position + 20).split(/[\r\n]/)[0]);
  }
}
