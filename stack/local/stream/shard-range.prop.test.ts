import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hashKeyOf, MAX_HASH_KEY, shardIndexOf, shardRanges } from './shard-range.ts';

const shardCounts = fc.integer({ min: 1, max: 500 });
const hashKeys = fc.bigInt({ min: 0n, max: MAX_HASH_KEY });

describe('hash ranges', () => {
  test('cover the space without gap or overlap', () => {
    fc.assert(
      fc.property(shardCounts, (count) => {
        const ranges = shardRanges(count);
        assert.equal(ranges[0]?.start, 0n);
        assert.equal(ranges.at(-1)?.end, MAX_HASH_KEY);
        for (let index = 1; index < count; index++)
          assert.equal(ranges[index]!.start, ranges[index - 1]!.end + 1n);
      }),
    );
  });

  test('hold exactly the keys that are looked up in them', () => {
    fc.assert(
      fc.property(shardCounts, hashKeys, (count, key) => {
        const ranges = shardRanges(count);
        const bounds = ranges.flatMap((range) => [range.start, range.end]);
        for (const one of [key, bounds[Number(key % BigInt(bounds.length))]!]) {
          const searched = ranges.findIndex((range) => range.start <= one && one <= range.end);
          assert.equal(shardIndexOf(one, count), searched);
        }
      }),
    );
  });

  test('are those Kinesis gives three shards', () => {
    assert.deepEqual(
      shardRanges(3).map((range) => range.start.toString()),
      ['0', '113427455640312821154458202477256070485', '226854911280625642308916404954512140970'],
    );
  });

  test('take the MD5 of the UTF-8 key: RFC 1321 gives it for "abc"', () => {
    assert.equal(hashKeyOf('abc').toString(16), '900150983cd24fb0d6963f7d28e17f72');
    assert.equal(shardIndexOf(hashKeyOf('abc'), 2), 1);
  });
});
