import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InvocationResult } from '../ports.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { NO_QUIRKS, type Quirks } from '../quirks.ts';
import { failure, OK, STREAM_ARN, started, TestBed, type TestEvent } from '../testing/mapping-bed.ts';
import type { TestClock } from '../testing/test-clock.ts';

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

describe('a mapping that is slow to begin', () => {
  const slowly = (quirks: Partial<Quirks>) => ({ ...IDEAL_PROFILE, quirks: { ...NO_QUIRKS, ...quirks } });
  const LATE = slowly({ lateShardsMs: new Map([[1, 30_000]]) });
  /** Hash to the first and the second of two shards. */
  const [FIRST, SECOND] = ['a', 'abc'];

  test('says that it is enabled, reads the other shards, and with LATEST misses what came before it read', async () => {
    const bed = await started({ shards: 2, profile: LATE });
    assert.equal(bed.mapping.state, 'Enabled');
    await bed.put(['missed'], SECOND);
    await bed.put(['read'], FIRST);
    await bed.clock.advance(29_000);
    assert.deepEqual(bed.batches, [['read']]);
    await bed.clock.advance(2_000);
    await bed.put(['at last'], SECOND);
    await bed.clock.advance(1_000);
    assert.deepEqual(bed.batches.flat(), ['read', 'at last']);
    await bed.close();
  });

  test('misses nothing with TRIM_HORIZON, nor by its end or a change while it is late', async () => {
    const mapping = { StartingPosition: 'TRIM_HORIZON' };
    const bed = await started({ shards: 2, profile: LATE, mapping });
    await bed.put(['early'], SECOND);
    await bed.clock.advance(10_000);
    await bed.updateMapping({ BatchSize: 7 });
    await bed.clock.advance(1_000);
    assert.deepEqual(bed.batches.flat(), ['early'], 'one that is changed goes on from what is known');
    await bed.close();
    const closed = await started({ shards: 2, profile: LATE, mapping });
    await closed.put(['early'], SECOND);
    await closed.close();
    await closed.clock.advance(60_000);
    assert.deepEqual(closed.batches, []);
  });

  test('lets the old pollers go on after a change, then nobody, then goes on with nothing lost', async () => {
    const bed = await started({ profile: slowly({ oldPollerMs: 20_000, pollerGapMs: 60_000 }) });
    await bed.updateMapping({ BatchSize: 1 });
    assert.deepEqual([bed.mapping.state, bed.mapping.settings.batchSize], ['Enabled', 1]);
    await bed.clock.advance(19_000);
    await bed.put(letters('ab'));
    await bed.clock.advance(1_500);
    assert.deepEqual(bed.batches, [letters('ab')], 'with the settings of before');
    await bed.put(letters('cd'));
    await bed.clock.advance(58_000);
    assert.deepEqual(bed.batches, [letters('ab')]);
    await bed.clock.advance(3_000);
    assert.deepEqual(bed.batches, [letters('ab'), ['c'], ['d']]);
    await bed.close();
  });

  test('forgets a change for a later one, and ends in the middle of either', async () => {
    const profile = slowly({ oldPollerMs: 20_000, pollerGapMs: 60_000 });
    const bed = await started({ profile });
    await bed.updateMapping({ BatchSize: 1 });
    await bed.clock.advance(30_000);
    await bed.updateMapping({ BatchSize: 2 });
    await bed.put(letters('abc'));
    await bed.clock.advance(79_000);
    assert.deepEqual(bed.batches, []);
    await bed.clock.advance(2_000);
    assert.deepEqual(bed.batches, [letters('ab'), ['c']]);
    await bed.updateMapping({ BatchSize: 3 });
    await bed.close();
    await bed.clock.advance(120_000);
    assert.equal(bed.batches.length, 2);
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
