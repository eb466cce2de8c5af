/**
 * Parses templates as Velocity 1.7 does, blanks included. A directive takes the line end behind its closing
 * parenthesis, `#else`, `#end` and comments theirs, `#set` the blanks before it when nothing else stands between it
 * and the token before.
 */
import { TemplateSyntaxError } from './expression-parser.ts';
import type { Block, Branch, Expression, Macro, Statement, Template } from './syntax-tree.ts';
import { addText, BLOCK_ENDS, DIRECTIVE, REFUSED, TextParser } from './text-parser.ts';

const SET = /[ \t]*#(?:set|\{set\}) *\(/y;
const CLOSE = /\)(?:[ \t]*(?:\r\n|\n|\r))?/y;
const LINE_COMMENT = /##[^\r\n]*(?:\r\n|\n|\r)?/y;
const COMMENT = /#\*[\s\S]*?\*#/y;
const RAW = /#\[\[([\s\S]*?)\]\]#/y;
const LINE_END = /[ \t]*(?:\r\n|\n|\r)/y;
const OPEN = /[ \t\r\n]*\(/y;

class TemplateParser extends TextParser {
  whole(): Block {
    const body = this.#block();
    if (!this.cursor.isAtEnd) this.cursor.fail('#end or #else without a block');
    return body;
  }

  protected override interpolated(text: string, line: number): Block {
    return new TemplateParser(text, line, this.macros).whole();
  }

  /** Statements up to the end of the block, or of the template. */
  #block(): Block {
    const statements: Statement[] = [];
    while (!this.cursor.isAtEnd) {
      if (this.cursor.take(SET) !== null) statements.push(this.#set());
      else if (this.after !== 'text' && this.trailing(statements)) continue;
      else if (this.cursor.char === '#') {
        if (this.#isBlockEnd()) break;
        this.#hash(statements);
      } else {
        this.plain(statements);
        this.afterHash = false;
      }
    }
    return statements;
  }

  #isBlockEnd(): boolean {
    return BLOCK_ENDS.has(this.nextDirective());
  }

  #hash(statements: Statement[]): void {
    const { cursor } = this;
    if (this.after === 'property' && cursor.sees(/##/y))
      cursor.fail('Velocity reads no comment right behind a property; put a blank before it');
    // A comment of several lines and a raw block leave the state as it is.
    if (cursor.take(COMMENT) !== null) return;
    const raw = cursor.take(RAW);
    if (raw !== null) {
      addText(statements, raw[1] ?? '');
      return;
    }
    if (this.after !== 'text') this.leave();
    if (cursor.take(LINE_COMMENT) !== null) return;
    if (cursor.sees(/#\*|#\[\[/y)) cursor.fail('the comment or raw block that starts here has no end');
    const start = cursor.position;
    const match = cursor.take(DIRECTIVE);
    if (match === null) {
      cursor.position += 1;
      if (cursor.isAtEnd) cursor.fail('Velocity refuses a template that ends in #', start);
      addText(statements, '#');
      this.afterHash = true;
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
    if (this.after !== 'text') this.leave();
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
    if (!this.macros.has(name)) this.macros.set(name, { parameters, body });
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
