/**
 * Every document that a command leaves or says, made as the command makes it: from the files of a directory for pages and
 * summaries, from the result for the terminal. What a document says is compared with its golden text.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pageText } from './page-text.ts';

/** Contents of files by name. */
export type Files = Readonly<Record<string, string>>;

/** The documents that are written for a directory with these files: the text of the page, and the others as they are. */
export async function writtenFor(
  files: Files,
  write: (directory: string) => Promise<readonly string[]>,
): Promise<Record<string, readonly string[]>> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-golden-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
    const written = await write(directory);
    const texts = written
      .filter((file) => !file.endsWith('.json'))
      .map((file): [string, string[]] => {
        const text = readFileSync(file, 'utf8');
        const name = path.basename(file);
        return [name, name.endsWith('.html') ? pageText(text) : text.trimEnd().split('\n')];
      });
    return Object.fromEntries(texts);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Lines for a terminal with its colours as numbers in braces. */
export function withColours(lines: readonly string[]): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what sets colours
  return lines.map((line) => line.replaceAll(/\u001b\[(\d+)m/g, '{$1}'));
}
