import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runIdentity } from './run-identity.ts';
import { fixture } from './testing/fixture.ts';

const { result } = fixture('valid');

test('a run is told from another by its id, and by what was measured where ids are alike', () => {
  const measured = [
    { id: 'another' },
    { startedAt: '2026-01-01T00:00:00.000Z' },
    { messages: { ...result.messages, delivered: result.messages.delivered - 1 } },
    { intervals: result.intervals.slice(1) },
    { environment: { ...result.environment, commit: 'another' } },
  ];
  const identities = [result, ...measured.map((changed) => ({ ...result, ...changed }))].map(runIdentity);
  assert.equal(new Set(identities).size, identities.length);
});

test('a run whose metrics were read again, and its cost and validity with them, is the same run', () => {
  const later = {
    ...result,
    metrics: null,
    cost: null,
    thresholds: [],
    warnings: [],
    validity: { verdict: 'unknown' as const, checks: [] },
  };
  assert.equal(runIdentity(later), runIdentity(result));
});
