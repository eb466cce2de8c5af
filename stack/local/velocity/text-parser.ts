/** Parses the text between the directives of a template, with the references in it, as Velocity 1.7 does. */
import { ExpressionParser } from './expression-parser.ts';
import type { Escape, Macro, Statement } from './syntax-tree.ts';

const TEXT = /[^$#\\]+/y;
export const DIRECTIVE = /#(?:([A-Za-z_@][\w@]*)|\{([A-Za-z_][\w@]*)\})/y;
const ESCAPED_DIRECTIVE = /((?:\\\\)*)\\#(?:([A-Za-z_@][\w@]*)|\{([A-Za-z_][\w@]*)\})/y;
const BACKSLASHED_REFERENCE = /(\\*)\$/y;
export const BLOCK_ENDS: ReadonlySet<string> = new Set(['end', 'else', 'elseif']);
/** Directives that a mapping template has no use for: they read files, or run text as a template. */
export const REFUSED = ['include', 'parse', 'evaluate', 'literal'];
/** Directives that Velocity has: a backslash takes the meaning off them, and off the template's macros. */
const KNOWN: ReadonlySet<string> = new Set([
  ...BLOCK_ENDS,
  ...REFUSED,
  ...'if set foreach macro define break stop'.split(' '),
]);

export abstract class TextParser extends ExpressionParser {
  protected readonly macros: Map<string, Macro>;
  /**
   * What the last token was part of, since what follows a reference is read by other rules: a brace is a token of its own
   * there, and a name. Velocity's lexer stays in this state until other text comes.
   */
  protected after: 'text' | 'reference' | 'property' = 'text';
  /** Whether the lexer falls back to the state after a property, because a reference followed one at once. */
  #isStale = false;
  /** Whether the last token was a # of the text. */
  protected afterHash = false;

  constructor(text: string, firstLine: number, macros: Map<string, Macro>) {
    super(text, firstLine);
    this.macros = macros;
  }

  /** After a reference a brace is a token of its own, and a name that follows a call is one too, whose members get lost. */
  protected trailing(statements: Statement[]): boolean {
    if ((this.after === 'property' || this.#isStale) && this.cursor.char === '(')
      this.cursor.fail('Velocity misreads a ( right behind a property and a reference or an index');
    const brace = this.cursor.take(/[{}]/y)?.[0];
    if (brace !== undefined) {
      if (brace === '{' && this.cursor.sees(/\\*\$|[A-Za-z_]/y))
        this.cursor.fail(
          'Velocity misreads a { between a reference and this; put braces around the name of the reference',
        );
      if (brace === '}') this.leave();
      addText(statements, brace);
      return true;
    }
    const name = this.cursor.take(/[A-Za-z_][\w-]*/y)?.[0];
    if (name === undefined) {
      if (this.cursor.sees(/\[|\.[A-Za-z]/y))
        this.cursor.fail('Velocity misreads this right behind a reference');
      return false;
    }
    if (this.cursor.sees(/\.[A-Za-z]|\[/y) || name === 'true' || name === 'false')
      this.cursor.fail(
        `Velocity misreads "${name}" right behind a call; put the reference into braces: \${…}`,
      );
    addText(statements, name);
    return true;
  }

  /** Goes back to the state before the reference. */
  protected leave(): void {
    this.after = this.#isStale ? 'property' : 'text';
    this.#isStale = false;
  }

  protected plain(statements: Statement[]): void {
    const { cursor } = this;
    if (this.afterHash && cursor.char === '\\')
      cursor.fail('Velocity misreads #\\; write the # as a variable');
    if (cursor.sees(BACKSLASHED_REFERENCE)) {
      this.#dollar(statements);
      return;
    }
    this.after = 'text';
    this.#isStale = false;
    const text = cursor.take(TEXT)?.[0];
    if (text !== undefined) addText(statements, text);
    else if (cursor.sees(ESCAPED_DIRECTIVE)) this.#escapedDirective(statements);
    else this.#backslashes(statements);
  }

  #dollar(statements: Statement[]): void {
    const { cursor } = this;
    const start = cursor.position;
    const backslashes = cursor.take(/\\*/y)?.[0].length ?? 0;
    const prefix = cursor.take(/(?:\$!?(?=\\*\$))*/y)?.[0] ?? '';
    if (cursor.sees(/\$\\+!|\\|\$!?#/y))
      cursor.fail('Velocity misreads a $ before this; write it as a variable', start);
    if (!cursor.sees(/\$!?\{?[A-Za-z_]/y)) {
      const sign = cursor.expect(/\$(?:[.[]|!\[|!?\{?)/y, '$')[0];
      if (cursor.isAtEnd) cursor.fail('Velocity refuses a template that ends in $', start);
      // Of "$!" before anything else Velocity prints the $ only.
      addText(statements, '\\'.repeat(backslashes) + prefix + (sign === '$!' ? '$' : sign));
      this.after = sign.endsWith('{') ? 'reference' : 'text';
      if (sign.endsWith('{') && cursor.sees(/[\\$]/y))
        cursor.fail('Velocity misreads the ${ before this', start);
      return;
    }
    const reference = this.reference();
    if (this.afterHash && cursor.sees(/[\w@{#]/y))
      cursor.fail(`Velocity misreads what follows #${reference.source}; write the # as a variable`);
    const marks: Escape = {
      backslashes: '\\'.repeat(backslashes >> 1),
      isEscaped: backslashes % 2 === 1,
      prefix,
    };
    statements.push({ kind: 'output', reference, marks });
    this.#isStale ||= this.after === 'property';
    const last = reference.steps.findLast(({ kind }) => kind !== 'index');
    if (reference.source.endsWith('}') && /^\$!?\{/.test(reference.source)) this.leave();
    else this.after = last?.kind === 'property' ? 'property' : 'reference';
  }

  #escapedDirective(statements: Statement[]): void {
    const [source, pairs = '', plain, braced] = this.cursor.expect(ESCAPED_DIRECTIVE, 'a directive');
    const isKnown = this.#isDirective(plain ?? braced ?? '');
    addText(statements, isKnown ? pairs.slice(pairs.length / 2) + source.slice(pairs.length + 1) : source);
  }

  #backslashes(statements: Statement[]): void {
    const pairs = this.cursor.take(/(?:\\\\)+/y)?.[0];
    if (pairs === undefined) {
      this.cursor.position += 1;
      addText(statements, '\\');
      return;
    }
    const isHalved = this.#isDirective(this.nextDirective());
    addText(statements, isHalved ? pairs.slice(pairs.length / 2) : pairs);
  }

  /** Name of the directive that stands here, without taking it; empty when there is none. */
  protected nextDirective(): string {
    DIRECTIVE.lastIndex = this.cursor.position;
    const match = DIRECTIVE.exec(this.cursor.text);
    return match?.[1] ?? match?.[2] ?? '';
  }

  #isDirective(name: string): boolean {
    return KNOWN.has(name) || this.macros.has(name);
  }
}

export function addText(statements: Statement[], text: string): void {
  const last = statements.at(-1);
  if (last?.kind === 'text') statements[statements.length - 1] = { kind: 'text', text: last.text + text };
  else if (text !== '') statements.push({ kind: 'text', text });
}
