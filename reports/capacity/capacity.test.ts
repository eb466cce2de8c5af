/** The reports of a capacity search: what they say in each situation, and that they read only what is sound. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderHtml } from '../document/html.ts';
import { renderMarkdown } from '../document/markdown.ts';
import { renderTerminal } from '../document/terminal.ts';
import { UnreadableResult } from '../saved-data.ts';
import { writeSavedReports } from '../saved-reports.ts';
import { capacityDocument, probeLine, statusOf } from './document.ts';
import { parseCapacityResult } from './schema.ts';
import { CAPACITY_KINDS, capacityFixture } from './testing/fixture.ts';

test('every situation has a status of its own', () => {
  const statuses = CAPACITY_KINDS.map((kind) => statusOf(capacityFixture(kind)));
  assert.deepEqual(statuses, ['pass', 'measured', 'threshold-failed', 'partial', 'pass']);
});

test('a search that was saved is read as it was', () => {
  for (const kind of CAPACITY_KINDS) {
    const result = capacityFixture(kind);
    assert.deepEqual(parseCapacityResult(JSON.stringify(result)), result);
  }
});

test('another schema, a cut file and a path out of the directory are refused', () => {
  const result = capacityFixture('found');
  const [probe] = result.probes;
  const parse = (value: unknown) => () => parseCapacityResult(JSON.stringify(value));
  assert.throws(parse({ ...result, schema: 2 }), /schema/);
  assert.throws(() => parseCapacityResult(JSON.stringify(result).slice(0, 100)), UnreadableResult);
  assert.throws(
    parse({ ...result, probes: [{ ...probe, directory: 'probes/../..' }] }),
    /directory of a probe/,
  );
});

test('an answer that is a lower bound says so in every format', () => {
  const result = capacityFixture('machine');
  const texts = [
    renderHtml(capacityDocument(result)),
    renderMarkdown(capacityDocument(result)),
    renderTerminal(capacityDocument(result), { colour: false, width: 100 }).join('\n'),
  ];
  for (const text of texts) {
    assert.match(text, /At least 617 messages\/s/);
    assert.match(text, /this machine, shared by stage and driver/i);
  }
});

test('what a search costs is told in every format, and so is that it is not known', () => {
  const formats = (kind: 'found' | 'nothing' | 'machine' | 'partial') => {
    const result = capacityFixture(kind);
    const lines = renderTerminal(capacityDocument(result), { colour: false, width: 1000 }).join('\n');
    const page = /<main.*<\/main>/s.exec(renderHtml(capacityDocument(result)))?.[0] ?? '';
    return [page, renderMarkdown(capacityDocument(result)).replaceAll('\\', ''), lines];
  };
  for (const text of formats('found')) {
    assert.match(text, /the search.*\$0\.454 for 12 probes/);
    assert.match(text, /\$2\.46/);
    assert.match(text, /list prices, as of 2026-01-15/i);
  }
  for (const text of formats('nothing')) assert.match(text, /not known[:,].* template/i);
  for (const text of formats('machine')) assert.doesNotMatch(text, /the search.*\$|template/);
  // One probe, and no rate at which a round trip could be priced.
  const [page, summary] = formats('partial');
  assert.match(page ?? '', /per million round trips at the rate found<\/dt><dd>–/);
  assert.match(summary ?? '', /Cost: the search \$0\.0092 for 1 probe \(list prices/);
});

test('a search without an answer draws what there is', () => {
  assert.match(renderHtml(capacityDocument(capacityFixture('nothing'))), /No rate held/);
  assert.match(renderHtml(capacityDocument(capacityFixture('partial'))), /No curve/);
});

test('text from outside stays text', () => {
  const result = capacityFixture('hostile');
  assert.ok(!renderHtml(capacityDocument(result)).includes('<img'), 'markup in the page');
  assert.ok(!renderMarkdown(capacityDocument(result)).includes('<img'), 'markup in the summary');
});

test('the reports are written into the directory, the same every time', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-capacity-'));
  try {
    await assert.rejects(writeSavedReports('capacity.json', directory), UnreadableResult);
    await writeFile(join(directory, 'capacity.json'), JSON.stringify(capacityFixture('found')));
    const pages = [];
    for (let time = 0; time < 2; time++) {
      await writeSavedReports('capacity.json', directory);
      pages.push(await readFile(join(directory, 'index.html'), 'utf8'));
    }
    assert.equal(pages[0], pages[1]);
    assert.match(await readFile(join(directory, 'summary.md'), 'utf8'), /617 messages/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('a search for an SLO on p90 shows p90', () => {
  const whole = capacityFixture('found');
  const expression = 'latency.response.p90 < 90';
  const probes = whole.probes.map((probe) => ({
    ...probe,
    p99: null,
    slos: [{ expression, value: 61, ok: true }],
  }));
  const result = { ...whole, slos: [expression], probes };
  assert.match(
    renderHtml(capacityDocument(result)),
    /<p class="name">Response p90 there<\/p><p class="value">61/,
  );
  assert.match(renderMarkdown(capacityDocument(result)), /\| p90 ms \|/);
  assert.match(probeLine(probes[1]!), /p90 61 ms/);
});
