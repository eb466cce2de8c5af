import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { FIXTURE_KINDS, fixture } from '../testing/fixture.ts';
import { summaryLines } from './document.ts';

const plain = { colour: false, width: 100 };

test('all that needs attention is there, with signs that do not need colour', () => {
  const text = summaryLines(fixture('violations').result, plain).join('\n');
  assert.match(
    text,
    /messages +30,000 scheduled = 29,997 delivered \+ 3 lost \+ 0 refused \+ 0 indeterminate/,
  );
  assert.match(text, /messages\.lost == 0 +✗ not met +3/);
  assert.match(text, /metrics\.iteratorAge\.max < 1000 +✓ met +727/);
  assert.match(text, /\? unknown, shared machine/);
  assert.match(text, /! The stream refused 412 writes.*\n {4}Add shards/);
  assert.match(text, /hops, p50 ms +ingest 1\d\.\d \(\d\d\.\d %\)/);
});

test('faults are announced before the figures and told after them', () => {
  const text = summaryLines(fixture('faulty').result, { colour: false, width: 400 }).join('\n');
  assert.ok(text.indexOf('! Faults were injected (3)') < text.indexOf('Latency, ms'), 'first');
  assert.match(text, /F1 +slow shard, 31 s to 38 s: .* Struck: 1,402 puts\. Recovery: its backlog/);
  assert.match(text, /F4 +too late, never: the run ended before\./);
});

test('hops have means and their shares where the result has them, and a sum that is off is said', () => {
  const { result } = fixture('disordered');
  const text = (hops: typeof result.latency.hops): string =>
    summaryLines({ ...result, latency: { ...result.latency, hops } }, plain).join('\n');
  const { hops } = result.latency;
  assert.match(text(hops), /hops, mean ms +ingest 14\.6 \(23\.5 %\)/);
  assert.ok(hops?.sum !== undefined, 'the fixture has a sum');
  assert.match(text({ ...hops, sum: { ...hops.sum, differenceMs: 9 } }), /✗ The four hops do not add up/);
});

test('a contradiction, an interruption and absent figures are explained', () => {
  const { result } = fixture('partial');
  assert.match(summaryLines(result, plain).join('\n'), /! cut short: 60 s were planned/);
  const fleet = { name: 'fleet', verdict: 'invalid' as const, evidence: '2 of 3 workers reported' };
  const merged = { ...result, validity: { ...result.validity, checks: [fleet] } };
  assert.match(summaryLines(merged, plain).join('\n'), /! partial: not all of the plan was driven/);
  const broken = { ...result, messages: { ...result.messages, lost: 1 } };
  assert.match(summaryLines(broken, plain).join('\n'), /✗ 11500 measured messages scheduled/);
  assert.match(
    summaryLines(fixture('empty').result, plain).join('\n'),
    /– is not stated: fewer than 10 samples/,
  );
});

for (const kind of FIXTURE_KINDS) {
  test(`the summary of a run "${kind}" moves no cursor, and colour adds nothing but colour`, () => {
    const { result } = fixture(kind);
    const lines = summaryLines(result, plain);
    for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Bidi_Control}]/u);
    assert.deepEqual(summaryLines(result, { colour: true, width: 100 }).map(stripVTControlCharacters), lines);
  });
}

test('words wrap at the width, though never below forty columns', () => {
  for (const width of [10, 60]) {
    const lines = summaryLines(fixture('violations').result, { colour: false, width });
    const prose = lines.filter((line) => /^(?:[!?] | {4}\S)/.test(line));
    assert.ok(prose.length > 0);
    for (const line of prose)
      assert.ok(line.length <= Math.max(width, 40) || !line.trim().includes(' '), line);
  }
});
