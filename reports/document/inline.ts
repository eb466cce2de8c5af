/**
 * Text within a block of a document. A plain string may come from anywhere: renderers escape it, each for its own format, and
 * nothing else does. Markup comes from the `html` template tag alone, which escapes what is put into it, so forgetting to escape is
 * not possible; text formats leave markup out.
 */
import { escapeHtml } from '../escape.ts';

export type Format = 'html' | 'markdown' | 'terminal';

/** What a verdict, a check or an outcome is to the reader. */
export type Tone = 'good' | 'bad' | 'unsure' | 'quiet';

/** `unseen` is told to screen readers only, `long` gets a column that is worth reading on a phone. */
export type Look = Tone | 'code' | 'strong' | 'unseen' | 'long' | 'unit' | 'star';

export type Inline =
  | string
  | number
  | null
  | false
  | undefined
  | Html
  | { readonly kind: 'span'; readonly look: Look; readonly content: Inline }
  | { readonly kind: 'mark'; readonly tone: Tone; readonly sign: string | null; readonly content: Inline }
  | { readonly kind: 'link'; readonly href: string; readonly content: Inline }
  | { readonly kind: 'shown'; readonly formats: readonly Format[]; readonly content: Inline }
  | { readonly kind: 'break' }
  | readonly Inline[];

/** Markup that is safe to insert. Made by {@link html} and {@link trusted} only. */
export class Html {
  readonly kind = 'markup';
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

/** Builds markup from a template; interpolated text is escaped, also inside double-quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Inline[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(inlineHtml)));
}

/** Markup from our own files (style, scripts, chart library), inserted as it is. Never for text from outside. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

const span =
  (look: Look) =>
  (content: Inline): Inline => ({ kind: 'span', look, content });

export const code = span('code');
export const strong = span('strong');
export const quiet = span('quiet');
export const unseen = span('unseen');
export const coloured = (look: Look, content: Inline): Inline => ({ kind: 'span', look, content });

/** A verdict with its sign, which tells it apart without colour; the tone's own sign when none is given. */
export function mark(tone: Tone, content: Inline, sign: string | null = null): Inline {
  return { kind: 'mark', tone, sign, content };
}

/** In text formats the words alone: a file beside the page is nowhere beside a job's summary. */
export function link(href: string, content: Inline): Inline {
  return { kind: 'link', href, content };
}

export const BREAK: Inline = { kind: 'break' };

/** Parts each on a line of its own. */
export function lines(parts: readonly Inline[]): Inline {
  return parts.map((part, index) => [index > 0 && BREAK, part]);
}

/** Text that only some formats have. */
export function shown(formats: readonly Format[] | Format, content: Inline): Inline {
  return { kind: 'shown', formats: [formats].flat(), content };
}

/** A count of something in the text: its words as code where they stand in backticks. */
export function prose(text: string): Inline {
  return text.split('`').map((part, index) => (index % 2 === 1 ? code(part) : part));
}

/** How a format writes the parts. `inner` is written already. */
export interface InlineWriter {
  readonly format: Format;
  readonly text: (text: string) => string;
  readonly span: (look: Look, inner: string) => string;
  readonly mark: (tone: Tone, sign: string | null, inner: string) => string;
  readonly link: (href: string, inner: string) => string;
  readonly lineBreak: string;
}

/** The text in a format. */
export function written(inline: Inline, writer: InlineWriter): string {
  if (inline === null || inline === undefined || inline === false) return '';
  if (typeof inline === 'string') return writer.text(inline);
  if (typeof inline === 'number') return String(inline);
  if (isList(inline)) return inline.map((part) => written(part, writer)).join('');
  switch (inline.kind) {
    case 'markup':
      return writer.format === 'html' ? inline.markup : '';
    case 'break':
      return writer.lineBreak;
    case 'shown':
      return inline.formats.includes(writer.format) ? written(inline.content, writer) : '';
    case 'span':
      return writer.span(inline.look, written(inline.content, writer));
    case 'mark':
      return writer.mark(inline.tone, inline.sign, written(inline.content, writer));
    case 'link':
      return writer.link(inline.href, written(inline.content, writer));
  }
}

/** `Array.isArray` does not narrow read-only arrays. */
const isList = (inline: Inline): inline is readonly Inline[] => Array.isArray(inline);

const TAGS: Partial<Readonly<Record<Look, string>>> = { code: 'code', strong: 'strong' };

/** Signs of the tones where a mark has none of its own. */
const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', unsure: '?', quiet: '' };

const HTML_WRITER: InlineWriter = {
  format: 'html',
  text: escapeHtml,
  span: (look, inner) => {
    const tag = TAGS[look];
    return tag === undefined ? `<span class="${look}">${inner}</span>` : `<${tag}>${inner}</${tag}>`;
  },
  mark: (tone, sign, inner) => `<span class="mark ${tone}">${signed(sign ?? SIGNS[tone], inner)}</span>`,
  link: (href, inner) => `<a href="${escapeHtml(href)}">${inner}</a>`,
  lineBreak: '<br>',
};

/** A sign before text, where there are both. */
export function signed(sign: string, text: string): string {
  return [sign, text].filter((part) => part !== '').join(' ');
}

/** The text as markup. */
export function inlineHtml(inline: Inline): string {
  return written(inline, HTML_WRITER);
}
