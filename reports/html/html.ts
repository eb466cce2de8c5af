/**
 * The `html` template tag: what is interpolated is text and gets escaped, unless it is Html itself. So markup can only
 * come from templates in this folder, and forgetting to escape is not possible. Nothing else builds markup.
 */
import { escapeHtml } from '../escape.ts';

/** Markup that is safe to insert. Made by {@link html} and {@link trusted} only. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

/** What a template takes: text and numbers (escaped), markup, lists of these, and nothing at all. */
export type Content = string | number | Html | null | false | readonly Content[];

/** The empty markup. */
export const NOTHING = new Html('');

/** Builds markup from a template; interpolated text is escaped, also inside double-quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(markupOf)));
}

/** Markup from our own files (style, scripts, chart library), inserted as it is. Never for text from outside. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(content: Content): string {
  if (content === null || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return content.map(markupOf).join('');
}
