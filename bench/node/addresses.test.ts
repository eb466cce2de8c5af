import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AddressPlan,
  addressProblems,
  inTurnFrom,
  type MachineAddresses,
  machineAddresses,
  sourceAddresses,
} from './addresses.ts';

const machine: MachineAddresses = { portsPerAddress: 28_000, addresses: ['127.0.0.1', '10.0.0.5', '::1'] };

const planOf = (settings: Partial<AddressPlan>): AddressPlan => ({
  stage: 'local',
  connections: 1000,
  churnPerSecond: 0,
  localAddresses: [],
  ...settings,
});

const LOOPBACK = 'ws://127.0.0.1:4000/dev';

test('few connections leave the source address to the system', () => {
  assert.deepEqual(sourceAddresses(planOf({}), LOOPBACK, machine), []);
  assert.deepEqual(addressProblems(planOf({}), machine), []);
});

test('more connections to a loopback address than it has ports come from as many loopback addresses as it takes', () => {
  const plan = planOf({ connections: 60_000 });
  assert.deepEqual(sourceAddresses(plan, LOOPBACK, machine), ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
  assert.deepEqual(addressProblems(plan, machine), []);
  assert.deepEqual(sourceAddresses(plan, 'wss://example.com', machine), []);
});

test('connections that churn is still closing need ports too', () => {
  const plan = planOf({ connections: 25_000, churnPerSecond: 500 });
  assert.equal(sourceAddresses(plan, LOOPBACK, machine).length, 2);
});

test('a remote stage that needs more addresses than are named is told how many', () => {
  const [problem, ...others] = addressProblems(
    planOf({ stage: 'wss://example.com', connections: 60_000 }),
    machine,
  );
  assert.deepEqual(others, []);
  assert.match(
    problem!,
    /60000 ports.*25200 of them per address.*name 3 addresses.*at most 25200 connections/,
  );
});

test('named addresses are taken as they are, and are judged together', () => {
  const named = planOf({ stage: 'wss://example.com', localAddresses: ['10.0.0.5', '10.0.0.6', '127.0.0.9'] });
  assert.deepEqual(sourceAddresses(named, 'wss://example.com', machine), named.localAddresses);
  const problems = addressProblems(named, machine);
  assert.equal(problems.length, 2);
  assert.match(problems[0]!, /10\.0\.0\.6 is no address of this machine; it has 127\.0\.0\.1, 10\.0\.0\.5/);
  assert.match(problems[1]!, /127\.0\.0\.9 reaches this machine only/);
});

test('an address of another IP version than the stage can’t reach it', () => {
  const plan = planOf({ localAddresses: ['::1'] });
  assert.match(addressProblems(plan, machine)[0]!, /not of the same IP version/);
});

test('where the system says nothing of ports, nothing is refused for them', () => {
  const unknown = { ...machine, portsPerAddress: null };
  assert.deepEqual(addressProblems(planOf({ connections: 900_000 }), unknown), []);
});

test('threads begin at different addresses', () => {
  assert.deepEqual(inTurnFrom(['a', 'b', 'c'], 4), ['b', 'c', 'a']);
  assert.deepEqual(inTurnFrom([], 4), []);
});

test('this machine has a loopback address', () => {
  assert.ok(machineAddresses().addresses.includes('127.0.0.1'), 'it has 127.0.0.1');
});
