/** The reports of the claims: what they say in each situation, and that they read only what is sound. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { renderHtml } from '../document/html.ts';
import { renderMarkdown } from '../document/markdown.ts';
import { renderTerminal } from '../document/terminal.ts';
import { UnreadableResult } from '../saved-data.ts';
import { writeSavedReports } from '../saved-reports.ts';
import { fixture } from '../testing/fixture.ts';
import { claimLine, claimsDocument } from './document.ts';
import { phaseDifferences } from './phases.ts';
import { parseClaimsResult } from './schema.ts';
import { CLAIMS_KINDS, claimsFixture } from './testing/fixture.ts';

const PLAIN = { colour: false, width: 100 };

test('claims that were saved are read as they were', () => {
  for (const kind of CLAIMS_KINDS) {
    const result = claimsFixture(kind);
    assert.deepEqual(parseClaimsResult(JSON.stringify(result)), result);
  }
});

test('another schema, an unknown verdict, a cut file and a path out of the directory are refused', () => {
  const result = claimsFixture('local');
  const [claim, ...claims] = result.claims;
  const [run] = claim!.runs;
  const parse = (value: unknown) => () => parseClaimsResult(JSON.stringify(value));
  assert.throws(parse({ ...result, schema: 2 }), /schema/);
  assert.throws(parse({ ...result, claims: [{ ...claim, verdict: 'proven' }, ...claims] }), /verdict/);
  assert.throws(() => parseClaimsResult(JSON.stringify(result).slice(0, 100)), UnreadableResult);
  const astray = { ...claim, runs: [{ ...run, directory: 'runs/../..' }] };
  assert.throws(parse({ ...result, claims: [astray] }), /directory of a run/);
});

test('every format has every verdict, and says of a local stage that it is not AWS', () => {
  const result = claimsFixture('local');
  const texts = [
    renderHtml(claimsDocument(result)),
    renderMarkdown(claimsDocument(result)),
    renderTerminal(claimsDocument(result), PLAIN).join(' '),
  ];
  for (const text of texts) {
    assert.match(text, /2 supported · 3 not shown/);
    assert.match(text, /on a local stage,\s+not\s+on AWS/);
    for (const { title } of result.claims) assert.ok(text.includes(title), title);
  }
});

test('claims on AWS carry no caveat, and what was refuted leads', () => {
  const result = claimsFixture('aws');
  assert.doesNotMatch(renderHtml(claimsDocument(result)), /on a local stage, not on AWS/);
  assert.match(renderHtml(claimsDocument(result)), /class="banner threshold-failed"/);
  assert.match(claimLine(result.claims.at(-1)!), /^✗ Ordered: refuted\./);
});

test('claims cut short say what is missing', () => {
  const result = claimsFixture('partial');
  assert.match(renderHtml(claimsDocument(result)), /2 of 5 are here/);
  assert.match(renderTerminal(claimsDocument(result), PLAIN).join('\n'), /partial/);
});

test('text from outside stays text', () => {
  const result = claimsFixture('hostile');
  assert.ok(!renderHtml(claimsDocument(result)).includes('<img'), 'markup in the page');
  assert.ok(!renderMarkdown(claimsDocument(result)).includes('<img'), 'markup in the summary');
  assert.ok(
    !renderTerminal(claimsDocument(result), PLAIN).join('').includes('\u001b'),
    'escapes in the terminal',
  );
});

test('the reports are written into the directory, the same every time', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bench-claims-'));
  try {
    await assert.rejects(writeSavedReports('claims.json', directory), UnreadableResult);
    await writeFile(join(directory, 'claims.json'), JSON.stringify(claimsFixture('local')));
    const pages = [];
    for (let time = 0; time < 2; time++) {
      await writeSavedReports('claims.json', directory);
      pages.push(await readFile(join(directory, 'index.html'), 'utf8'));
    }
    assert.equal(pages[0], pages[1]);
    assert.match(await readFile(join(directory, 'summary.md'), 'utf8'), /2 supported/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('seconds of a run are compared with its others, and too few are not', () => {
  const { log, result } = fixture('valid');
  const times = result.latency.response.count;
  const question = (fromSecond: number, toSecond: number) => ({
    stretches: [{ label: 'fault', fromSecond, toSecond }],
    measuredSeconds: 30,
    times,
    chance: seededRandom(1),
  });
  const differences = phaseDifferences(log, question(5, 12)) ?? [];
  assert.deepEqual(
    differences.map(({ name }) => name),
    ['p50', 'p90'],
  );
  for (const { lowMs, highMs, controlMs } of differences)
    assert.ok(lowMs < highMs && controlMs > 0, `${lowMs} to ${highMs} of ${controlMs}`);
  assert.deepEqual(phaseDifferences(log, question(5, 12)), differences, 'repeatable');
  assert.equal(phaseDifferences(log, question(5, 7)), null);
  assert.equal(phaseDifferences(log, question(0, 29)), null);
  const cut = log.slice(0, log.length / 2);
  assert.equal(phaseDifferences(cut, question(5, 12)), null, 'a log that is shorter than its result');
});
