/**
 * Parses templates as Velocity 1.7 does, blanks included. A directive takes the line end behind its closing
 * parenthesis, `#else`, `#end` and comments theirs, `#set` the blanks before it when nothing else stands between it
 * and the token before.
 */
import { ExpressionParser, TemplateSyntaxError } from './expression-parser.ts';
import type { Block, Branch, Escape, Expression, Macro, Statement, Template } from './syntax-tree.ts';

const SET = /[ \t]*#(?:set|\{set\}) *\(/y;
const TEXT = /[^$#\\]+/y;
const CLOSE = /\)(?:[ \t]*(?:\r\n|\n|\r))?/y;
const LINE_COMMENT = /##[^\r\n]*(?:\r\n|\n|\r)?/y;
const COMMENT = /#\*[\s\S]*?\*#/y;
const RAW = /#\[\[([\s\S]*?)\]\]#/y;
const DIRECTIVE = /#(?:([A-Za-z_@][\w@]*)|\{([A-Za-z_][\w@]*)\})/y;
const LINE_END = /[ \t]*(?:\r\n|\n|\r)/y;
const OPEN = /[ \t\r\n]*\(/y;
const ESCAPED_DIRECTIVE = /((?:\\\\)*)\\#(?:([A-Za-z_@][\w@]*)|\{([A-Za-z_][\w@]*)\})/y;
const BACKSLASHED_REFERENCE = /(\\*)\$/y;
const BLOCK_ENDS: ReadonlySet<string> = new Set(['end', 'else', 'elseif']);
/** Directives that a mapping template has no use for: they read files, or run text as a template. */
const REFUSED = ['include', 'parse', 'evaluate', 'literal'];
/** Directives that Velocity has: a backslash takes the meaning off them, and off the template's macros. */
const KNOWN: ReadonlySet<string> = new Set([
  ...BLOCK_ENDS,
  ...REFUSED,
  ...'if set foreach macro define break stop'.split(' '),
]);

class TemplateParser extends ExpressionParser {
  readonly #macros: Map<string, Macro>;
  /**
   * What the last token was part of, since what follows a reference is read by other rules: a brace is a token of its own
   * there, and a name. Velocity's lexer stays in this state until other text comes.
   */
  #after: 'text' | 'reference' | 'property' = 'text';
  /** Whether the lexer falls back to the state after a property, because a reference followed one at once. */
  #isStale = false;
  /** Whether the last token was a # of the text. */
  #afterHash = false;

  constructor(text: string, firstLine: number, macros: Map<string, Macro>) {
    super(text, firstLine);
    this.#macros = macros;
  }

  whole(): Block {
    const body = this.#block();
    if (!this.cursor.isAtEnd) this.cursor.fail('#end or #else without a block');
    return body;
  }

  protected override interpolated(text: string, line: number): Block {
    return new TemplateParser(text, line, this.#macros).whole();
  }

  /** Statements up to the end of the block, or of the template. */
  #block(): Block {
    const statements: Statement[] = [];
    while (!this.cursor.isAtEnd) {
      if (this.cursor.take(SET) !== null) statements.push(this.#set());
      else if (this.#after !== 'text' && this.#trailing(statements)) continue;
      else if (this.cursor.char === '#') {
        if (this.#isBlockEnd()) break;
        this.#hash(statements);
      } else {
        this.#plain(statements);
        this.#afterHash = false;
      }
    }
    return statements;
  }

  #isBlockEnd(): boolean {
    return BLOCK_ENDS.has(this.#nextDirective());
  }

  /** After a reference a brace is a token of its own, and a name that follows a call is one too, whose members get lost. */
  #trailing(statements: Statement[]): boolean {
    if ((this.#after === 'property' || this.#isStale) && this.cursor.char === '(')
      this.cursor.fail('Velocity misreads a ( right behind a property and a reference or an index');
    const brace = this.cursor.take(/[{}]/y)?.[0];
    if (brace !== undefined) {
      if (brace === '{' && this.cursor.sees(/\\*\$|[A-Za-z_]/y))
        this.cursor.fail(
          'Velocity misreads a { between a reference and this; put braces around the name of the reference',
        );
      if (brace === '}') this.#leave();
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
  #leave(): void {
    this.#after = this.#isStale ? 'property' : 'text';
    this.#isStale = false;
  }

  #plain(statements: Statement[]): void {
    const { cursor } = this;
    if (this.#afterHash && cursor.char === '\\')
      cursor.fail('Velocity misreads #\\; write the # as a variable');
    if (cursor.sees(BACKSLASHED_REFERENCE)) {
      this.#dollar(statements);
      return;
    }
    this.#after = 'text';
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
      this.#after = sign.endsWith('{') ? 'reference' : 'text';
      if (sign.endsWith('{') && cursor.sees(/[\\$]/y))
        cursor.fail('Velocity misreads the ${ before this', start);
      return;
    }
    const reference = this.reference();
    if (this.#afterHash && cursor.sees(/[\w@{#]/y))
      cursor.fail(`Velocity misreads what follows #${reference.source}; write the # as a variable`);
    const marks: Escape = {
      backslashes: '\\'.repeat(backslashes >> 1),
      isEscaped: backslashes % 2 === 1,
      prefix,
    };
    statements.push({ kind: 'output', reference, marks });
    this.#isStale ||= this.#after === 'property';
    const last = reference.steps.findLast(({ kind }) => kind !== 'index');
    if (reference.source.endsWith('}') && /^\$!?\{/.test(reference.source)) this.#leave();
    else this.#after = last?.kind === 'property' ? 'property' : 'reference';
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
    const isHalved = this.#isDirective(this.#nextDirective());
    addText(statements, isHalved ? pairs.slice(pairs.length / 2) : pairs);
  }

  /** Name of the directive that stands here, without taking it; empty when there is none. */
  #nextDirective(): string {
    DIRECTIVE.lastIndex = this.cursor.position;
    const match = DIRECTIVE.exec(this.cursor.text);
    return match?.[1] ?? match?.[2] ?? '';
  }

  #isDirective(name: string): boolean {
    return KNOWN.has(name) || this.#macros.has(name);
  }

  #hash(statements: Statement[]): void {
    const { cursor } = this;
    if (this.#after === 'property' && cursor.sees(/##/y))
      cursor.fail('Velocity reads no comment right behind a property; put a blank before it');
    // A comment of several lines and a raw block leave the state as it is.
    if (cursor.take(COMMENT) !== null) return;
    const raw = cursor.take(RAW);
    if (raw !== null) {
      addText(statements, raw[1] ?? '');
      return;
    }
    if (this.#after !== 'text') this.#leave();
    if (cursor.take(LINE_COMMENT) !== null) return;
    if (cursor.sees(/#\*|#\[\[/y)) cursor.fail('the comment or raw block that starts here has no end');
    const start = cursor.position;
    const match = cursor.take(DIRECTIVE);
    if (match === null) {
      cursor.position += 1;
      if (cursor.isAtEnd) cursor.fail('Velocity refuses a template that ends in #', start);
      addText(statements, '#');
      this.#afterHash = true;
      return;
    }
    const statement = this.#directive(match[1] ?? match[2] ?? '', start);
    if (statement !== null) statements.push(statement);
  }

  #directive(name: string, start: number): Statement | null {
    if (REFUSED.includes(name)) this.cursor.fail(`#${name} is not supported in a mapping template`, start);
    switch (name) {
      case 'if':
        return this.#if();
      case 'foreach':
        return this.#foreach();
      case 'macro':
        return this.#macro();
      case 'define':
        return this.#define();
      case 'break':
        return { kind: 'break', scope: this.#optionalArguments()[0] ?? null };
      case 'stop':
        this.#optionalArguments();
        return { kind: 'stop' };
      default:
        return this.#call(name, start);
    }
  }

  #set(): Statement {
    const { cursor } = this;
    const line = cursor.lineAt(cursor.position);
    this.blank();
    const target = this.reference();
    this.blank();
    cursor.expect(/=(?!=)/y, '=');
    const value = this.expression();
    cursor.expect(CLOSE, ')');
    if (target.source.includes('{') && target.steps.length === 0)
      cursor.fail(`Velocity doesn't set ${target.source}; write it without braces`);
    return { kind: 'set', target, value, line };
  }

  #if(): Statement {
    const branches: Branch[] = [];
    let otherwise: Block = [];
    for (let word = 'if'; word !== 'end'; word = this.#blockEnd()) {
      if (word === 'else') {
        otherwise = this.#block();
        if (this.#blockEnd() !== 'end') this.cursor.fail('expected #end');
        break;
      }
      branches.push({ condition: this.#condition(), body: this.#block() });
    }
    return { kind: 'if', branches, otherwise };
  }

  #condition(): Expression {
    this.cursor.expect(OPEN, '(');
    const condition = this.expression();
    this.cursor.expect(CLOSE, ')');
    return condition;
  }

  /** Takes `#end`, `#else` or `#elseif`: its name. */
  #blockEnd(): string {
    const match = this.cursor.expect(DIRECTIVE, '#end');
    const name = match[1] ?? match[2] ?? '';
    if (name !== 'elseif') this.cursor.take(LINE_END);
    if (this.#after !== 'text') this.#leave();
    return name;
  }

  #bodyToEnd(): Block {
    const body = this.#block();
    if (this.#blockEnd() !== 'end') this.cursor.fail('expected #end');
    return body;
  }

  #foreach(): Statement {
    this.cursor.expect(OPEN, '(');
    this.blank();
    const { root, steps } = this.reference();
    this.blank();
    if (steps.length > 0 || this.word() !== 'in') this.cursor.fail('expected #foreach($name in list)');
    this.blank();
    const list = this.argument();
    if (list === null) this.cursor.fail('expected #foreach($name in list)');
    this.blank();
    this.cursor.expect(CLOSE, ')');
    return { kind: 'foreach', variable: root, list, body: this.#bodyToEnd() };
  }

  #define(): Statement {
    const [target, ...more] = this.#arguments();
    if (target?.kind !== 'reference' || target.steps.length > 0 || more.length > 0)
      this.cursor.fail('expected #define($name)');
    return { kind: 'define', name: target.root, body: this.#bodyToEnd() };
  }

  #macro(): null {
    this.cursor.expect(OPEN, '(');
    this.blank();
    const name = this.word();
    if (name === null) this.cursor.fail('expected #macro(name $parameter …)');
    const parameters = this.#argumentsToClose().map((parameter) => {
      if (parameter.kind !== 'reference' || parameter.steps.length > 0)
        this.cursor.fail('expected #macro(name $parameter …)');
      return parameter.root;
    });
    const body = this.#bodyToEnd();
    if (!this.#macros.has(name)) this.#macros.set(name, { parameters, body });
    return null;
  }

  #call(name: string, start: number): Statement {
    const isBlock = name.startsWith('@');
    const args = this.#optionalArguments();
    const source = this.cursor.text.slice(start, this.cursor.position);
    const body = isBlock && source.includes('(') ? this.#bodyToEnd() : null;
    return { kind: 'call', name: name.replace(/^@/, ''), args, body, source };
  }

  #optionalArguments(): Expression[] {
    return this.cursor.sees(OPEN) ? this.#arguments() : [];
  }

  #arguments(): Expression[] {
    this.cursor.expect(OPEN, '(');
    return this.#argumentsToClose();
  }

  /** Values, with or without commas between them, and the closing parenthesis. */
  #argumentsToClose(): Expression[] {
    const args: Expression[] = [];
    for (;;) {
      this.cursor.take(/[ \t\r\n]*(?:,[ \t\r\n]*)?/y);
      const arg = this.argument();
      if (arg === null) break;
      args.push(arg);
    }
    this.cursor.expect(CLOSE, 'a value or )');
    return args;
  }
}

function addText(statements: Statement[], text: string): void {
  const last = statements.at(-1);
  if (last?.kind === 'text') statements[statements.length - 1] = { kind: 'text', text: last.text + text };
  else if (text !== '') statements.push({ kind: 'text', text });
}

/** Parses a template. Throws a {@link TemplateSyntaxError} that names the line. */
export function parseTemplate(text: string): Template {
  const macros = new Map<string, Macro>();
  try {
    return { body: new TemplateParser(text, 1, macros).whole(), macros };
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateSyntaxError('the template is nested too deeply');
    throw error;
  }
}
