/** Which goals have no value, as far as the plan tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../model/plan.ts';
import { absence } from './absent-goals.ts';

const PLAN = {
  load: { kind: 'open', ratePerSecond: 50, arrival: 'constant' },
  durationMs: 20_000,
  trace: false,
} as unknown as Plan;

const P99 = 'latency.response.p99 < 250';

test('a percentile takes ten messages beyond it, which a closed loop may or may not send', () => {
  assert.equal(absence(P99, PLAN, false), null, '1,000 messages are just enough');
  assert.equal(
    absence(P99, { ...PLAN, durationMs: 19_999 }, false),
    'it takes 1000 messages, and 50/s for 19.999 s are 999',
  );
  assert.match(absence(P99, { ...PLAN, durationMs: 1000 }, false) ?? '', /for 1 s are 50$/);
  assert.equal(absence(P99, { ...PLAN, load: { kind: 'closed', inFlight: 1 }, durationMs: 1 }, false), null);
});

test('hops are known of traced messages, and of a stage given by its URL neither cost nor metrics are', () => {
  const hop = ' latency.hops.ingest.p50 < 50';
  assert.equal(absence(hop, PLAN, false), 'hops are known of traced messages only (--trace)');
  assert.equal(absence(hop, { ...PLAN, trace: true }, false), null);
  assert.equal(absence(' cost.perMonth < 5', PLAN, true), 'a stage given by its URL has no prices');
  assert.equal(
    absence(' metrics.iteratorAge.max < 5', PLAN, true),
    'a stage given by its URL has no metrics',
  );
  for (const goal of ['cost.perMonth < 5', 'metrics.iteratorAge.max < 5', 'ordering.lossRatio < cost.'])
    assert.equal(absence(goal, PLAN, false), null, goal);
  assert.equal(absence('ordering.lossRatio < 0', PLAN, true), null);
});
