import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  SubscribeToShardCommand,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import { STSClient } from '@aws-sdk/client-sts';
import { AwsError } from '../errors.ts';
import type { Actions } from './action.ts';
import { serveEndpoints } from './testing/endpoints.ts';

const ARRIVED = new Date('2026-01-02T03:04:05.678Z');

const SUBSCRIBE = new SubscribeToShardCommand({
  ConsumerARN: 'arn:consumer',
  ShardId: 'shardId-000000000000',
  StartingPosition: { Type: 'LATEST' },
});

function event(index: number) {
  return {
    SubscribeToShardEvent: {
      Records: [
        {
          SequenceNumber: String(index),
          Data: new Uint8Array([index, 255]),
          PartitionKey: 'é',
          ApproximateArrivalTimestamp: ARRIVED,
        },
      ],
      ContinuationSequenceNumber: String(index),
      MillisBehindLatest: 0,
    },
  };
}

/** The SDK hands out Buffers, and numbers of its own kind. */
function withPlainBytes(event: SubscribeToShardEventStream): unknown {
  const { Records = [], ...rest } = event.SubscribeToShardEvent!;
  const plain = Records.map((record) => ({ ...record, Data: new Uint8Array(record.Data!) }));
  return { SubscribeToShardEvent: { Records: plain, ...rest } };
}

for (const version of ['h2c', 'HTTP/1.1'] as const) {
  // A Kinesis client speaks HTTP/2 unless given a handler; another service's client lends it one of HTTP/1.1.
  const handler = () =>
    version === 'h2c' ? {} : { requestHandler: new STSClient({}).config.requestHandler };

  const kinesisFor = async (t: TestContext, kinesis: Actions) => {
    const served = await serveEndpoints(t, { kinesis });
    const client = new KinesisClient({ ...served.client, ...handler() });
    t.after(() => client.destroy());
    return { ...served, kinesis: client };
  };

  test(`Kinesis over ${version}: blobs go through, a modelled error comes back`, async (t) => {
    const inputs: object[] = [];
    const { kinesis } = await kinesisFor(t, {
      PutRecord: (input) => {
        inputs.push(input);
        return { ShardId: 'shardId-000000000000', SequenceNumber: '1' };
      },
      DescribeStreamSummary: () => {
        throw new AwsError('ResourceNotFoundException', 'Stream x under account y not found.');
      },
    });
    const Data = new Uint8Array([0, 1, 254, 255]);
    const put = await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data }));
    assert.equal(put.SequenceNumber, '1');
    assert.deepEqual(JSON.stringify(inputs), JSON.stringify([{ Data, StreamName: 's', PartitionKey: 'k' }]));
    await assert.rejects(kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'x' })), {
      name: 'ResourceNotFoundException',
      message: 'Stream x under account y not found.',
    });
  });

  test(`Kinesis over ${version}: a subscription delivers events as they come, and ends`, async (t) => {
    const { kinesis } = await kinesisFor(t, {
      SubscribeToShard: () => ({
        EventStream: (async function* () {
          for (let index = 1; index <= 3; index++) yield event(index);
        })(),
      }),
    });
    const { EventStream } = await kinesis.send(SUBSCRIBE);
    const seen: unknown[] = [];
    for await (const each of EventStream!) seen.push(withPlainBytes(each));
    assert.deepEqual(seen, [event(1), event(2), event(3)]);
  });

  test(`Kinesis over ${version}: a subscription’s error ends it, modelled or not`, async (t) => {
    const errors: Error[] = [new AwsError('ResourceInUseException', 'taken'), new TypeError('secret')];
    const { kinesis, log } = await kinesisFor(t, {
      SubscribeToShard: () => ({
        EventStream: (async function* () {
          yield event(1);
          throw errors.shift();
        })(),
      }),
    });
    for (const expected of [
      { name: 'ResourceInUseException', message: 'taken' },
      { name: 'InternalFailure', message: 'internal error' },
    ]) {
      const { EventStream } = await kinesis.send(SUBSCRIBE);
      let count = 0;
      await assert.rejects(async () => {
        for await (const _ of EventStream!) count += 1;
      }, expected);
      assert.equal(count, 1);
    }
    assert.equal(log.length, 1);
    assert.match(log[0]!, /kinesis SubscribeToShard .* TypeError: secret/);
  });

  test(`Kinesis over ${version}: a client that leaves aborts the action and lets the stream go`, async (t) => {
    const steps: string[] = [];
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { kinesis } = await kinesisFor(t, {
      SubscribeToShard: (_input, { signal }) => ({
        EventStream: (async function* () {
          try {
            yield event(1);
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
            steps.push('aborted');
          } finally {
            release();
          }
        })(),
      }),
    });
    const abort = new AbortController();
    const { EventStream } = await kinesis.send(SUBSCRIBE, { abortSignal: abort.signal });
    for await (const each of EventStream!) {
      assert.equal(each.SubscribeToShardEvent?.ContinuationSequenceNumber, '1');
      break;
    }
    abort.abort();
    await released;
    assert.deepEqual(steps, ['aborted']);
  });
}
