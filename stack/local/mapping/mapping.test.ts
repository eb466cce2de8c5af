import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import type { InvocationResult } from '../ports.ts';
import {
  CONSUMER_ARN,
  failure,
  MAPPING_UUID,
  OK,
  STREAM_ARN,
  started,
  TestBed,
  type TestEvent,
} from '../testing/mapping-bed.ts';
import type { TestClock } from '../testing/test-clock.ts';

const COUNTED = { MetricsConfig: { Metrics: ['EventCount'] } };

/** A function that takes this long on the clock. */
function slow(ms: number) {
  return (_event: TestEvent, clock: TestClock) =>
    new Promise<InvocationResult>((resolve) => clock.at(clock.now() + ms, () => resolve(OK)));
}

const letters = (text: string) => [...text];

describe('a mapping', () => {
  test('sends what was put together as one batch, as the documented event', async () => {
    const bed = await started({});
    await bed.put(['a', 'b']);
    await bed.clock.advance(0);
    assert.deepEqual(bed.batches, [['a', 'b']]);
    const shard = bed.kinesis.stream('bench-Stream')!.shards[0]!;
    const sequenceNumber = shard.at(0)!.sequenceNumber;
    assert.deepEqual(bed.events[0]?.Records[0], {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'key',
        sequenceNumber,
        data: 'YQ==',
        approximateArrivalTimestamp: 1_700_000_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/bench-Echo',
      awsRegion: 'us-east-1',
      eventSourceARN: CONSUMER_ARN,
    });
    assert.equal(bed.clock.pending, 1, 'no timer but the renewal of the subscription');
    await bed.close();
    assert.equal(bed.clock.pending, 0);
  });

  test('gathers up to its batch size while the function is busy', async () => {
    const bed = await started({ mapping: { BatchSize: 3 }, handler: slow(100) });
    await bed.put(['a']);
    await bed.clock.advance(10);
    await bed.put(letters('bcdef'));
    await bed.clock.advance(300);
    assert.deepEqual(bed.batches, [['a'], letters('bcd'), letters('ef')]);
    await bed.close();
  });

  test('waits for its window, unless the batch is full before', async () => {
    const bed = await started({ mapping: { BatchSize: 3, MaximumBatchingWindowInSeconds: 2 } });
    await bed.put(['a']);
    await bed.clock.advance(1_999);
    assert.deepEqual(bed.batches, []);
    await bed.put(['b']);
    await bed.clock.advance(1);
    assert.deepEqual(bed.batches, [['a', 'b']]);
    await bed.put(letters('cde'));
    await bed.clock.advance(0);
    assert.deepEqual(bed.batches[1], letters('cde'));
    await bed.close();
  });

  test('opens a window when the invocation before ends, and not with the first record', async () => {
    const WINDOW_MS = 1_000;
    const handler = async (_event: TestEvent, clock: TestClock) => {
      await new Promise<void>((resolve) => clock.at(clock.now() + 300, resolve));
      return OK;
    };
    const mapping = { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 };
    const bed = await started({ mapping, handler });
    await bed.clock.advance(1_500);
    await bed.put(['a']);
    await bed.clock.advance(499);
    assert.deepEqual(bed.batches, []);
    await bed.clock.advance(1);
    assert.deepEqual(bed.batches, [['a']], 'two windows after the start');
    await bed.clock.advance(300 + WINDOW_MS - 10);
    await bed.put(['b']);
    await bed.clock.advance(10);
    assert.deepEqual(bed.batches, [['a'], ['b']], 'one window after the invocation');
    await bed.close();
  });

  test('makes a record that comes at random wait for half its window', async () => {
    const random = seededRandom(7);
    const bed = await started({ mapping: { MaximumBatchingWindowInSeconds: 1 } });
    for (let put = 0; put < 2_000; put++) {
      await bed.clock.advance(-Math.log(1 - random.next()) * 1_000);
      await bed.put(['x']);
    }
    await bed.clock.advance(2_000);
    const waits = bed.events.flatMap(({ Records }, at) =>
      Records.map((one) => bed.startedMs[at]! - one.kinesis.approximateArrivalTimestamp * 1_000),
    );
    const meanMs = waits.reduce((sum, one) => sum + one, 0) / waits.length;
    // Uniform over the window: a standard error of 289 ms over the root of 2,000, four times.
    assert.ok(Math.abs(meanMs - 500) < 26, `${meanMs} ms`);
    await bed.close();
  });

  test('keeps an invocation below 6 MB', async () => {
    const bed = await started({ mapping: { BatchSize: 100 } });
    await bed.put(Array.from({ length: 12 }, () => 'x'.repeat(1_000_000)));
    await bed.clock.advance(0);
    assert.deepEqual(
      bed.batches.map((batch) => batch.length),
      [4, 4, 4],
    );
    await bed.close();
  });

  test('starts where it is told to', async () => {
    const expectations = [
      [{ StartingPosition: 'LATEST' }, ['c']],
      [{ StartingPosition: 'TRIM_HORIZON' }, ['a', 'b', 'c']],
      [{ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 1_700_000_005 }, ['b', 'c']],
      [{ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: '1700000005.5' }, ['b', 'c']],
      [{ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: '2023-11-14T22:13:35Z' }, ['c']],
    ] as const;
    for (const [mapping, expected] of expectations) {
      const bed = new TestBed({ mapping });
      await bed.put(['a']);
      await bed.clock.advance(10_000);
      await bed.put(['b']);
      await bed.clock.advance(10_000);
      await bed.mapping.start();
      await bed.put(['c']);
      await bed.clock.advance(10);
      assert.deepEqual(bed.batches.flat(), expected);
      await bed.close();
    }
  });

  test('accepts a key that encrypts nothing here', async () => {
    const bed = await started({ mapping: { KmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/k' } });
    await bed.put(['a']);
    assert.deepEqual(bed.batches, [['a']]);
    await bed.close();
  });

  test('does nothing when it is disabled', async () => {
    const bed = await started({ mapping: { Enabled: 'false', StartingPosition: 'TRIM_HORIZON' } });
    await bed.put(['a']);
    await bed.clock.advance(10_000);
    assert.deepEqual(bed.batches, []);
    await bed.close();
  });

  test('lists everything wrong with its properties', () => {
    const mapping = {
      BatchSize: 20_000,
      ParallelizationFactor: 0,
      FilterCriteria: {},
      StartingPosition: 'AT_TIMESTAMP',
    };
    assert.throws(
      () => new TestBed({ mapping }),
      (error: Error) =>
        ['EventSourceMapping', 'BatchSize', 'ParallelizationFactor', 'FilterCriteria'].every((word) =>
          error.message.includes(word),
        ),
    );
  });

  test('does not start without its stream or its function', async () => {
    await assert.rejects(started({ mapping: { EventSourceArn: 'arn:other' } }), /EventSourceArn.*arn:other/);
    await assert.rejects(started({ mapping: { FunctionName: 'other' } }), /FunctionName.*other/);
  });

  test('measures the age of the last record of each batch when it is sent', async () => {
    const bed = await started({ handler: slow(700) });
    await bed.put(['a']);
    await bed.clock.advance(0);
    await bed.put(['b']);
    await bed.clock.advance(2_000);
    assert.equal(bed.largest('IteratorAge'), 700);
    await bed.close();
  });

  test('shows in the stream how far a slow function is behind', async () => {
    const bed = await started({ mapping: { BatchSize: 1 }, handler: slow(10) });
    await bed.put(Array.from({ length: 1_500 }, () => 'x'));
    await bed.clock.advance(15_100);
    assert.equal(bed.batches.length, 1_500);
    const lagMs = bed.largest('SubscribeToShardEvent.MillisBehindLatest');
    assert.ok(lagMs > 3_000, `${lagMs} ms behind`);
    await bed.close();
  });
});

describe('closing a mapping', () => {
  test('ends back-off and windows at once, and waits only a moment for an invocation', async () => {
    const busy = await started({ handler: () => new Promise(() => {}) });
    await busy.put(['a']);
    await busy.clock.advance(0);
    const closing = busy.mapping.close();
    await busy.clock.advance(1_000);
    await closing;
    const failing = await started({ handler: () => failure('x') });
    await failing.put(['a']);
    await failing.clock.advance(0);
    await failing.mapping.close();
    const waiting = await started({ mapping: { MaximumBatchingWindowInSeconds: 5 } });
    await waiting.put(['a']);
    await waiting.clock.advance(0);
    await waiting.mapping.close();
    assert.deepEqual([busy.clock.pending, failing.clock.pending, waiting.clock.pending], [0, 0, 0]);
  });
});

test('a poll without records is counted as none, where events are counted', async () => {
  const polls = async (mapping: object) => {
    const bed = await started({ mapping: { EventSourceArn: STREAM_ARN, ...mapping } });
    await bed.clock.advance(100);
    const polled = bed.metrics.list().find((identity) => identity.name === 'PolledEventCount');
    const endMs = bed.clock.epochAt(bed.clock.now()) + 1;
    const counts = polled ? bed.metrics.series(polled, 'SampleCount', 0, endMs).values : [];
    const answer = { polls: counts, events: bed.total('PolledEventCount') };
    await bed.close();
    return answer;
  };
  assert.deepEqual(await polls(COUNTED), { polls: [5], events: 0 });
  assert.deepEqual(await polls({}), { polls: [], events: 0 });
});

test('the mapping of the tests is named by its UUID in metrics', async () => {
  const bed = await started({ mapping: COUNTED });
  await bed.put(['a']);
  await bed.clock.advance(0);
  const polled = bed.metrics.list().find((identity) => identity.name === 'PolledEventCount');
  assert.deepEqual(polled?.dimensions, { EventSourceMappingUUID: MAPPING_UUID });
  await bed.close();
});
