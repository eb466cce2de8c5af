/** Sentences for the terminal, broken at spaces; a longer word stays whole, so that it can be copied. */

/**
 * Wraps a text to lines of at most `width` characters. Lines after the first begin with `indent`, and those spaces that the
 * text itself begins with are kept.
 */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const isFull = line.trim() !== '' && line.length + 1 + word.length > width;
    if (isFull) lines.push(line);
    line = isFull ? indent + word : lines.length === 0 && line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
