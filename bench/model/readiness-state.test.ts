/** What must be waited for, by what Lambda and Kinesis say of mappings and shards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MappingCondition, readinessStateOf, serviceOf } from './readiness-state.ts';

const NOW = Date.UTC(2026, 10, 30);
const ENABLED: MappingCondition = {
  logicalId: 'EchoMapping',
  state: 'Enabled',
  modifiedEpochMs: NOW - 3_600_000,
  settlingMs: 90_000,
};
const SHARDS = [
  { id: 'shardId-000000000004', share: 0.25 },
  { id: 'shardId-000000000005', share: 0.75 },
];

const stateOf = (...mappings: readonly MappingCondition[]) =>
  readinessStateOf({ service: 'echo', mappings, shards: SHARDS }, NOW);

test('mappings that were left alone have every shard asked, with the smallest share of the keys', () => {
  const demand = { service: 'echo', shards: SHARDS.map(({ id }) => id), smallestShare: 0.25 };
  assert.deepEqual(stateOf(ENABLED), { waitFor: null, demand });
  const unasked = { ...ENABLED, state: null, modifiedEpochMs: null };
  assert.deepEqual(
    stateOf(ENABLED, unasked),
    { waitFor: null, demand },
    'what can’t be asked holds up nothing',
  );
  const disabled = { ...ENABLED, state: 'Disabled', modifiedEpochMs: NOW };
  assert.deepEqual(stateOf(ENABLED, disabled), { waitFor: null, demand }, 'nor does what somebody disabled');
});

test('a mapping that is being changed is waited for, whatever the others say', () => {
  for (const state of ['Creating', 'Enabling', 'Updating', 'Disabling'])
    assert.deepEqual(stateOf(ENABLED, { ...ENABLED, logicalId: 'AuditMapping', state }), {
      waitFor: { what: `mapping AuditMapping is ${state}`, forMs: null },
    });
});

test('a mapping that was just changed is given its time, the longest of all, and never more', () => {
  const changed = { ...ENABLED, modifiedEpochMs: NOW - 30_000 };
  const audit = { ...changed, logicalId: 'AuditMapping', settlingMs: 180_000 };
  const waitFor = (...mappings: readonly MappingCondition[]) => stateOf(...mappings).waitFor;
  assert.equal(waitFor(changed)?.forMs, 60_000);
  assert.equal(waitFor(changed, audit)?.forMs, 150_000);
  assert.match(
    waitFor(changed, audit)!.what,
    /^mapping AuditMapping was made or changed less than 180 s ago/,
  );
  assert.equal(waitFor({ ...ENABLED, modifiedEpochMs: NOW + 500_000 })?.forMs, 90_000, 'clocks disagree');
  assert.equal(waitFor({ ...ENABLED, modifiedEpochMs: NOW - 90_000 }), null);
});

test('a service is called by its name without what it is', () => {
  assert.deepEqual(['EchoFunction', 'AuditMapping', 'Function', 'Orders'].map(serviceOf), [
    'echo',
    'audit',
    'function',
    'orders',
  ]);
});
