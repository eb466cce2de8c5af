/**
 * Order per partition key and completeness while the stream is resharded and the mapping is changed, at any time and any
 * number of times. The oracle is the list of what was put.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { InvocationResult } from '../ports.ts';
import { AWS_PROFILE, IDEAL_PROFILE } from '../profile.ts';
import { OK, STREAM_ARN, TestBed, type TestEvent, textsOf } from '../testing/mapping-bed.ts';
import type { TestClock } from '../testing/test-clock.ts';

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('put'), count: fc.integer({ min: 1, max: 20 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('shards'), count: fc.integer({ min: 1, max: 8 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('factor'), count: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('enabled'), count: fc.integer({ min: 0, max: 1 }) }),
    },
  ),
  { minLength: 1, maxLength: 25 },
);

const scenarios = fc.record({
  seed: fc.integer(),
  aws: fc.boolean(),
  polling: fc.boolean(),
  position: fc.constantFrom('LATEST', 'TRIM_HORIZON'),
  shards: fc.integer({ min: 1, max: 5 }),
  keys: fc.integer({ min: 1, max: 12 }),
  steps,
});

type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

/** What AWS would refuse is left out: more than double, less than half. */
function reshard(bed: TestBed, wanted: number): void {
  const open = bed.kinesis.stream('bench-Stream')!.openShards.length;
  const ShardCount = Math.max(Math.ceil(open / 2), Math.min(2 * open, wanted));
  try {
    bed.updateStream({ ShardCount });
  } catch (error) {
    assert.match(String(error), /10 times within 24 hours/);
  }
}

async function played(scenario: Scenario) {
  const handler = (_event: TestEvent, clock: TestClock) =>
    new Promise<InvocationResult>((resolve) => clock.at(clock.now() + 30, () => resolve(OK)));
  const bed = new TestBed({
    seed: scenario.seed,
    profile: scenario.aws ? AWS_PROFILE : IDEAL_PROFILE,
    shards: scenario.shards,
    handler,
    mapping: {
      ...(scenario.polling ? { EventSourceArn: STREAM_ARN } : {}),
      StartingPosition: scenario.position,
      BatchSize: 4,
    },
  });
  await bed.mapping.start();
  const expected: Record<string, string[]> = {};
  let next = 0;
  for (const { kind, count } of scenario.steps) {
    if (kind === 'shards') reshard(bed, count);
    if (kind === 'factor') void bed.updateMapping({ ParallelizationFactor: count }).catch(() => {});
    if (kind === 'enabled') void bed.updateMapping({ Enabled: count === 1 }).catch(() => {});
    for (let put = 0; kind === 'put' && put < count; put++) {
      const key = `key ${next % scenario.keys}`;
      const text = String(next++);
      expected[key] = [...(expected[key] ?? []), text];
      // One after the other, for a put that overlaps another may be stored before it.
      const answer = bed.put([text], key);
      if (scenario.aws) await bed.clock.advance(200);
      assert.equal((await answer)[0]?.ok, true, 'the put is stored');
    }
    await bed.clock.advance(7);
  }
  await bed.clock.advance(20_000);
  await bed.updateMapping({ Enabled: true });
  await bed.clock.advance(60_000);
  return { bed, expected };
}

test('across resharding and changes of the mapping each key keeps its order, and each record comes once', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { bed, expected } = await played(scenario);
      const sent: Record<string, string[]> = {};
      for (const event of bed.events) {
        for (const [index, text] of textsOf(event).entries()) {
          const key = event.Records[index]!.kinesis.partitionKey;
          sent[key] = [...(sent[key] ?? []), text];
        }
      }
      assert.deepEqual(
        Object.entries(sent).sort(),
        Object.entries(expected).sort(),
        'what the function got, by key',
      );
      await bed.close();
      assert.equal(bed.clock.pending, 0, 'nothing goes on');
    }),
    { numRuns: 60 },
  );
});
