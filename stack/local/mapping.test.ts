import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CONSUMER_ARN,
  failure,
  MAPPING_UUID,
  OK,
  STREAM_ARN,
  TestBed,
  type TestBedOptions,
  type TestEvent,
  textsOf,
} from './mapping-test-bed.ts';
import type { InvocationResult } from './ports.ts';
import { AWS_PROFILE, IDEAL_PROFILE } from './profile.ts';
import type { TestClock } from './test-clock.ts';

const COUNTED = { MetricsConfig: { Metrics: ['EventCount'] } };
const DESTINATION = { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:123456789012:failures' } };

/** A function that takes this long on the clock. */
function slow(ms: number) {
  return (_event: TestEvent, clock: TestClock) =>
    new Promise<InvocationResult>((resolve) => clock.at(clock.now() + ms, () => resolve(OK)));
}

/** A function that fails while a batch contains the text. */
function poisonedBy(text: string) {
  return (event: TestEvent) => (textsOf(event).includes(text) ? failure('poison') : OK);
}

/** A function that reports the text's record as failed. */
function reporting(text: string) {
  return (event: TestEvent): InvocationResult => {
    const failed = event.Records.filter((_, index) => textsOf(event)[index] === text);
    const batchItemFailures = failed.map((record) => ({ itemIdentifier: record.kinesis.sequenceNumber }));
    return { kind: 'ok', payload: { batchItemFailures }, durationMs: 1, coldStart: false };
  };
}

async function started(options: TestBedOptions): Promise<TestBed> {
  const bed = new TestBed(options);
  await bed.mapping.start();
  return bed;
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

describe('a failing function', () => {
  test('blocks its shard for as long as it fails, and no other shard', async () => {
    const bed = await started({ shards: 2, handler: poisonedBy('bad') });
    await bed.put(['bad'], 'abc');
    await bed.clock.advance(0);
    await bed.put(['after'], 'abc');
    await bed.put(['elsewhere'], 'a');
    await bed.clock.advance(120_000);
    const texts = bed.batches.flat();
    assert.deepEqual([texts.includes('elsewhere'), texts.includes('after')], [true, false]);
    const retries = texts.filter((text) => text === 'bad').length;
    assert.ok(retries > 12 && retries < 60, `${retries} attempts in two minutes`);
    await bed.close();
  });

  test('gets nothing of a lane out of order: what waits comes after the retry has succeeded', async () => {
    let attempts = 0;
    const bed = await started({
      handler: () => (attempts++ < 3 ? failure('not yet') : OK),
      mapping: COUNTED,
    });
    await bed.put(['a', 'b']);
    await bed.clock.advance(0);
    await bed.put(['c']);
    await bed.clock.advance(10_000);
    assert.deepEqual(bed.batches, [['a', 'b'], ['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    assert.deepEqual([bed.total('InvokedEventCount'), bed.total('FailedInvokeEventCount')], [9, 6]);
    assert.deepEqual([bed.total('PolledEventCount'), bed.total('DroppedEventCount')], [3, 0]);
    await bed.close();
  });

  test('has a poisoned record isolated by bisecting, dropped, and told about', async () => {
    const mapping = {
      ...COUNTED,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: DESTINATION,
    };
    const bed = await started({ mapping, handler: poisonedBy('e') });
    await bed.put(letters('abcdefgh'));
    await bed.clock.advance(60_000);
    const succeeded = bed.batches.filter((batch) => !batch.includes('e')).flat();
    assert.deepEqual(succeeded, letters('abcdfgh'));
    assert.equal(bed.batches.filter((batch) => batch.join() === 'e').length, 2);
    assert.equal(bed.failures.length, 1);
    assert.equal(bed.total('DroppedEventCount'), 1);
    assert.equal(bed.total('OnFailureDestinationDeliveredEventCount'), 1);
    assert.match(bed.lines.join('\n'), /dropped 1 records from 49\d+: RetryAttemptsExhausted/);
    await bed.close();
  });

  test('has a batch dropped after its attempts, with the documented record', async () => {
    const mapping = { MaximumRetryAttempts: 2, DestinationConfig: DESTINATION };
    const bed = await started({ mapping, handler: poisonedBy('bad') });
    await bed.put(['bad', 'innocent']);
    await bed.clock.advance(60_000);
    assert.equal(bed.batches.length, 3);
    const shard = bed.kinesis.stream('bench-Stream')!.shards[0]!;
    const [{ destination, record } = assert.fail()] = bed.failures;
    assert.equal(destination, DESTINATION.OnFailure.Destination);
    const { requestContext, timestamp, ...rest } = record as Record<string, Record<string, unknown>>;
    assert.match(String(requestContext?.requestId), /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      { ...requestContext, requestId: '' },
      {
        requestId: '',
        functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:bench-Echo',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
    );
    assert.match(String(timestamp), /^2023-11-14T22:13:20\.\d{3}Z$/);
    assert.deepEqual(rest, {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      KinesisBatchInfo: {
        shardId: 'shardId-000000000000',
        startSequenceNumber: shard.at(0)!.sequenceNumber,
        endSequenceNumber: shard.at(1)!.sequenceNumber,
        approximateArrivalOfFirstRecord: '2023-11-14T22:13:20.000Z',
        approximateArrivalOfLastRecord: '2023-11-14T22:13:20.000Z',
        batchSize: 2,
        streamArn: STREAM_ARN,
      },
    });
    await bed.close();
  });

  test('has records dropped that are too old to be sent again', async () => {
    const mapping = { ...COUNTED, MaximumRecordAgeInSeconds: 60, DestinationConfig: DESTINATION };
    const bed = await started({ mapping, handler: poisonedBy('bad') });
    await bed.put(['bad']);
    await bed.clock.advance(1_000);
    await bed.put(['waits']);
    await bed.clock.advance(75_000);
    const failed = bed.failures[0]?.record as {
      requestContext: { condition: string };
      responseContext?: unknown;
    };
    assert.equal(failed.requestContext.condition, 'RecordAgeExceeded');
    assert.equal(failed.responseContext, undefined);
    assert.equal(
      bed.total('DroppedEventCount') + bed.batches.filter((batch) => batch.includes('waits')).length,
      2,
    );
    await bed.close();
  });

  test('that reports single records gets them again, and the ones before them not', async () => {
    const mapping = {
      ...COUNTED,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 2,
      DestinationConfig: DESTINATION,
    };
    const bed = await started({ mapping, handler: reporting('c') });
    await bed.put(letters('abcd'));
    await bed.clock.advance(60_000);
    assert.deepEqual(bed.batches, [letters('abcd'), letters('cd'), letters('cd')]);
    assert.equal(bed.total('FailedInvokeEventCount'), 6);
    assert.equal(bed.total('DroppedEventCount'), 2);
    await bed.close();
  });

  test('that is throttled is tried again without using up attempts', async () => {
    let calls = 0;
    const bed = await started({
      mapping: { MaximumRetryAttempts: 0 },
      handler: () => (calls++ < 5 ? { kind: 'throttled' } : OK),
    });
    await bed.put(['a']);
    await bed.clock.advance(30_000);
    assert.equal(bed.batches.length, 6);
    assert.deepEqual(bed.failures, []);
    await bed.close();
  });

  test('that can not be invoked at all is tried again', async () => {
    let calls = 0;
    const handler = () => {
      if (calls++ === 0) throw new Error('no such process');
      return OK;
    };
    const bed = await started({ handler });
    await bed.put(['a']);
    await bed.clock.advance(1_000);
    assert.equal(bed.batches.length, 2);
    assert.match(bed.lines.join('\n'), /no such process/);
    await bed.close();
  });

  test('has what expires in the stream meanwhile dropped and counted, whether it was read ahead or not', async () => {
    const mapping = { ...COUNTED, BatchSize: 10 };
    const bed = await started({ mapping, handler: poisonedBy('0'), streamMemoryBytes: 1_000_000 });
    for (let round = 0; round < 30; round++) {
      await bed.put(Array.from({ length: 100 }, (_, index) => String(round * 100 + index)));
      await bed.clock.advance(1);
    }
    await bed.clock.advance(30_000);
    const done = new Set(bed.batches.filter((batch) => !batch.includes('0')).flat());
    const shard = bed.kinesis.stream('bench-Stream')!.shards[0]!;
    assert.ok(done.size < 2_500, `${done.size} processed`);
    assert.equal(done.size + bed.total('DroppedEventCount'), 3_000);
    const lost = shard.trimmedUnread;
    assert.ok(lost > 500 && lost <= bed.total('DroppedEventCount'), `${lost} lost`);
    assert.match(bed.lines.join('\n'), /they expired before they could be read/);
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

describe('a consumer', () => {
  const QUIET = { ...IDEAL_PROFILE.latency };

  test('that polls sees a record at its next poll, once a second', async () => {
    const profile = { ...IDEAL_PROFILE, quotas: { ...IDEAL_PROFILE.quotas, pollIntervalMs: 1_000 } };
    const arrivals: number[] = [];
    const handler = (_event: TestEvent, clock: TestClock) => {
      arrivals.push(clock.now());
      return OK;
    };
    const bed = await started({ profile, mapping: { EventSourceArn: STREAM_ARN, ...COUNTED }, handler });
    for (let second = 0; second < 5; second++) {
      await bed.put([String(second)]);
      await bed.clock.advance(1_000);
    }
    const phase = arrivals[0]!;
    assert.ok(phase > 0 && phase < 1_000, `phase ${phase}`);
    assert.deepEqual(
      arrivals,
      [0, 1_000, 2_000, 3_000, 4_000].map((at) => at + phase),
    );
    assert.equal(bed.events[0]?.Records[0]?.eventSourceARN, STREAM_ARN);
    assert.equal(bed.total('GetRecords.Records'), 5);
    assert.equal(bed.largest('GetRecords.IteratorAgeMilliseconds'), phase);
    await bed.close();
  });

  test('that polls reads on at once while a poll left records behind', async () => {
    const profile = { ...IDEAL_PROFILE, quotas: { ...IDEAL_PROFILE.quotas, pollIntervalMs: 1_000 } };
    const mapping = { EventSourceArn: STREAM_ARN, BatchSize: 10_000 };
    const bed = await started({ profile, mapping });
    await bed.put(Array.from({ length: 25_000 }, () => 'x'));
    await bed.clock.advance(1_000);
    assert.equal(bed.batches.flat().length, 25_000);
    assert.equal(bed.total('GetRecords.Success'), 3);
    await bed.close();
  });

  test('that polls is refused while the shard repays a large read', async () => {
    const latency = { ...QUIET };
    const profile = {
      ...AWS_PROFILE,
      latency,
      quotas: {
        ...AWS_PROFILE.quotas,
        pollIntervalMs: 100,
        shardBytesPerSecond: 1e9,
        shardRecordsPerSecond: null,
      },
    };
    const bed = await started({ profile, mapping: { EventSourceArn: STREAM_ARN, BatchSize: 10_000 } });
    await bed.put(Array.from({ length: 20 }, () => 'x'.repeat(1_000_000)));
    await bed.clock.advance(3_900);
    assert.equal(bed.batches.flat().length, 9);
    const refused = bed.total('ReadProvisionedThroughputExceeded');
    assert.ok(refused > 3, `${refused} refused`);
    await bed.clock.advance(10_000);
    assert.equal(bed.batches.flat().length, 20);
    await bed.close();
  });

  test('with fan-out gets at most 2 MB a second of a shard once the burst is used', async () => {
    const quotas = { ...AWS_PROFILE.quotas, shardBytesPerSecond: 1e9, shardRecordsPerSecond: null };
    const bed = await started({ profile: { ...AWS_PROFILE, latency: QUIET, quotas } });
    await bed.put(Array.from({ length: 20 }, () => 'x'.repeat(1_000_000)));
    await bed.clock.advance(5_000);
    const delivered = bed.batches.flat().length;
    assert.ok(delivered >= 12 && delivered <= 13, `${delivered} MB in five seconds`);
    await bed.clock.advance(5_000);
    assert.equal(bed.batches.flat().length, 20);
    await bed.close();
  });

  test('with fan-out keeps order and the delay distribution of the profile at high rates', async () => {
    const latency = { ...QUIET, fanOutPush: AWS_PROFILE.latency.fanOutPush };
    const delays: number[] = [];
    const handler = (event: TestEvent, clock: TestClock) => {
      for (const text of textsOf(event)) delays.push(clock.now() - Number(text));
      return OK;
    };
    const bed = await started({
      profile: { ...IDEAL_PROFILE, latency },
      mapping: { BatchSize: 10_000 },
      handler,
    });
    for (let ms = 0; ms < 40_000; ms += 2) {
      await bed.put([String(ms)]);
      await bed.clock.advance(2);
    }
    await bed.clock.advance(1_000);
    const sent = bed.batches.flat().map(Number);
    assert.deepEqual(
      sent,
      [...sent].sort((one, other) => one - other),
    );
    delays.sort((one, other) => one - other);
    const quantile = (q: number) => delays[Math.floor(q * delays.length)]!;
    assert.equal(delays.length, 20_000);
    assert.ok(Math.abs(quantile(0.5) - 35) < 6, `median ${quantile(0.5)}`);
    assert.ok(Math.abs(quantile(0.99) - 85) < 20, `p99 ${quantile(0.99)}`);
    await bed.close();
  });

  test('of either kind hands everything over when each reading of the clock is later than the last', async () => {
    for (const profile of [IDEAL_PROFILE, AWS_PROFILE]) {
      for (const EventSourceArn of [STREAM_ARN, CONSUMER_ARN]) {
        const bed = await started({ profile, mapping: { EventSourceArn }, creepMs: 0.001 });
        for (let index = 0; index < 50; index++) {
          void bed.put([String(index)]);
          await bed.clock.advance(1);
        }
        await bed.clock.advance(5_000);
        assert.equal(bed.batches.flat().length, 50, EventSourceArn);
        await bed.close();
      }
    }
  });

  test('with fan-out renews its subscription every five minutes', async () => {
    const bed = await started({});
    await bed.clock.advance(11 * 60_000);
    assert.equal(bed.total('SubscribeToShard.Success'), 3);
    await bed.close();
  });
});

test('the mapping of the tests is named by its UUID in metrics', async () => {
  const bed = await started({ mapping: COUNTED });
  await bed.put(['a']);
  await bed.clock.advance(0);
  const polled = bed.metrics.list().find((identity) => identity.name === 'PolledEventCount');
  assert.deepEqual(polled?.dimensions, { EventSourceMappingUUID: MAPPING_UUID });
  await bed.close();
});
