import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../testing/fixture.ts';
import { verdictOf } from './verdict.ts';

test('a valid run that meets its thresholds passes without reasons', () => {
  assert.deepEqual(verdictOf(fixture('valid').result), {
    status: 'pass',
    word: 'PASS',
    meaning: 'All 2 thresholds are met. 3 validity checks passed.',
    reasons: [],
  });
});

test('a clean run without thresholds passes and says that none were set', () => {
  assert.match(verdictOf({ ...fixture('valid').result, thresholds: [] }).meaning, /no thresholds were set/);
});

test('violations without a threshold are not judged, and each kind is named', () => {
  const { result } = fixture('violations');
  const { status, word, reasons } = verdictOf({ ...result, thresholds: [] });
  assert.deepEqual([status, word], ['measured', 'NOT JUDGED']);
  for (const [kind, count] of Object.entries({
    lost: result.messages.lost,
    duplicated: result.messages.duplicated,
  })) {
    assert.ok(count > 0, `the fixture has ${kind} messages`);
    assert.ok(
      reasons.some((reason) => reason.includes(kind)),
      `${kind} is named`,
    );
  }
});

test('a failed threshold is named with its value, and an unknown check after it', () => {
  const { word, reasons } = verdictOf(fixture('violations').result);
  assert.equal(word, 'THRESHOLD FAILED');
  assert.match(reasons[0] ?? '', /latency\.response\.p99 < 250 \(measured 1,4\d\d\)/);
  assert.match(reasons.at(-1) ?? '', /^Not known, shared machine/);
});

test('a merged run is partial by what its fleet lacks, not by a time at which nothing stopped', () => {
  const { result } = fixture('partial');
  const evidence = '2 of 3 workers reported';
  const fleet = { name: 'fleet', verdict: 'invalid' as const, evidence };
  const validity = { ...result.validity, checks: [fleet, ...result.validity.checks] };
  const { reasons } = verdictOf({ ...result, validity });
  assert.ok(reasons.includes(`Not all of it was driven: ${evidence}.`), reasons.join(' '));
  assert.ok(!reasons.some((reason) => reason.startsWith('Interrupted after')), reasons.join(' '));
});

test('a run that was cut short is partial and says how far it came', () => {
  const { word, reasons } = verdictOf(fixture('partial').result);
  assert.equal(word, 'PARTIAL');
  assert.deepEqual(reasons, ['Interrupted after about 23 s of 60 s.']);
});

test('distrust comes before all else, and the other reasons are still given', () => {
  const { result } = fixture('violations');
  const validity = {
    verdict: 'invalid',
    checks: [{ name: 'cpu', verdict: 'invalid', evidence: '100 %.' }],
  } as const;
  const { word, reasons } = verdictOf({ ...result, partial: true, validity });
  assert.equal(word, 'INVALID');
  assert.deepEqual(
    reasons.map((reason) => reason.split(/[,: ]/)[0]),
    ['Invalid', 'Interrupted', 'Not', 'Not'],
  );
});

test('counts that contradict themselves make a run invalid', () => {
  const { result } = fixture('valid');
  const { word, reasons } = verdictOf({ ...result, messages: { ...result.messages, lost: 1 } });
  assert.equal(word, 'INVALID');
  assert.match(reasons[0] ?? '', /contradict themselves/);
});

test('lost messages that the stream refused are told as that', () => {
  const { result } = fixture('violations');
  const { lost } = result.messages;
  const refused = { atLeast: 1, atMost: 2 };
  const losses = { lost, refused, throttled: { atLeast: 0, atMost: 0 } };
  const { reasons } = verdictOf({ ...result, thresholds: [], losses });
  assert.ok(
    reasons.some((reason) => reason.endsWith(`sent; 1 to 2 of the ${lost} lost were refused by the stream.`)),
    reasons.join('\n'),
  );
});
