/**
 * Renders API Gateway mapping templates with velocityjs. A template is parsed once, when the stage starts, so a broken
 * one is refused then and rendering costs microseconds: velocityjs parses the text of every interpolated literal again
 * at each evaluation, which is why its parse is remembered here. What a client sends is data to a template: it is
 * inserted and never read as template text, and velocityjs's own `eval`, which would do that, is switched off.
 */
import { Compile, parse } from 'velocityjs';
import { parseJsonPath } from './json-path.ts';
import { QUOTE_VARIABLE, rewriteDoubledQuotes } from './vtl-quotes.ts';
import { InputVariable, type TemplateVariables, UtilVariable } from './vtl-variables.ts';

type Ast = ReturnType<typeof parse>;

const UTIL = new UtilVariable();

/** One rendering. velocityjs keeps state between renders (`#stop`, macros), so each render gets its own. */
class Rendering extends Compile {
  readonly #literals: Map<string, Ast>;

  constructor(template: Ast, literals: Map<string, Ast>) {
    super(template, { escape: false });
    this.#literals = literals;
  }

  /** Evaluates a double-quoted literal: its text is template text, the same at every rendering. */
  protected override evalStr(text: string): string {
    let ast = this.#literals.get(text);
    if (ast === undefined) {
      ast = parse(text);
      this.#literals.set(text, ast);
    }
    return this.renderAstList(ast, this.contextId);
  }

  /** Macro bodies, which are parsed already, come through here; text would be a client's chance to run templates. */
  protected override eval(code: string, ...rest: [local?: object]): string {
    if (typeof code === 'string') throw new Error('eval is not part of the mapping template language');
    return super.eval(code, ...rest);
  }
}

const LITERAL_PATH = /\.(?:json|path)\(\s*(['"])(\$.*?)\1\s*\)/g;

function refuseUnsupportedPaths(template: string): void {
  for (const [, , path = ''] of template.matchAll(LITERAL_PATH)) {
    if (parseJsonPath(path) === null) {
      throw new Error(`JSONPath ${path} is not supported: members and array elements only`);
    }
  }
}

/** A parsed template. */
export class MappingTemplate {
  readonly #ast: Ast;
  /** Parses of interpolated literals, by their text. All come from the template, so there are as many as it has. */
  readonly #literals = new Map<string, Ast>();

  /** Throws an Error with the parser's message and position when the text is not a template, or names a path in vain. */
  constructor(text: string) {
    refuseUnsupportedPaths(text);
    this.#ast = parse(rewriteDoubledQuotes(text));
  }

  /** The rendered text. Throws what the template's own calls throw, such as parseJson on text that is not JSON. */
  render(variables: TemplateVariables): string {
    return new Rendering(this.#ast, this.#literals).render({
      context: variables.context,
      input: new InputVariable(variables.body),
      util: UTIL,
      stageVariables: variables.stageVariables,
      [QUOTE_VARIABLE]: '"',
    });
  }
}
