import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { styleText } from 'node:util';
import fc from 'fast-check';
import { visibleJson } from '../model/visible.ts';
import { PACKAGE_ROOT } from './machine.ts';
import { printable, printableLines, printableStyled, writeTo } from './terminal.ts';

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b[2J', '\x1b]0;title\x07', '\x9b31m', '\r', '\n', '::error::', '##[error]', '\u202e'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  ),
});

/** What a terminal or GitHub's runner would obey. */
function obeyed(line: string): boolean {
  return /[\p{Cc}\p{Bidi_Control}]/u.test(line) || /^\s*::/.test(line) || line.includes('##[');
}

test('no line that is written holds what a terminal or a runner obeys, whatever it quotes', () => {
  fc.assert(fc.property(hostile, (text) => !printableLines(text).some(obeyed)));
  assert.equal(printable('\x1b[31mred'), '\\u{1b}[31mred');
  assert.equal(printable('  ::error::no'), '  \\u{3a}:error::no');
  assert.equal(printable('stage: ##[error]no'), 'stage: #\\u{23}[error]no');
});

test('a line end in what is quoted does not begin a line at the margin', () => {
  assert.deepEqual(printableLines('error: it said\nPASS\n    at once'), [
    'error: it said',
    '  PASS',
    '    at once',
  ]);
});

test('a styled line keeps its style and nothing else that is a sequence', () => {
  const bold = styleText('bold', styleText('green', 'PASS'), { validateStream: false });
  assert.equal(printableStyled(`${bold} of it`), `${bold} of it`);
  assert.equal(printableStyled('\x1b[8mhidden\x1b[2J'), '\\u{1b}[8mhidden\\u{1b}[2J');
});

test('a text is written with one line end for each of its lines', () => {
  const stream = new PassThrough();
  writeTo(stream, 'one\ntwo');
  assert.equal(String(stream.read()), 'one\n  two\n');
});

test('JSON for a terminal parses to the same value and holds nothing that one obeys', () => {
  fc.assert(
    fc.property(fc.dictionary(hostile, hostile), (value) => {
      const json = visibleJson(value, 2);
      assert.doesNotMatch(json.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u);
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('nothing else in the product writes to the terminal', () => {
  const files = ['bench', 'stack', 'reports'].flatMap((folder) =>
    readdirSync(path.join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      path.join(folder, file),
    ),
  );
  const writers = files.filter(
    (file) =>
      /\.ts$/.test(file) &&
      !/test\.ts$|fixture|[/\\]testing[/\\]|^reports.runs|inline-function\.ts$/.test(file) &&
      /std(out|err)\.write\(|console\./.test(readFileSync(path.join(PACKAGE_ROOT, file), 'utf8')),
  );
  assert.deepEqual(writers, [path.join('bench', 'node', 'terminal.ts')]);
});
