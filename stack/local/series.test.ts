import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, ResolvedResource, ResolvedStack } from '../template/value.ts';
import { MetricStore } from './cloudwatch/metrics.ts';
import type { MetricIdentity } from './ports.ts';
import { stageMetrics } from './series.ts';
import { TestClock } from './testing/test-clock.ts';

const ORIGIN_MS = 1_700_000_000_000;
const STREAM_ARN = 'arn:aws:kinesis:us-east-1:123456789012:stream/s';
const CONSUMER_ARN = `${STREAM_ARN}/consumer/c:1`;

function resource(
  logicalId: string,
  type: string,
  physicalId: string,
  properties: Record<string, Json> = {},
): ResolvedResource {
  const attributes: Record<string, string> = type.endsWith('Stream')
    ? { Arn: STREAM_ARN }
    : { Arn: `arn:aws:lambda:us-east-1:123456789012:function:${physicalId}` };
  return { logicalId, type, physicalId, attributes, properties };
}

function stackOf(sourceArn: string, outputs: Record<string, string> = {}): ResolvedStack {
  return {
    stackName: 'bench',
    stackId: 'arn:stack',
    region: 'us-east-1',
    accountId: '123456789012',
    parameters: {},
    outputs,
    outputDescriptions: {},
    resources: [
      resource('Api', 'AWS::ApiGatewayV2::Api', 'api'),
      resource('Stage', 'AWS::ApiGatewayV2::Stage', 'v1', { ApiId: 'api', StageName: 'v1' }),
      resource('Stream', 'AWS::Kinesis::Stream', 's'),
      resource('Consumer', 'AWS::Kinesis::StreamConsumer', CONSUMER_ARN, {
        ConsumerName: 'c',
        StreamARN: STREAM_ARN,
      }),
      resource('AuditFunction', 'AWS::Lambda::Function', 'audit'),
      resource('EchoFunction', 'AWS::Lambda::Function', 'echo'),
      resource('Mapping', 'AWS::Lambda::EventSourceMapping', 'uuid', {
        FunctionName: 'echo',
        EventSourceArn: sourceArn,
      }),
    ],
  };
}

async function measured(stack: ResolvedStack) {
  const clock = new TestClock(ORIGIN_MS);
  const store = new MetricStore({ clock, periodMs: 1_000 });
  const record = (
    namespace: MetricIdentity['namespace'],
    name: string,
    dimensions: Record<string, string>,
    value: number,
  ) => store.meter({ namespace, name, dimensions, unit: 'Count' }).record(value);
  record('AWS/ApiGateway', 'MessageCount', { ApiId: 'api', Stage: 'v1' }, 1);
  record('AWS/Kinesis', 'IncomingRecords', { StreamName: 's' }, 1);
  record('AWS/Kinesis', 'IncomingRecords', { StreamName: 's' }, 1);
  await clock.advance(2_000);
  record('AWS/Kinesis', 'IncomingRecords', { StreamName: 's' }, 1);
  record(
    'AWS/Kinesis',
    'SubscribeToShardEvent.MillisBehindLatest',
    { StreamName: 's', ConsumerName: 'c' },
    70,
  );
  record('AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds', { StreamName: 's' }, 900);
  record('AWS/Lambda', 'Duration', { FunctionName: 'echo' }, 4);
  record('AWS/Lambda', 'Duration', { FunctionName: 'echo' }, 8);
  record('AWS/Lambda', 'IteratorAge', { FunctionName: 'audit' }, 5);
  const metrics = stageMetrics({ stack, store, startEpochMs: ORIGIN_MS, endEpochMs: ORIGIN_MS + 3_000 });
  const byId = new Map(metrics.series.map((series) => [series.id, series]));
  return { metrics, ids: [...byId.keys()], valuesOf: (id: string) => byId.get(id)?.values, byId };
}

describe('the metrics of a report', () => {
  test('are counts over the whole window, and latencies where there are any', async () => {
    const { metrics, valuesOf, byId } = await measured(stackOf(CONSUMER_ARN));
    assert.deepEqual([metrics.source, metrics.periodMs, metrics.incomingRecords], ['local', 1_000, 3]);
    assert.deepEqual(valuesOf('incomingRecords'), [2, 0, 1]);
    assert.deepEqual(valuesOf('messageCount'), [1, 0, 0]);
    assert.deepEqual(valuesOf('writeThrottles'), [0, 0, 0]);
    assert.deepEqual(valuesOf('putRecordLatency'), undefined);
    assert.deepEqual(byId.get('duration')?.values, [6]);
    assert.deepEqual(byId.get('durationMax')?.values, [8]);
    assert.deepEqual(byId.get('duration')?.timestamps, [ORIGIN_MS + 2_000]);
  });

  test('have the consumer of the primary function: pushed to, or polling', async () => {
    const pushed = await measured(stackOf(CONSUMER_ARN));
    assert.deepEqual(pushed.valuesOf('millisBehindLatest'), [70]);
    assert.ok(!pushed.ids.includes('getRecordsIteratorAge'), 'no polling');
    const polled = await measured(stackOf(STREAM_ARN));
    assert.deepEqual(polled.valuesOf('getRecordsIteratorAge'), [900]);
    assert.ok(!polled.ids.includes('millisBehindLatest'), 'no push');
  });

  test('name the primary function plainly and every other by its logical id', async () => {
    const { ids, valuesOf } = await measured(stackOf(CONSUMER_ARN));
    assert.deepEqual(valuesOf('auditFunctionIteratorAge'), [5]);
    assert.ok(ids.includes('invocations') && ids.includes('auditFunctionInvocations'), ids.join());
    const other = await measured(stackOf(CONSUMER_ARN, { EchoFunctionName: 'audit' }));
    assert.deepEqual(other.valuesOf('iteratorAge'), [5]);
    assert.deepEqual(other.valuesOf('echoFunctionDuration'), [6]);
  });

  test('have ids that occur once', async () => {
    const { metrics, ids } = await measured(stackOf(CONSUMER_ARN));
    assert.equal(new Set(ids).size, metrics.series.length);
  });
});
