import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runIdOf } from './run-directory.ts';

test('ids of runs that begin in the same millisecond under the same name differ', () => {
  const ids = Array.from({ length: 1000 }, () => runIdOf('quick', Date.UTC(2026, 0, 2, 3, 4, 5, 678)));
  assert.equal(new Set(ids).size, ids.length);
  assert.match(ids[0]!, /^20260102T030405Z-quick-[0-9a-f]{10}$/);
});
