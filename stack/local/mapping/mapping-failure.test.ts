import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InvocationResult } from '../ports.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { NO_QUIRKS } from '../quirks.ts';
import { failure, OK, STREAM_ARN, started, type TestEvent, textsOf } from '../testing/mapping-bed.ts';

const COUNTED = { MetricsConfig: { Metrics: ['EventCount'] } };
const DESTINATION = { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:123456789012:failures' } };

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

const letters = (text: string) => [...text];

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
    assert.equal(bed.total('DroppedEventCount'), 0, 'a destination was told');
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
      bed.total('OnFailureDestinationDeliveredEventCount') +
        bed.batches.filter((batch) => batch.includes('waits')).length,
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
    assert.equal(bed.total('OnFailureDestinationDeliveredEventCount'), 2);
    await bed.close();
  });

  test('has records without a destination counted as dropped, and those whose destination fails as the function’s', async () => {
    for (const isDelivered of [null, true, false]) {
      const mapping = {
        ...COUNTED,
        MaximumRetryAttempts: 0,
        ...(isDelivered === null ? {} : { DestinationConfig: DESTINATION }),
      };
      const quirks = { ...NO_QUIRKS, doDestinationsFail: isDelivered === false };
      const profile = { ...IDEAL_PROFILE, quirks };
      const bed = await started({ mapping, profile, handler: poisonedBy('bad') });
      await bed.put(['bad', 'innocent']);
      await bed.clock.advance(1_000);
      const counts = ['DroppedEventCount', 'OnFailureDestinationDeliveredEventCount'].map((name) =>
        bed.total(name),
      );
      const undelivered = bed.total('DestinationDeliveryFailures');
      const expected = { null: [2, 0, 0], true: [0, 2, 0], false: [0, 0, 1] }[String(isDelivered)];
      assert.deepEqual([...counts, undelivered], expected, String(isDelivered));
      assert.equal(bed.failures.length, isDelivered === true ? 1 : 0);
      await bed.close();
    }
  });

  test('has what it threw left out of the failed invocations where AWS does that, but not what it reported', async () => {
    const profile = { ...IDEAL_PROFILE, quirks: { ...NO_QUIRKS, areErrorsUncounted: true } };
    const mapping = { ...COUNTED, MaximumRetryAttempts: 1 };
    const threw = await started({ mapping, profile, handler: poisonedBy('bad') });
    await threw.put(['bad']);
    await threw.clock.advance(1_000);
    assert.deepEqual(
      [threw.total('InvokedEventCount'), threw.total('FailedInvokeEventCount')],
      [2, 0],
      'two attempts, neither of them told',
    );
    await threw.close();
    const partial = { ...mapping, FunctionResponseTypes: ['ReportBatchItemFailures'] };
    const reported = await started({ mapping: partial, profile, handler: reporting('bad') });
    await reported.put(['bad']);
    await reported.clock.advance(1_000);
    assert.equal(reported.total('FailedInvokeEventCount'), 2);
    await reported.close();
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

  test('has what expires in the stream meanwhile dropped, and the log alone counts it, whether it was read ahead or not', async () => {
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
    const expired = bed.lines.reduce((sum, line) => {
      return sum + Number(/dropped (\d+) records.*expired/.exec(line)?.[1] ?? 0);
    }, 0);
    assert.equal(done.size + expired, 3_000);
    assert.equal(bed.total('DroppedEventCount'), 0);
    const lost = shard.trimmedUnread;
    assert.ok(lost > 500 && lost <= expired, `${lost} lost`);
    assert.match(bed.lines.join('\n'), /they expired before they could be read/);
    await bed.close();
  });
});
