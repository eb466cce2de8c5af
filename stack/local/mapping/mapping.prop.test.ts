/**
 * The two promises of a mapping, under whatever a function does: order per partition key, and no record unaccounted for.
 * The oracle is the list of what was put.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { InvocationResult } from '../ports.ts';
import { AWS_PROFILE, IDEAL_PROFILE } from '../profile.ts';
import { failure, OK, STREAM_ARN, TestBed, type TestEvent, textsOf } from '../testing/mapping-bed.ts';
import type { TestClock } from '../testing/test-clock.ts';

const scenarios = fc.record({
  seed: fc.integer(),
  aws: fc.boolean(),
  polling: fc.boolean(),
  shards: fc.integer({ min: 1, max: 3 }),
  keys: fc.integer({ min: 1, max: 8 }),
  records: fc.integer({ min: 1, max: 120 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  factor: fc.integer({ min: 1, max: 5 }),
  windowSeconds: fc.integer({ min: 0, max: 1 }),
  retryAttempts: fc.constantFrom(-1, 0, 2),
  bisect: fc.boolean(),
  partial: fc.boolean(),
  /** Outcome of each invocation in turn, again from the start when used up. */
  outcomes: fc.array(fc.constantFrom('ok', 'error', 'throttled', 'report', 'nonsense'), {
    minLength: 1,
    maxLength: 12,
  }),
});

type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

function resultOf(outcome: string | undefined, event: TestEvent): InvocationResult {
  const reportedAt = Math.floor(event.Records.length / 2);
  switch (outcome) {
    case 'error':
      return failure('as planned');
    case 'throttled':
      return { kind: 'throttled' };
    case 'nonsense':
      return { ...OK, payload: { batchItemFailures: [{ itemIdentifier: '' }] } } as InvocationResult;
    case 'report': {
      const itemIdentifier = event.Records[reportedAt]?.kinesis.sequenceNumber;
      return { ...OK, payload: { batchItemFailures: [{ itemIdentifier }] } } as InvocationResult;
    }
    default:
      return OK;
  }
}

/** Runs the scenario until everything that can happen has; after 20 seconds the function succeeds. */
async function played(scenario: Scenario) {
  let calls = 0;
  const handler = (event: TestEvent, clock: TestClock) =>
    new Promise<InvocationResult>((resolve) => {
      const outcome = clock.now() > 20_000 ? 'ok' : scenario.outcomes[calls++ % scenario.outcomes.length];
      clock.at(clock.now() + 7, () => resolve(resultOf(outcome, event)));
    });
  const bed = new TestBed({
    seed: scenario.seed,
    profile: scenario.aws ? AWS_PROFILE : IDEAL_PROFILE,
    shards: scenario.shards,
    handler,
    mapping: {
      ...(scenario.polling ? { EventSourceArn: STREAM_ARN } : {}),
      BatchSize: scenario.batchSize,
      ParallelizationFactor: scenario.factor,
      MaximumBatchingWindowInSeconds: scenario.windowSeconds,
      MaximumRetryAttempts: scenario.retryAttempts,
      BisectBatchOnFunctionError: scenario.bisect,
      FunctionResponseTypes: scenario.partial ? ['ReportBatchItemFailures'] : [],
      MetricsConfig: { Metrics: ['EventCount'] },
    },
  });
  await bed.mapping.start();
  for (let index = 0; index < scenario.records; index++) {
    void bed.put([String(index)], `key ${index % scenario.keys}`);
    if (index % 3 === 0) await bed.clock.advance(5);
  }
  await bed.clock.advance(60_000);
  return bed;
}

/** Texts by partition key, as a plain object, for Maps compare as lists. */
type ByKey = Record<string, string[]>;

/** Every record in the order its shard has it. */
function storedByKey(bed: TestBed): ByKey {
  const byKey: ByKey = {};
  for (const shard of bed.kinesis.stream('bench-Stream')!.shards) {
    for (let position = shard.first; position < shard.end; position++) {
      const { partitionKey, data } = shard.at(position)!;
      byKey[partitionKey] = [...(byKey[partitionKey] ?? []), data.toString()];
    }
  }
  return byKey;
}

/** Every record in the order of the first, or the last, time it was sent to the function. */
function sentByKey(bed: TestBed, which: 'first' | 'last'): ByKey {
  const byKey: ByKey = {};
  for (const event of bed.events) {
    for (const [index, text] of textsOf(event).entries()) {
      const key = event.Records[index]!.kinesis.partitionKey;
      const known = byKey[key] ?? [];
      if (which === 'first' && known.includes(text)) continue;
      byKey[key] = [...known.filter((other) => other !== text), text];
    }
  }
  return byKey;
}

describe('whatever a function does', () => {
  test('each key keeps its order, also when sent again, and each record is processed or counted as dropped', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const bed = await played(scenario);
        const stored = storedByKey(bed);
        assert.deepEqual(sentByKey(bed, 'first'), stored);
        assert.deepEqual(sentByKey(bed, 'last'), stored);
        const processed = bed.total('InvokedEventCount') - bed.total('FailedInvokeEventCount');
        assert.equal(processed + bed.total('DroppedEventCount'), scenario.records);
        if (scenario.retryAttempts === -1) assert.equal(bed.total('DroppedEventCount'), 0);
        await bed.close();
      }),
      { numRuns: 80 },
    );
  });

  test('the same seed gives the same history', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const [one, other] = [await played(scenario), await played(scenario)];
        assert.deepEqual(one.events, other.events);
        assert.deepEqual(one.lines, other.lines);
        await Promise.all([one.close(), other.close()]);
      }),
      { numRuns: 10 },
    );
  });
});
