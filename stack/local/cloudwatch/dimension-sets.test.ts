import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDimensionSets } from '../meters.ts';
import type { MetricIdentity } from '../ports.ts';
import { TestClock } from '../testing/test-clock.ts';
import { MetricStore } from './metrics.ts';

/** The sums of all metrics of that name, by dimensions. */
function sums(recorded: readonly (readonly [MetricIdentity, number])[]): Record<string, number> {
  const store = new MetricStore({ clock: new TestClock(), periodMs: 1_000 });
  const registry = withDimensionSets(store);
  for (const [identity, value] of recorded) registry.meter(identity).record(value);
  const found = store
    .list()
    .map((one) => [Object.values(one.dimensions).join('/'), store.sum(one, 0, Number.MAX_SAFE_INTEGER)]);
  return Object.fromEntries(found) as Record<string, number>;
}

function messages(dimensions: Readonly<Record<string, string>>): MetricIdentity {
  return { namespace: 'AWS/ApiGateway', name: 'MessageCount', dimensions, unit: 'Count' };
}

function ofFunction(name: string, FunctionName: string): MetricIdentity {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName }, unit: 'Count' };
}

test('an API has the messages of all its stages', () => {
  const one = messages({ ApiId: 'a', Stage: 'v1' });
  const other = messages({ ApiId: 'a', Stage: 'v2' });
  assert.deepEqual(
    sums([
      [one, 1],
      [other, 2],
      [one, 4],
    ]),
    { a: 7, 'a/v1': 5, 'a/v2': 2 },
  );
});

test('the messages of a route are counted beside those of its stage, not added to them', () => {
  const stage = messages({ ApiId: 'a', Stage: 'v1' });
  const route = messages({ ApiId: 'a', Stage: 'v1', Route: '$default' });
  assert.deepEqual(
    sums([
      [stage, 3],
      [route, 2],
    ]),
    { a: 3, 'a/v1': 3, 'a/v1/$default': 2 },
  );
});

test('a function has a resource of its own name, and counts for all functions', () => {
  const recorded = [
    [ofFunction('Invocations', 'f'), 1],
    [ofFunction('Invocations', 'g'), 2],
  ] as const;
  assert.deepEqual(sums(recorded), { '': 3, f: 1, 'f/f': 1, g: 2, 'g/g': 2 });
});

test('concurrency is not put together: peaks of two functions need not coincide', () => {
  assert.deepEqual(sums([[ofFunction('ConcurrentExecutions', 'f'), 3]]), { f: 3, 'f/f': 3 });
});

test('metrics of streams and mappings have one set of dimensions', () => {
  const stream = { ...messages({ StreamName: 's' }), namespace: 'AWS/Kinesis' } as const;
  const mapping = { ...messages({ EventSourceMappingUUID: 'u' }), namespace: 'AWS/Lambda' } as const;
  assert.deepEqual(
    sums([
      [stream, 1],
      [mapping, 2],
    ]),
    { s: 1, u: 2 },
  );
});
