import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InvocationResult } from '../ports.ts';
import type { TestClock } from '../test-clock.ts';
import { failure, OK, STREAM_ARN, started, TestBed, type TestEvent } from './mapping-test-bed.ts';

/** A function that takes this long on the clock. */
function slow(ms: number) {
  return (_event: TestEvent, clock: TestClock) =>
    new Promise<InvocationResult>((resolve) => clock.at(clock.now() + ms, () => resolve(OK)));
}

const letters = (text: string) => [...text];

describe('changing a mapping', () => {
  test('lets the invocation under way end, then goes on with the new settings, nothing twice', async () => {
    const bed = await started({ mapping: { BatchSize: 2 }, handler: slow(100) });
    await bed.put(letters('abcdef'));
    await bed.clock.advance(50);
    const updating = bed.updateMapping({ BatchSize: 3 });
    assert.equal(bed.mapping.state, 'Updating');
    await bed.clock.advance(500);
    await updating;
    assert.equal(bed.mapping.state, 'Enabled');
    assert.equal(bed.mapping.settings.batchSize, 3);
    assert.deepEqual(bed.batches, [letters('ab'), letters('cde'), letters('f')]);
    await bed.close();
  });

  test('does not process again what a faster lane had finished', async () => {
    let release = () => {};
    const handler = (event: TestEvent) =>
      event.Records[0]?.kinesis.partitionKey === 'slow' && bed.batches.length < 3
        ? new Promise<InvocationResult>((resolve) => {
            release = () => resolve(failure('at the first attempt'));
          })
        : OK;
    const bed: TestBed = await started({ mapping: { ParallelizationFactor: 10, BatchSize: 1 }, handler });
    await bed.put(['first'], 'slow');
    await bed.clock.advance(0);
    await bed.put(['second'], 'fast');
    await bed.clock.advance(0);
    const updating = bed.updateMapping({ ParallelizationFactor: 1 });
    release();
    await updating;
    await bed.clock.advance(1_000);
    assert.deepEqual(bed.batches.flat(), ['first', 'second', 'first']);
    await bed.put(['third'], 'fast');
    await bed.clock.advance(0);
    assert.deepEqual(bed.batches.flat().at(-1), 'third');
    await bed.close();
  });

  test('keeps the checkpoint while it is disabled, also under LATEST, and the records behind it', async () => {
    for (const EventSourceArn of [undefined, STREAM_ARN]) {
      const mapping = { StartingPosition: 'LATEST', ...(EventSourceArn ? { EventSourceArn } : {}) };
      const bed = await started({ mapping, streamMemoryBytes: 100_000 });
      await bed.put(['a']);
      await bed.clock.advance(1_000);
      await bed.updateMapping({ Enabled: false });
      assert.equal(bed.mapping.state, 'Disabled');
      const texts = Array.from({ length: 100 }, (_, index) => String(index));
      await bed.put(texts);
      await bed.clock.advance(60_000);
      assert.deepEqual(bed.batches.flat(), ['a']);
      await bed.updateMapping({ Enabled: true });
      await bed.clock.advance(1_000);
      assert.deepEqual(bed.batches.flat(), ['a', ...texts]);
      await bed.close();
    }
  });

  test('starts a mapping that was made disabled where its starting position says', async () => {
    const bed = await started({ mapping: { Enabled: false, StartingPosition: 'TRIM_HORIZON' } });
    await bed.put(['a']);
    await bed.updateMapping({ Enabled: true });
    await bed.clock.advance(0);
    assert.deepEqual(bed.batches, [['a']]);
    await bed.close();
  });

  test('is refused as a whole when a property is wrong, may not change, or while another is under way', async () => {
    const bed = await started({ handler: slow(100) });
    await assert.rejects(bed.updateMapping({ BatchSize: 0 }), /BatchSize/);
    await assert.rejects(bed.updateMapping({ FunctionName: 'other' }), /FunctionName.*other/);
    await assert.rejects(bed.updateMapping({ EventSourceArn: STREAM_ARN }), /EventSourceArn can't change/);
    await assert.rejects(bed.updateMapping({ StartingPosition: 'TRIM_HORIZON' }), /StartingPosition can't/);
    await bed.put(['a']);
    await bed.clock.advance(0);
    const updating = bed.updateMapping({ BatchSize: 7 });
    await assert.rejects(bed.updateMapping({ BatchSize: 8 }), { code: 'ResourceInUseException' });
    await bed.clock.advance(100);
    await updating;
    assert.equal(bed.mapping.settings.batchSize, 7);
    await bed.close();
  });

  test('may be overtaken by its end', async () => {
    const bed = await started({ handler: () => new Promise(() => {}) });
    await bed.put(['a']);
    await bed.clock.advance(0);
    void bed.updateMapping({ BatchSize: 7 });
    await bed.close();
    assert.equal(bed.mapping.state, 'Deleting');
    assert.equal(bed.clock.pending, 0);
  });
});

describe('a mapping shows', () => {
  test('its state and how its last invocation ended', async () => {
    const bed: TestBed = new TestBed({ handler: () => (bed.batches.length === 1 ? failure('x') : OK) });
    assert.deepEqual(
      [bed.mapping.state, bed.mapping.lastProcessingResult],
      ['Creating', 'No records processed'],
    );
    await bed.clock.advance(5_000);
    await bed.mapping.start();
    assert.equal(bed.mapping.state, 'Enabled');
    assert.equal(bed.mapping.lastModifiedEpochMs, 1_700_000_005_000);
    await bed.put(['a']);
    await bed.clock.advance(0);
    assert.equal(bed.mapping.lastProcessingResult, 'PROBLEM: Function call failed');
    await bed.clock.advance(1_000);
    assert.equal(bed.mapping.lastProcessingResult, 'OK');
    await bed.close();
  });
});
