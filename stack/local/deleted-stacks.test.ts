/** The short form of `deleted-stacks.proof.test.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryAfter } from './testing/deleted-stacks.ts';

/** A stack's rings alone took 15 MB; what its events and its entry take is some 150 kB. */
const BYTES_PER_STACK = 1_000_000;

test('a deleted stack without traffic leaves its events behind, and no room for its metrics', async () => {
  const [first = 0, later = 0] = await memoryAfter([2, 12]);
  assert.ok((later - first) / 10 < BYTES_PER_STACK, `${(later - first) / 10} bytes a stack`);
});
