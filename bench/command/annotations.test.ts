import assert from 'node:assert/strict';
import { test } from 'node:test';
import { annotationsOf } from './annotations.ts';

const RESULT = {
  name: 'nightly, 50%',
  thresholds: [
    { expression: 'latency.response.p99 < 250', value: 312.5, ok: false },
    { expression: 'messages.lost == 0', value: 0, ok: true },
    { expression: 'metrics.iteratorAge.max < 1000', value: null, ok: false },
  ],
  validity: {
    verdict: 'invalid' as const,
    checks: [
      { name: 'send lag', verdict: 'invalid' as const, evidence: 'p99 was 12 ms\n(bound 5 ms)' },
      { name: 'steady stage', verdict: 'unknown' as const, evidence: 'nobody could ask' },
      { name: 'driver utilization', verdict: 'valid' as const, evidence: 'fine' },
    ],
  },
};

test('on GitHub Actions what failed is an error, and what is doubtful a warning', () => {
  assert.deepEqual(annotationsOf(RESULT, { GITHUB_ACTIONS: 'true' }), [
    '::error title=nightly%2C 50%25%3A send lag invalid::p99 was 12 ms%0A(bound 5 ms)',
    '::error title=nightly%2C 50%25%3A threshold failed::latency.response.p99 < 250, but it is 312.5',
    '::error title=nightly%2C 50%25%3A threshold failed::metrics.iteratorAge.max < 1000, but it is not known',
    '::warning title=nightly%2C 50%25%3A steady stage unknown::nobody could ask',
  ]);
});

test('of more than ten the first nine are shown, what spoils the run before all, and the tenth says how many there are', () => {
  const thresholds = Array.from({ length: 30 }, (_, index) => ({
    expression: `messages.lost < ${index}`,
    value: 40,
    ok: false,
  }));
  const lines = annotationsOf({ ...RESULT, name: 'many', thresholds }, { GITHUB_ACTIONS: 'true' });
  assert.equal(lines.length, 10);
  assert.match(lines[0]!, /^::error title=many%3A send lag invalid/);
  assert.match(lines[8]!, /messages.lost < 7, but it is 40$/);
  assert.match(
    lines[9]!,
    /^::error title=many%3A more::23 more are in the log and in summary\.md: .*steady stage unknown$/,
  );
});

test('elsewhere nothing is annotated', () => {
  assert.deepEqual(annotationsOf(RESULT, {}), []);
});
