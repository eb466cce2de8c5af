import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { heirsOf, MAX_HASH_KEY, shardRanges } from './shard-range.ts';

const counts = fc.integer({ min: 1, max: 40 });

test('whatever the counts, each key of a new shard was in one of those it takes over from, and none else', () => {
  fc.assert(
    fc.property(counts, counts, fc.bigInt({ min: 0n, max: MAX_HASH_KEY }), (before, after, key) => {
      const old = shardRanges(before).map((range) => ({ range }));
      const heirs = heirsOf(old, after);
      const holds = ({ range }: { range: { start: bigint; end: bigint } }) =>
        range.start <= key && key <= range.end;
      const holders = heirs.filter(holds);
      assert.equal(holders.length, 1);
      assert.deepEqual(holders[0]!.overlaps.filter(holds), old.filter(holds));
      for (const { range, overlaps } of heirs) {
        assert.ok(overlaps[0]!.range.start <= range.start, 'the first covers its beginning');
        assert.ok(overlaps.at(-1)!.range.end >= range.end, 'the last covers its end');
      }
    }),
  );
});
