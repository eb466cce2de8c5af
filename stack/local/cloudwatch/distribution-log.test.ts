import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BUCKETS, Distribution, DistributionLog, middleOf } from './distribution.ts';

function percentileOf(log: DistributionLog, slot: number, percent: number): number | null {
  const sum = new Distribution();
  return log.addTo(sum, slot) ? sum.percentile(percent) : null;
}

describe('the distribution log', () => {
  test('keeps a period while it is open and after it is closed', () => {
    const log = new DistributionLog();
    log.open(0);
    for (const value of [1, 2, 1_000]) log.record(value);
    assert.equal(Math.abs(percentileOf(log, 0, 100)! - 1_000) <= 1_000 / 256, true);
    const open = percentileOf(log, 0, 50);
    log.close();
    log.open(1);
    log.record(7);
    assert.equal(percentileOf(log, 0, 50), open);
    assert.notEqual(percentileOf(log, 1, 50), open);
  });

  test('gives up the oldest period for the newest when its ring is full, and says so', () => {
    const log = new DistributionLog({ wordsLimit: 2 ** 12 });
    for (let slot = 0; slot < 3; slot++) {
      log.open(slot);
      for (let bucket = 0; bucket < 2_000; bucket++) log.record(middleOf(bucket));
      log.close();
    }
    assert.equal(percentileOf(log, 0, 50), null);
    assert.equal(percentileOf(log, 1, 100), middleOf(1_999));
    assert.equal(percentileOf(log, 2, 100), middleOf(1_999));
  });

  test('grows as long as it may and loses nothing on the way', () => {
    const log = new DistributionLog();
    for (let slot = 0; slot < 10; slot++) {
      log.open(slot);
      for (let bucket = slot; bucket < BUCKETS; bucket++) log.record(middleOf(bucket));
      log.close();
    }
    for (let slot = 0; slot < 10; slot++) assert.equal(percentileOf(log, slot, 0), middleOf(slot));
  });

  test('reuses the room of forgotten periods', () => {
    const log = new DistributionLog({ wordsLimit: 2 ** 12 });
    for (let period = 0; period < 50; period++) {
      log.forget(period % 2);
      log.open(period % 2);
      for (let bucket = 0; bucket < 1_000; bucket++) log.record(middleOf(bucket + period));
      log.close();
      assert.equal(percentileOf(log, period % 2, 0), middleOf(period));
      if (period > 0) assert.equal(percentileOf(log, (period + 1) % 2, 0), middleOf(period - 1));
    }
  });

  test('goes on where it was after a rest, in the same period and in the next', () => {
    const [rested, awake] = [new DistributionLog(), new DistributionLog()];
    const rest = () => rested.rest();
    for (const log of [rested, awake]) {
      log.open(0);
      for (const value of [1, 2, 2, 1_000]) log.record(value);
    }
    rest();
    rest();
    for (const log of [rested, awake]) for (const value of [2, 30]) log.record(value);
    rest();
    for (const log of [rested, awake]) {
      log.close();
      log.open(1);
      log.record(7);
    }
    for (const slot of [0, 1])
      for (const percent of [0, 25, 50, 75, 100])
        assert.equal(percentileOf(rested, slot, percent), percentileOf(awake, slot, percent));
  });

  test('keeps a count that does not fit into one word', () => {
    const log = new DistributionLog();
    log.open(0);
    for (let index = 0; index < 600_000; index++) log.record(5);
    log.record(9);
    log.close();
    const sum = new Distribution();
    log.addTo(sum, 0);
    assert.equal(sum.percentile((100 * 600_000) / 600_001 - 1e-9), sum.percentile(0));
    assert.notEqual(sum.percentile(100), sum.percentile(0));
  });
});
