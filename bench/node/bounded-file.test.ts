import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineCutter, readTextFile } from './bounded-file.ts';
import { readPlanFile } from './plan-file.ts';

test('a file up to the limit is read whole, one beyond it and one without end are refused', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'bounded-file-'));
  try {
    const file = path.join(directory, 'file');
    for (const length of [0, 1, 65_536, 200_000]) {
      writeFileSync(file, 'ä'.repeat(length));
      assert.equal(readTextFile(file, 2 * length), 'ä'.repeat(length));
    }
    assert.throws(() => readTextFile(file, 399_999), /more than .* MiB/);
    assert.throws(() => readTextFile('/dev/zero', 1024 * 1024), /more than 1 MiB/);
    assert.throws(() => readPlanFile('/dev/zero'), /plan: \/dev\/zero can't be read: it has more than 1 MiB/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('lines are the same however the text is cut, and no line is longer than the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 })), fc.array(fc.nat(80)), (lines, cuts) => {
      const clean = lines.map((line) => line.replaceAll(/[\r\n]/g, ''));
      const text = clean.map((line) => `${line}\n`).join('');
      const told: string[] = [];
      const cutter = new LineCutter((line, isCut) => told.push(isCut ? `${line}…` : line), 8);
      const places = [...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
      for (const [index, to] of places.entries()) cutter.take(text.slice(places[index - 1] ?? 0, to));
      cutter.end();
      assert.deepEqual(
        told,
        clean.map((line) => (line.length > 8 ? `${line.slice(0, 8)}…` : line)),
      );
    }),
  );
});
