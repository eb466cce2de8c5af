import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantilesOf } from '../measure/histogram.ts';
import type { RunRecord } from '../measure/record.ts';
import { Rollup } from '../measure/rollup.ts';
import type { Warning } from '../model/result.ts';
import { planWith } from '../sim/testing/plan.ts';
import { warningsFor } from './warning.ts';

function warningOf(
  code: string,
  change: (rollup: Rollup) => void,
  writeThrottles: number | null = null,
): Warning | undefined {
  const rollup = new Rollup();
  change(rollup);
  const series = writeThrottles === null ? [] : [{ id: 'writeThrottles', values: [0, writeThrottles] }];
  const metrics = { source: 'local', periodMs: 1000, incomingRecords: 0, series };
  const record = {
    ...{ plan: planWith({}), environment: {}, rollup, interruption: null, metrics, stageHasMetrics: true },
    stage: { kind: 'local' },
  };
  const latency = { response: quantilesOf(rollup.histograms.response) };
  return warningsFor(record as unknown as RunRecord, latency).find((warning) => warning.code === code);
}

const gatewayError = (text: string, count: number) => (rollup: Rollup) => {
  rollup.unexpected.measured.gatewayError = count;
  for (let seen = 0; seen < count; seen++)
    rollup.violations.push({
      ...{ kind: 'unexpected', stream: 0, what: 'gatewayError', arrivedMs: seen },
      excerpt: `{"message": "${text}", "connectionId":"x", "requestId":"y"}`,
    } as never);
};

test('messages that a quota of the gateway refused are told with its text and count, and without talk of shards', () => {
  const warning = warningOf('gatewayErrors', gatewayError('Too Many Requests', 3), 0);
  assert.match(warning?.text ?? '', /answered 3 messages .*: "Too Many Requests" 3\.$/);
  assert.match(
    warning?.advice ?? '',
    /10,000 requests\/s for an account and Region.*More shards don't change/,
  );
});

test('more shards are advised where the stream throttled writes, and only there', () => {
  const error = gatewayError('Internal server error', 2);
  assert.match(warningOf('gatewayErrors', error, 7)?.advice ?? '', /refused 7 writes .*: more shards/);
  assert.match(warningOf('gatewayErrors', error, 0)?.advice ?? '', /throttled no write/);
});

test('the first arrival that can’t be read is quoted', () => {
  const warning = warningOf('unexpectedArrivals', (rollup) => {
    rollup.unexpected.measured.undecodable = 2;
    rollup.violations.push({
      ...{ kind: 'unexpected', stream: 0, what: 'undecodable', arrivedMs: 1, excerpt: 'Echo: {"run"…' },
    });
  });
  assert.match(warning?.text ?? '', /2 undecodable; the first was undecodable: Echo: \{"run"…\.$/);
});

test('what the driver cut is told apart from what the stage closed, each with what was said of it', () => {
  const change = (rollup: Rollup) => {
    Object.assign(rollup.failures, { PROTOCOL_RSV1: 2, CLOSE_1008: 1 });
    Object.assign(rollup.details, { PROTOCOL_RSV1: 'RSV1 must be clear', CLOSE_1008: 'token expired' });
    rollup.connections.closedEarly = 3;
  };
  assert.match(
    warningOf('cutByDriver', change)?.text ?? '',
    /driver itself cut 2 connections .*: PROTOCOL_RSV1 2 \(RSV1 must be clear\)\.$/,
  );
  assert.match(
    warningOf('closedEarly', change)?.text ?? '',
    /stage ended 1 connection before the run did: CLOSE_1008 1 \(token expired\)\.$/,
  );
});

test('connections that were refused say with what', () => {
  const warning = warningOf('failedConnections', (rollup) => {
    rollup.failures.HTTP_401 = 4;
    rollup.details.HTTP_401 = 'it answered 401 Unauthorized';
    rollup.connections.failed = 4;
  });
  assert.match(warning?.text ?? '', /HTTP_401 4 \(it answered 401 Unauthorized\)/);
  assert.match(warning?.advice ?? '', /BENCH_HEADERS and BENCH_QUERY/);
});
