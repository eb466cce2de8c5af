import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMarkdown } from '../document/markdown.ts';
import { fixture } from '../testing/fixture.ts';
import { NO_DISTRIBUTION } from './distribution.ts';
import { runDocument } from './document.ts';
import type { RunReading } from './reading.ts';

function reading(kind: Parameters<typeof fixture>[0], gaps: readonly string[] = []): RunReading {
  const { result, violations } = fixture(kind);
  const distributions = { response: NO_DISTRIBUTION, service: NO_DISTRIBUTION };
  return { result, violations, violationsTotal: violations.length, distributions, gaps };
}

test('a clean run has no list of problems', () => {
  const text = renderMarkdown(runDocument(reading('valid')));
  assert.match(text, /^### ✅ PASS/);
  assert.doesNotMatch(text, /Warnings|trusted|could be read/);
});

test('faults are said before the figures, with what they did and how the run recovered', () => {
  const text = renderMarkdown(runDocument(reading('faulty')));
  assert.ok(text.indexOf('figures are those of a faulty stage') < text.indexOf('| Latency, ms'), 'first');
  assert.match(
    text,
    /\| F2 doubled answers \| [^|]+ \| 34 s to 38 s \| [^|]+ \| 41 answers \|[\s\S]*\| F2 doubled answers \| 0 \| 41 \| 0 \|/,
  );
  assert.doesNotMatch(renderMarkdown(runDocument(reading('valid'))), /ault/);
});

test('hops that do not add up are said', () => {
  const { latency, ...rest } = fixture('disordered').result;
  const sum = { samples: 9, hopsMeanMs: 40, serviceMeanMs: 60, differenceMs: -20, toleranceMs: 2 };
  const hops = latency.hops && { ...latency.hops, sum };
  const result = { ...rest, latency: { ...latency, hops } };
  assert.match(renderMarkdown(runDocument({ ...reading('disordered'), result })), /four hops do not add up/);
  assert.doesNotMatch(renderMarkdown(runDocument(reading('disordered'))), /add up/);
});

test('what could not be read is said', () => {
  assert.match(
    renderMarkdown(runDocument(reading('partial', ['latency.hlog is missing.']))),
    /could be read:\n\n- latency\.hlog is missing/,
  );
});

test('every row of a table has as many cells as its head, whatever the text', () => {
  const text = renderMarkdown(runDocument(reading('hostile')));
  const tables = text.split('\n\n').filter((block) => block.startsWith('|'));
  assert.equal(tables.length, 4);
  for (const table of tables) {
    const cells = table.split('\n').map((row) => row.replace(/\\./g, '').split('|').length);
    assert.equal(new Set(cells).size, 1, table);
  }
  assert.doesNotMatch(text.replace(/\\./g, '').replaceAll(/<!-- -->|<\/?sub>/g, ''), /<|`|\]\(/);
  assert.doesNotMatch(text, /@everyone/);
});
