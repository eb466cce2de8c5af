import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { expectedRecords, type RunRecord } from '../measure/record.ts';
import { Rollup } from '../measure/rollup.ts';
import type { ReadinessState } from '../model/readiness-state.ts';
import type { StageMetrics } from '../model/result.ts';
import type { MetricsReading } from '../ports.ts';
import { planWith } from '../sim/testing/plan.ts';
import { askStage, readyFleetStage } from './fleet-stage.ts';
import type { OpenStage } from './stage.ts';

const METRICS: StageMetrics = { source: 'local', periodMs: 1_000, incomingRecords: 4, series: [] };

function stageWith(changes: Partial<OpenStage> = {}): OpenStage {
  return {
    facts: {
      ...{ kind: 'aws', url: 'wss://a', name: 'a', region: 'eu-west-1', parameters: {}, profile: null },
      notes: [],
    },
    hasMetrics: true,
    metrics: () => Promise.resolve(METRICS),
    close: () => Promise.resolve(),
    ...changes,
  };
}

/** What is asked of a merged record: its times, and what it sent. */
const RECORD = {
  ...{ plan: planWith({}), rollup: new Rollup(), probes: 4, stageChange: null },
  ...{ startedAtMs: 1_000, measuredFromMs: 5_000, trafficEndedAtMs: 9_000 },
} as unknown as RunRecord;

function asked(stage: OpenStage, said: string[] = []) {
  return askStage(
    { stage, interrupted: new AbortController().signal, say: (line) => said.push(line) },
    RECORD,
  );
}

test('a stage is asked once for the metrics of the whole run, and what it waits for is said once', async () => {
  const questions: unknown[] = [];
  const said: string[] = [];
  const metrics = (fromMs: number, toMs: number, reading?: MetricsReading) => {
    questions.push([fromMs, toMs, reading?.measuredFromEpochMs, reading?.expectedRecords]);
    for (const what of ['waiting for CloudWatch', 'waiting for CloudWatch', '3 of 4 records'])
      reading?.waiting({ what, untilMs: 1 });
    return Promise.resolve(METRICS);
  };
  const word = await asked(stageWith({ metrics }), said);
  assert.deepEqual(word, {
    metrics: METRICS,
    metricsProblem: null,
    stageHasMetrics: true,
    stageChange: null,
  });
  assert.deepEqual(questions, [[1_000, 9_000, 5_000, expectedRecords(RECORD)]]);
  assert.deepEqual(said, ['reading metrics of the stack', '  waiting for CloudWatch', '  3 of 4 records']);
});

test('metrics that can’t be read are told as such, and cost nothing else', async () => {
  const word = await asked(stageWith({ metrics: () => Promise.reject(new Error('AccessDenied')) }));
  assert.deepEqual([word.metrics, word.metricsProblem], [null, 'metrics could not be read: AccessDenied']);
});

test('with --no-metrics the stage is not asked for any, but still whether it has changed', async () => {
  const stage = stageWith({
    ...{ hasMetrics: false, metrics: () => assert.fail('it was asked') },
    changed: () => Promise.resolve('the stack is gone'),
  });
  assert.deepEqual(await asked(stage), {
    ...{ metrics: null, metricsProblem: null, stageHasMetrics: false },
    stageChange: 'the stack is gone',
  });
});

test('a stage that can’t be asked is not known to be the same', async () => {
  const word = await asked(stageWith({ changed: () => Promise.reject(new Error('no credentials')) }));
  assert.equal(word.stageChange, 'what it is now could not be asked: no credentials');
});

test('before workers are asked for, every shard answers, and what is waited for is said once', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => server.close());
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
  await once(server, 'listening');
  const said: string[] = [];
  const answers: (ReadinessState | null)[] = [
    { waitFor: { what: 'mapping EchoMapping is Creating', forMs: 1 } },
    { waitFor: { what: 'mapping EchoMapping is Creating', forMs: 1 } },
    { waitFor: null, demand: { service: 'echo', shards: ['shardId-000000000000'], smallestShare: 1 } },
  ];
  let met = 0;
  const readiness = { ask: () => Promise.resolve(answers.shift() ?? null), met: () => met++ };
  const { url } = { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const stage = { ...stageWith(), readiness };
  const probed = await readyFleetStage(
    {
      stage: { ...stage, facts: { ...stage.facts, url } },
      interrupted: new AbortController().signal,
      say: (line) => said.push(line),
    },
    { plan: planWith({}), headers: {}, query: '' },
  );
  assert.deepEqual([answers.length, met, said], [0, 1, ['  mapping EchoMapping is Creating']]);
  assert.deepEqual([probed.sent > 0, probed.unanswered, probed.fromMs < probed.toMs], [true, 0, true]);
});
