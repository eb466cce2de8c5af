import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../../reports/testing/fixture.ts';
import type { RunResult } from '../model/result.ts';
import { contradictionsIn } from './conservation.ts';

const { result } = fixture('violations');

function withMessages(change: Partial<RunResult['messages']>): RunResult {
  return { ...result, messages: { ...result.messages, ...change } };
}

function only(broken: RunResult): string {
  const laws = contradictionsIn(broken);
  assert.equal(laws.length, 1, laws.join(' '));
  return laws[0] ?? '';
}

test('an honest result contradicts nothing', () => {
  assert.deepEqual(contradictionsIn(result), []);
});

test('attempts that do not add up are a contradiction', () => {
  assert.match(only(withMessages({ lost: 4 })), /30000 measured messages scheduled, but .* is 30001/);
});

test('sending more than was scheduled and not refused is a contradiction', () => {
  assert.match(
    only(withMessages({ sent: 30_001 })),
    /30001 measured messages sent, but scheduled − refused is 30000/,
  );
});

test('more reordered than delivered is a contradiction', () => {
  assert.match(only(withMessages({ reordered: 29_998 })), /29998 measured messages reordered/);
});

test('warm-up messages obey the same laws', () => {
  const warmup = { ...result.messages.warmup, delivered: 0 };
  assert.match(only(withMessages({ warmup })), /2500 warm-up messages scheduled/);
});

test('more connections than requested, outcomes than dials, and response times than deliveries are contradictions', () => {
  assert.match(
    only({ ...result, connections: { ...result.connections, opened: 201 } }),
    /204 connections opened/,
  );
  const dials = { ...result.connections, attempts: result.connections.connect.count, failedAttempts: 2 };
  assert.match(only({ ...result, connections: dials }), /dials that opened or failed, more than the/);
  const churn = { ...result.connections, churned: 3, reopened: 4 };
  assert.match(
    only({ ...result, connections: churn }),
    /4 connections reopened after churn, more than the 3/,
  );
  const response = { ...result.latency.response, count: 29_998 };
  assert.match(only({ ...result, latency: { ...result.latency, response } }), /29998 response times/);
});
