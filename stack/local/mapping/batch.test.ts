import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InvocationResult } from '../ports.ts';
import type { ShardRecord } from '../stream/shard.ts';
import { type Batch, freshBatch, type RetryPolicy, settleBatch } from './batch.ts';

const FOREVER: RetryPolicy = { retryLimit: Number.POSITIVE_INFINITY, bisect: false, partialResponses: false };
const ERROR: InvocationResult = {
  kind: 'error',
  errorType: 'E',
  errorMessage: 'm',
  durationMs: 1,
  coldStart: false,
};

function answer(payload: unknown): InvocationResult {
  return { kind: 'ok', payload, durationMs: 1, coldStart: false };
}

function records(count: number): ShardRecord[] {
  return Array.from({ length: count }, (_, position) => ({
    shardId: 'shardId-000000000000',
    sequenceNumber: `49${position}`,
    partitionKey: 'k',
    data: Buffer.alloc(0),
    approximateArrivalMs: 0,
    position,
    arrivedMs: 0,
    bytes: 1,
  }));
}

/** Positions of a settlement, in short. */
function shape(batch: Batch, result: InvocationResult, policy: Partial<RetryPolicy>) {
  const { done, retry, discarded } = settleBatch(batch, result, { ...FOREVER, ...policy });
  const positions = (list: readonly ShardRecord[]) => list.map((record) => record.position).join('');
  return {
    done: positions(done),
    retry: retry.map((part) => `${positions(part.records)}/${part.failures}`),
    discarded: discarded && positions(discarded.records),
  };
}

function reported(...identifiers: unknown[]): InvocationResult {
  return answer({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });
}

describe('a batch', () => {
  const four = freshBatch(records(4));
  const partial = { partialResponses: true };

  test('that succeeded is done, and what it answers means nothing without ReportBatchItemFailures', () => {
    const done = { done: '0123', retry: [], discarded: null };
    assert.deepEqual(shape(four, answer('OK'), {}), done);
    assert.deepEqual(shape(four, reported('491'), {}), done);
  });

  test('that failed is retried whole until its quota is used up', () => {
    assert.deepEqual(shape(four, ERROR, {}), { done: '', retry: ['0123/1'], discarded: null });
    assert.deepEqual(shape({ ...four, failures: 1 }, ERROR, { retryLimit: 2 }).retry, ['0123/2']);
    assert.deepEqual(shape({ ...four, failures: 2 }, ERROR, { retryLimit: 2 }), {
      done: '',
      retry: [],
      discarded: '0123',
    });
    assert.equal(shape(four, ERROR, { retryLimit: 0 }).discarded, '0123');
  });

  test('is split without using the quota, and only a single record uses it', () => {
    const bisect = { bisect: true, retryLimit: 0 };
    assert.deepEqual(shape(four, ERROR, bisect), { done: '', retry: ['01/0', '23/0'], discarded: null });
    assert.deepEqual(shape(freshBatch(records(3)), ERROR, bisect).retry, ['01/0', '2/0']);
    assert.equal(shape(freshBatch(records(1)), ERROR, bisect).discarded, '0');
  });

  test('is retried from its lowest reported failure', () => {
    assert.deepEqual(shape(four, reported('492', '491'), partial), {
      done: '0',
      retry: ['123/1'],
      discarded: null,
    });
    assert.deepEqual(shape(four, reported('493'), { ...partial, retryLimit: 0 }).discarded, '3');
    assert.deepEqual(shape(four, reported('492'), { ...partial, bisect: true }).retry, ['23/0']);
    assert.deepEqual(shape(four, reported('490'), { ...partial, bisect: true }).retry, ['0123/1']);
  });

  test('that reports no failure is done, in all the ways there are to say so', () => {
    const payloads = [{ batchItemFailures: [] }, { batchItemFailures: null }, {}, null, undefined, 'OK'];
    for (const payload of payloads)
      assert.equal(shape(four, answer(payload), partial).done, '0123', JSON.stringify(payload));
  });

  test('that reports nonsense has failed whole', () => {
    for (const identifier of ['', null, 'unknown', 7]) {
      assert.deepEqual(
        shape(four, reported('492', identifier), partial).retry,
        ['0123/1'],
        String(identifier),
      );
    }
    for (const list of [[{}], [{ sequenceNumber: '491' }], ['491'], 'all of them']) {
      assert.deepEqual(
        shape(four, answer({ batchItemFailures: list }), partial).retry,
        ['0123/1'],
        JSON.stringify(list),
      );
    }
  });

  test('that was throttled comes back as it was', () => {
    const { retry } = settleBatch(four, { kind: 'throttled' }, { ...FOREVER, retryLimit: 0 });
    assert.deepEqual(retry, [four]);
  });

  test('counts its invocations', () => {
    const again = settleBatch({ ...four, invocations: 2 }, ERROR, FOREVER).retry[0];
    assert.equal(again?.invocations, 3);
  });
});
