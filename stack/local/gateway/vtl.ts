/**
 * Mapping templates: Velocity 1.7 with API Gateway's variables. A template is parsed and checked once, when the stage
 * starts; rendering costs microseconds. What a client sends is data to a template: it is inserted, and never read as
 * template text.
 */
import { render } from '../velocity/interpreter.ts';
import type { Template } from '../velocity/syntax-tree.ts';
import { parseTemplate } from '../velocity/template-parser.ts';
import { checkTemplate } from './vtl-check.ts';
import { ContextVariable, InputVariable, type TemplateVariables, UtilVariable } from './vtl-variables.ts';

const UTIL = new UtilVariable();

/** A parsed template. */
export class MappingTemplate {
  readonly #template: Template;

  /**
   * Throws an Error that names the line when the text is not a template, or has what would not be rendered as on AWS.
   * The stage variables are those of each stage that the template may run on.
   */
  constructor(text: string, stageVariables: readonly ReadonlySet<string>[] = []) {
    this.#template = parseTemplate(text);
    checkTemplate(this.#template, stageVariables);
  }

  /** The rendered text. Throws what the template's own calls throw, such as parseJson on text that is not JSON. */
  render({ context, body, stageVariables }: TemplateVariables): string {
    return render(this.#template, [
      ['context', new ContextVariable(context)],
      ['input', new InputVariable(body)],
      ['util', UTIL],
      ['stageVariables', new Map(Object.entries(stageVariables))],
    ]);
  }
}
