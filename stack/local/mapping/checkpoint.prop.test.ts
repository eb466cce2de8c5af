import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Checkpoint } from './mapping-shard.ts';

test('a checkpoint is the lowest unfinished position, in whatever order positions finish', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, fc.array(fc.nat(), { maxLength: 200 }), (steps, picks) => {
      const checkpoint = new Checkpoint();
      const open = new Set<number>();
      const held = new Set<number>();
      let position = 0;
      for (const [index, step] of steps.entries()) {
        position += step;
        checkpoint.hold(position);
        open.add(position);
        held.add(position);
        const pick = picks[index];
        const chosen = pick === undefined ? undefined : [...open][pick % open.size];
        if (chosen !== undefined) {
          checkpoint.finish(chosen);
          open.delete(chosen);
        }
        assert.equal(checkpoint.oldest, open.size === 0 ? null : Math.min(...open));
        assert.equal(checkpoint.unfinished, open.size);
        const beyond = [...held].filter((one) => !open.has(one) && one > (checkpoint.oldest ?? Infinity));
        assert.deepEqual(
          checkpoint.finishedBeyond.sort((one, other) => one - other),
          beyond,
        );
      }
    }),
  );
});

test('a checkpoint stays small over a long run', () => {
  const checkpoint = new Checkpoint();
  for (let position = 0; position < 100_000; position++) {
    checkpoint.hold(position);
    if (position >= 10) checkpoint.finish(position - 10);
  }
  assert.equal(checkpoint.oldest, 99_990);
  assert.equal(checkpoint.span, 10);
});
