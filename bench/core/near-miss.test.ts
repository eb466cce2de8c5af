import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './near-miss.ts';

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
