/**
 * Text from outside on one line: names, codes, reasons and excerpts may hold what a terminal or a reader would obey.
 * Control characters and those that reorder text are spelt out.
 */

/** Controls, line and paragraph separators, bidirectional controls (Unicode TR 9), lone surrogates, byte order marks. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\ufeff]/gu;

/** The text on one line, with control characters spelt out as \u{…}. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, spelt);
}

function spelt(character: string): string {
  if (character === '\n' || character === '\t') return ' ';
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}

/** JSON of the value, indented by `indent`, in which such characters are escaped: it parses to the same value. */
export function visibleJson(value: unknown, indent = 0): string {
  // JSON.stringify escapes the controls below U+0020; the line ends of its own indentation stay.
  return JSON.stringify(value, null, indent).replace(INVISIBLE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
