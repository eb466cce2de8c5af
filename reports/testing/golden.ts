/**
 * Golden texts: what a document says, stored beside the tests, a fact a line. A text that differs fails with the lines that
 * do; `npm run golden` writes all of them anew, and their diff is what changed for readers.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('golden/', import.meta.url));

/** Compares lines with the golden text of that name, or writes it where the environment asks for that. */
export function assertGolden(name: string, lines: readonly string[]): void {
  const file = path.join(FOLDER, `${name}.txt`);
  const text = `${lines.join('\n')}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  const stored = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text === stored) return;
  assert.fail(
    `${path.relative(process.cwd(), file)} differs; where it should, write it anew with 'npm run golden'\n${difference(stored.split('\n'), text.split('\n'))}`,
  );
}

/** Lines shown of a difference before the rest is only counted. */
const MAX_SHOWN = 40;

/** What is only in one of them, by where it first is. */
function difference(stored: readonly string[], now: readonly string[]): string {
  const only = (sign: string, lines: readonly string[], others: readonly string[]) => {
    const there = new Set(others);
    return lines
      .map((line, at) => ({ at, line: `${sign} ${line}` }))
      .filter(({ at }) => !there.has(lines[at]!));
  };
  const all = [...only('-', stored, now), ...only('+', now, stored)].sort((one, other) => one.at - other.at);
  const shown = all.slice(0, MAX_SHOWN).map(({ at, line }) => `${String(at + 1).padStart(5)} ${line}`);
  return [...(shown.length === 0 ? ['the same lines, in another order'] : shown), moreText(all.length)].join(
    '\n',
  );
}

function moreText(count: number): string {
  return count > MAX_SHOWN ? `and ${count - MAX_SHOWN} more` : '';
}
