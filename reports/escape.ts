/**
 * What came from outside (names, codes, excerpts, evidence) may be hostile, and a report is opened by people who trust
 * it. Everything is escaped here and nowhere else: one function per language that a report is written in. Control
 * characters and those that reorder text are made visible first, since a terminal or a reader would obey them.
 */
import { visible } from '../bench/model/visible.ts';

export { visible };

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for HTML, in elements and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (character) => HTML[character] ?? character);
}

/** JSON that can stand inside a script element: no `<` ends it, no line separator breaks it. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]|\p{Cs}/gu, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Text for Markdown, in paragraphs and table cells: no markup, no HTML, no mention of anyone. Parentheses and `!` mean something only
 * beside a bracket, which is escaped, and `+` only at the start of a line.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]#|~$]|^\+/g, '\\$&')
    .replace(/[&<>]/g, (character) => HTML[character] ?? character)
    .replace(/@(?=\w)/g, '@<!-- -->')
    .replace(/(https?|www)(?=[:.])/gi, '$1<!-- -->');
}
