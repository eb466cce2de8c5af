/** On slow resources an operation lasts: it is met half-way, and what it does is the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../testing/test-clock.ts';
import type { Provisioner } from './provisioner.ts';
import { slowProvisioner } from './provisioner.ts';

test('what is made, changed and removed takes its time, and what only asks does not', async () => {
  const done: string[] = [];
  const account: Provisioner = {
    exists: () => true,
    create: async () => void done.push('create'),
    update: async () => void done.push('update'),
    remove: async () => Promise.reject(new Error('in use')),
    deploy: () => done.push('deploy'),
  };
  const clock = new TestClock();
  const slow = slowProvisioner(account, clock, 200);
  const resource = {} as Parameters<Provisioner['create']>[0];
  assert.equal(slowProvisioner(account, clock, 0), account);
  assert.equal(slow.exists(resource), true);
  slow.deploy([]);
  const working = Promise.allSettled([
    slow.create(resource),
    slow.update(resource, resource),
    slow.remove(resource),
  ]);
  await clock.advance(199);
  assert.deepEqual(done, ['deploy']);
  await clock.advance(1);
  const [, , removed] = await working;
  assert.deepEqual([done, removed.status], [['deploy', 'create', 'update'], 'rejected']);
});
