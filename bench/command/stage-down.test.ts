import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Remains } from '../../stack/aws/removal.ts';
import { conclude } from './stage-down.ts';

const STACK = { name: 'demo', id: 'arn:demo' } as Parameters<typeof conclude>[0];
const GONE: Remains = { isGone: true, status: 'DELETE_COMPLETE', deleted: 3, kept: [], left: [] };
const EVENTS = { logicalId: 'Events', type: 'AWS::Kinesis::Stream', physicalId: 'events', status: 'x' };

test('what outlives its stack is in the exit code, unless the template keeps it on purpose', () => {
  const end = { status: 'DELETE_COMPLETE', failures: [] };
  const resources = [EVENTS] as unknown as Remains['left'];
  const code = (remains: Partial<Remains>) => conclude(STACK, end, { ...GONE, ...remains }, []);
  assert.equal(code({}), 0);
  assert.equal(code({ left: resources }), 1);
  assert.equal(code({ kept: resources }), 0);
  assert.equal(code({ kept: resources, left: resources }), 1);
  assert.throws(() => code({ isGone: false }), /demo is not deleted/);
});
