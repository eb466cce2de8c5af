import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, orNearest } from './near-miss.ts';

const NAMES = [
  'rate',
  'connections',
  'connect-rate',
  'threshold',
  'duration',
  'ShardCount',
  'run',
  'payload-bytes',
];

test('a name that was mistyped, cut short or written in another case is found', () => {
  const typed = {
    ...{ rats: 'rate', conections: 'connections', conncetions: 'connections', connectRate: 'connect-rate' },
    ...{ treshold: 'threshold', thresholds: 'threshold', dur: 'duration', shardcount: 'ShardCount' },
    ...{ rnu: 'run', payload: 'payload-bytes', payload_bytes: 'payload-bytes' },
  };
  assert.deepEqual(Object.fromEntries(Object.keys(typed).map((word) => [word, nearest(word, NAMES)])), typed);
});

test('a name that is like none, or begins like several, is left alone', () => {
  assert.deepEqual(
    ['slo', 'goal', 'x', '', 'connec', 'warmup'].map((word) => nearest(word, NAMES)),
    [...[null, null, null, null, null, null]],
  );
});

test('of names that are near, the nearer is meant, and of two as near none', () => {
  assert.equal(nearest('shards', ['shard', 'shares', 'shardses']), null);
  assert.equal(nearest('batchsizes', ['batchsinks', 'batchsize']), 'batchsize');
  assert.equal(nearest('batchsizes', ['batchsize', 'batchsinks']), 'batchsize');
  assert.equal(nearest('dur', ['durable', 'duration']), null);
});

test('a letter may be wrong for each five of the shorter name, and a swap is one', () => {
  assert.equal(nearest('abcd', ['abcdef']), 'abcdef');
  assert.equal(nearest('bbcd', ['abcdef']), null);
  assert.equal(nearest('ab', ['abxy']), null);
  assert.equal(nearest('bacd', ['abcd']), 'abcd');
  assert.equal(nearest('abcdfe', ['abcdef', 'abcdeg']), 'abcdef');
  assert.equal(nearest('cab', ['abc']), null);
  assert.equal(nearest('xbax', ['xaby']), null);
  assert.equal(nearest('bxay', ['axby']), null);
});

test('words too long to be a name of ours are compared with none', () => {
  assert.equal(nearest('x'.repeat(60), ['x'.repeat(59)]), 'x'.repeat(59));
  assert.equal(nearest('x'.repeat(61), ['x'.repeat(60)]), null);
});

test('a name that is near ends the sentence that refuses the other', () => {
  assert.equal(orNearest('rats', NAMES), '; did you mean rate?');
  assert.equal(orNearest('goal', NAMES), '');
});
