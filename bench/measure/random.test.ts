import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from './random.ts';

test('a seed gives the same numbers on every machine, and forks have numbers of their own', () => {
  const random = seededRandom(7);
  assert.deepEqual(
    [random.next(), random.next(), random.next()],
    [0.37346234219148755, 0.5657151625491679, 0.7877199684735388],
  );
  assert.equal(random.fork('x').next(), 0.4779850628692657, 'whatever was drawn before');
  assert.equal(seededRandom(7).fork('x').next(), 0.4779850628692657);
  assert.equal(seededRandom(8).next(), 0.3708336080890149);
});
