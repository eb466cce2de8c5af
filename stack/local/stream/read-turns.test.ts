/** Pollers of a shard share its five reads a second fairly, however many they are and however their times fall. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import { VirtualClock } from '../../../bench/sim/virtual-clock.ts';
import { MetricStore } from '../cloudwatch/metrics.ts';
import { AWS_PROFILE } from '../profile.ts';
import { TokenBucket } from '../token-bucket.ts';
import { PollingSubscription } from './consumer-polling.ts';
import { ReadTurns } from './read-turns.ts';
import { SequenceNumbers, Shard } from './shard.ts';
import { shardRanges } from './shard-range.ts';

const READ_CALLS = 5;
const SECONDS = 120;

/** When each of the pollers read, milliseconds. */
async function readsOf(pollers: number, seed: number): Promise<number[][]> {
  const clock = new VirtualClock();
  const unlimited = () => new TokenBucket(null);
  const shard = new Shard({
    shardId: 'shardId-000000000000',
    range: shardRanges(1)[0]!,
    sequence: new SequenceNumbers(0, 0),
    retentionMs: 86_400_000,
    memoryBytes: 1e6,
    limits: {
      writeRecords: unlimited(),
      writeBytes: unlimited(),
      readCalls: new TokenBucket(READ_CALLS),
      readBytes: new TokenBucket(2_000_000, 0),
    },
  });
  const reads: number[][] = [];
  const subscriptions = Array.from({ length: pollers }, (_, index) => {
    const own: number[] = [];
    reads.push(own);
    return new PollingSubscription({
      clock,
      random: seededRandom(seed).fork(`poller ${index}`),
      profile: AWS_PROFILE,
      metrics: new MetricStore({ clock, periodMs: 1_000 }),
      streamName: 'stream',
      shard,
      from: { kind: 'LATEST' },
      sink: {
        room: () => 1,
        deliver: () => {},
        polledNothing: () => own.push(clock.now()),
        skipped: () => {},
        oldestHeld: () => null,
      },
    });
  });
  await clock.runUntil(new Promise<void>((resolve) => clock.at(SECONDS * 1_000, resolve)));
  for (const subscription of subscriptions) subscription.close();
  return reads;
}

/** The longest time that a poller went without a read. Its first comes within a second or in its turn. */
function longestGapMs(reads: readonly number[]): number {
  const times = [0, ...reads, SECONDS * 1_000];
  return Math.max(...times.slice(1).map((ms, index) => ms - times[index]!));
}

test('one to twenty pollers read alike: once a second, or their part of five reads a second', async () => {
  for (const pollers of [1, 3, 5, 6, 8, 10, 20]) {
    for (const seed of [1, 2, 3]) {
      const reads = await readsOf(pollers, seed);
      const expected = SECONDS * Math.min(1, READ_CALLS / pollers);
      const counts = reads.map((own) => own.length);
      const about = `${pollers} pollers, seed ${seed}: ${counts}`;
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 5, about);
      assert.ok(
        counts.every((count) => Math.abs(count - expected) <= 0.08 * expected + 2),
        about,
      );
      // A turn each, the 0.2 s after which a refused one asks again, and answers that take up to 1.25 s.
      const mostMs = 1_000 * Math.max(1, pollers / READ_CALLS) + 2 * (200 + 1_250);
      assert.ok(Math.max(...reads.map(longestGapMs)) <= mostMs, about);
    }
  }
});

test('who waits is served in turn, and calls from outside get every second call', () => {
  const turns = new ReadTurns(new TokenBucket(1), new TokenBucket(null));
  const [a, b, c] = [{}, {}, {}];
  assert.equal(turns.poll(a, 0), true);
  assert.deepEqual([turns.poll(b, 100), turns.poll(c, 200)], [false, false]);
  assert.deepEqual([turns.poll(c, 1_000), turns.call(1_000), turns.poll(b, 1_500)], [false, true, false]);
  assert.deepEqual([turns.call(2_000), turns.poll(b, 2_000)], [false, true]);
  turns.leave(c);
  assert.deepEqual([turns.call(3_000), turns.call(4_000)], [true, true]);
});
