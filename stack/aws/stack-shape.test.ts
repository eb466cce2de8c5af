/** The reference stack's shape under the parameters that decide what it costs, and templates that can't be told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFERENCE_TEMPLATE_PATH } from './preflight.ts';
import { shapeOf } from './stack-shape.ts';
import { parseTemplate, readTemplate } from './template.ts';

const REFERENCE = readTemplate(REFERENCE_TEMPLATE_PATH);

test('the reference stack with its defaults has two shards, one fan-out consumer and two readers', () => {
  const { streams, readers, stageRatePerSecond } = shapeOf(REFERENCE, {});
  assert.deepEqual(streams, [
    { logicalId: 'EventStream', mode: 'PROVISIONED', shards: 2, fanOutConsumers: 1 },
  ]);
  assert.equal(stageRatePerSecond, 10_000);
  assert.deepEqual(readers[0], {
    logicalId: 'EchoMapping',
    functionId: 'EchoFunction',
    stream: 'EventStream',
    isFanOut: true,
    batchSize: 100,
    windowSeconds: 0,
    parallelization: 1,
    memoryMb: 512,
    architecture: 'arm64',
    postConcurrency: 16,
  });
  assert.deepEqual(
    readers
      .slice(1)
      .map(({ logicalId, isFanOut, batchSize, postConcurrency }) => [
        logicalId,
        isFanOut,
        batchSize,
        postConcurrency,
      ]),
    [['AuditMapping', false, 500, null]],
  );
});

test('parameters decide the consumer, the audit service and the mode', () => {
  const polling = shapeOf(REFERENCE, { Consumer: 'POLLING', AuditService: 'false', ShardCount: '7' });
  assert.deepEqual(
    [polling.streams[0]?.shards, polling.streams[0]?.fanOutConsumers, polling.readers.length],
    [7, 0, 1],
  );
  assert.deepEqual([polling.readers[0]?.isFanOut, polling.readers[0]?.stream], [false, 'EventStream']);
  const onDemand = shapeOf(REFERENCE, { StreamMode: 'ON_DEMAND' });
  assert.deepEqual([onDemand.streams[0]?.mode, onDemand.streams[0]?.shards], ['ON_DEMAND', null]);
});

test('conditions are three-valued, and what they leave open is not known', () => {
  const text = `
Conditions:
  Region: !Equals [!Ref AWS::Region, us-east-1]
  Never: !And [!Equals [a, b], !Condition Region]
  Always: !Or [!Not [!Equals [a, b]], !Condition Region]
Resources:
  A: {Type: AWS::Kinesis::Stream, Condition: Never, Properties: {ShardCount: 1}}
  B: {Type: AWS::Kinesis::Stream, Condition: Always, Properties: {ShardCount: 2}}
  C: {Type: AWS::Kinesis::Stream, Condition: Region, Properties: {ShardCount: !If [Region, 3, 4]}}
`;
  const { streams } = shapeOf(parseTemplate(text, 't.yaml'), {});
  assert.deepEqual(
    streams.map(({ logicalId, shards }) => [logicalId, shards]),
    [
      ['B', 2],
      ['C', null],
    ],
  );
});
