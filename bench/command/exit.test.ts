import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture } from '../../reports/fixture.ts';
import { exitCodeOf } from './exit.ts';

test('a result that the report calls invalid, since its counts contradict each other, is no success', () => {
  const { result } = fixture('valid');
  assert.equal(exitCodeOf(result, false), 0);
  const connections = { ...result.connections, opened: result.connections.requested + 1 };
  assert.equal(exitCodeOf({ ...result, connections }, false), 4);
});
