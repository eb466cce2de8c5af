import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TokenBucket } from '../token-bucket.ts';
import { RECORD_OVERHEAD_BYTES, SequenceNumbers, Shard, type ShardReader } from './shard.ts';
import { shardRanges } from './shard-range.ts';

const UNLIMITED = new TokenBucket(null);

function shardOf(memoryRecords: number, retentionMs = 86_400_000): Shard {
  return new Shard({
    shardId: 'shardId-000000000000',
    range: shardRanges(1)[0]!,
    sequence: new SequenceNumbers(1_700_000_000_000, 0),
    retentionMs,
    memoryBytes: memoryRecords * (RECORD_OVERHEAD_BYTES + 2),
    limits: { writeRecords: UNLIMITED, writeBytes: UNLIMITED, readCalls: UNLIMITED, readBytes: UNLIMITED },
  });
}

function fill(shard: Shard, count: number, fromMs = 0): void {
  for (let index = 0; index < count; index++)
    shard.append('k', Buffer.from('d'), fromMs + index, 1_000 + fromMs + index);
}

class Reader implements ShardReader {
  position = 0;
  told = 0;
  neededFrom(): number {
    return this.position;
  }
  appended(): void {
    this.told += 1;
  }
}

describe('a shard', () => {
  test('numbers records upwards with 56 digits', () => {
    const shard = shardOf(100);
    fill(shard, 20);
    const numbers = Array.from({ length: 20 }, (_, index) => shard.at(index)!.sequenceNumber);
    for (const number of numbers) assert.match(number, /^49\d{54}$/);
    assert.deepEqual([...numbers].sort(), numbers);
    assert.equal(new Set([...numbers, shard.startingSequenceNumber]).size, 21);
  });

  test('finds the first record at or after a time', () => {
    const shard = shardOf(100);
    fill(shard, 10);
    assert.equal(shard.positionAt(0), 0);
    assert.equal(shard.positionAt(1_004), 4);
    assert.equal(shard.positionAt(9_999), 10);
  });

  test('keeps what a reader still needs up to its budget, then lets the oldest go and counts the loss', () => {
    const shard = shardOf(100);
    const reader = new Reader();
    shard.join(reader);
    fill(shard, 100);
    assert.deepEqual([shard.first, shard.trimmed, reader.told], [0, 0, 100]);
    fill(shard, 30);
    assert.deepEqual([shard.first, shard.trimmed, shard.trimmedUnread], [30, 30, 30]);
    assert.equal(shard.at(29), undefined);
    assert.equal(shard.at(30)?.position, 30);
  });

  test('lets finished records go early, without calling it a loss', () => {
    const shard = shardOf(160);
    const reader = new Reader();
    shard.join(reader);
    fill(shard, 100);
    reader.position = 100;
    fill(shard, 1);
    assert.equal(shard.end - shard.first, 10);
    assert.equal(shard.trimmedUnread, 0);
  });

  test('lets records go when their retention is over, needed or not', () => {
    const shard = shardOf(1_000, 50);
    shard.join(new Reader());
    fill(shard, 10);
    fill(shard, 1, 55);
    assert.deepEqual([shard.first, shard.trimmedUnread], [5, 5]);
  });

  test('stays the same log however much has passed through it', () => {
    const shard = shardOf(64);
    fill(shard, 10_000);
    assert.deepEqual([shard.end, shard.first], [10_000, 9_936]);
    assert.equal(shard.at(9_936)?.arrivedMs, 9_936);
    assert.equal(shard.at(9_999)?.arrivedMs, 9_999);
  });
});

describe('a limit of a shard', () => {
  test('lets one second through at once and then the rate', () => {
    const limit = new TokenBucket(10);
    const taken = (atMs: number) => {
      let count = 0;
      while (limit.allows(1, atMs)) {
        limit.take(1);
        count += 1;
      }
      return count;
    };
    assert.deepEqual([0, 0, 100, 1_100, 9_100].map(taken), [10, 0, 1, 10, 10]);
  });

  test('that was overdrawn gives nothing until the debt is repaid', () => {
    const limit = new TokenBucket(2_000_000, 0);
    assert.equal(limit.allows(0, 0), true);
    limit.take(10_000_000);
    assert.equal(limit.allows(0, 4_999), false);
    assert.equal(limit.freeMs(4_999), 5_000);
    assert.equal(limit.allows(0, 5_000), true);
  });

  test('of null is none', () => {
    const limit = new TokenBucket(null);
    limit.take(1e12);
    assert.equal(limit.allows(1e12, 0), true);
    assert.equal(limit.freeMs(5), 5);
  });
});
