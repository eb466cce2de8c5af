import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../bench/node/clock.ts';
import { type HealthReading, StageHealthWatch } from './health.ts';
import { TestClock } from './testing/test-clock.ts';

const CALM: HealthReading = { utilization: 0.2, loopDelayP99Ms: 1, loopDelayMaxMs: 2, machineBusy: 0.3 };
const BUSY: HealthReading = { utilization: 0.97, loopDelayP99Ms: 40, loopDelayMaxMs: 90, machineBusy: 0.8 };
const FULL: HealthReading = { ...CALM, machineBusy: 0.95 };

/** Watches one reading a second, in order, the last for ever. */
async function watched(readings: readonly HealthReading[], seconds = readings.length) {
  const clock = new TestClock(0);
  const left = [...readings];
  const said: string[] = [];
  const watch = new StageHealthWatch(clock, { read: () => (left.length > 1 ? left.shift()! : left[0]!) });
  watch.onSaturated((sentence) => said.push(sentence));
  await clock.advance(seconds * 1_000);
  return { clock, watch, said };
}

const times = (count: number, reading: HealthReading) => Array.from({ length: count }, () => reading);

describe('the stage’s health', () => {
  test('of a window is the mean and the worst of its seconds', async () => {
    const { watch } = await watched([CALM, BUSY, CALM]);
    const health = watch.between(0, 3_000);
    assert.deepEqual(
      {
        ...health,
        utilizationMean: health?.utilizationMean.toFixed(3),
        machineBusyMean: health?.machineBusyMean?.toFixed(3),
      },
      {
        seconds: 3,
        utilizationMean: '0.457',
        utilizationMax: 0.97,
        loopDelayP99Ms: 40,
        loopDelayMaxMs: 90,
        machineBusyMean: '0.467',
        saturatedSeconds: 0,
      },
    );
    assert.equal(watch.between(2_000, 3_000)?.utilizationMax, 0.2);
    assert.equal(watch.between(3_000, 9_000), null);
    watch.close();
  });

  test('is not saturated by four busy seconds in a row', async () => {
    const { watch, said } = await watched([...times(4, BUSY), CALM, ...times(4, FULL), CALM]);
    assert.deepEqual([said, watch.between(0, 10_000)?.saturatedSeconds], [[], 0]);
    watch.close();
  });

  test('is saturated by five, says so at once, and counts all of the spell in every window', async () => {
    const { watch, said } = await watched([CALM, ...times(7, BUSY), CALM]);
    assert.equal(said.length, 1);
    assert.match(
      said[0]!,
      /itself the bottleneck: its event loop was busy 97 % of the last 5 s, the machine 80 %/,
    );
    assert.equal(watch.between(0, 9_000)?.saturatedSeconds, 7);
    assert.equal(watch.between(0, 3_000)?.saturatedSeconds, 2);
    watch.close();
  });

  test('is saturated by a full machine whose loop is calm', async () => {
    const { watch, said } = await watched(times(5, FULL));
    assert.deepEqual([said.length, watch.between(0, 5_000)?.saturatedSeconds], [1, 5]);
    watch.close();
  });

  test('is told again each minute, and for each new spell', async () => {
    const { watch, said } = await watched([...times(66, BUSY), CALM, ...times(5, BUSY), CALM]);
    assert.equal(said.length, 3);
    watch.close();
  });

  test('is known without the machine’s part, where the machine does not tell', async () => {
    const { watch, said } = await watched(times(5, { ...BUSY, machineBusy: null }));
    assert.equal(watch.between(0, 5_000)?.machineBusyMean, null);
    assert.match(said[0]!, /of the last 5 s; what/);
    watch.close();
  });

  test('is no longer watched after closing', async () => {
    const { clock, watch } = await watched([CALM]);
    watch.close();
    assert.equal(clock.pending, 0);
    await clock.advance(5_000);
    assert.equal(watch.between(0, 9_000)?.seconds, 1);
  });

  test('reads this process and machine', async () => {
    const startMs = Date.now();
    const watch = new StageHealthWatch(systemClock);
    const spunUntilMs = performance.now() + 1_100;
    while (performance.now() < spunUntilMs);
    await new Promise((resolve) => systemClock.at(systemClock.now() + 50, () => resolve(null)));
    watch.close();
    const health = watch.between(startMs, Date.now());
    assert.ok(health !== null && health.utilizationMax > 0.8, `busy loop: ${JSON.stringify(health)}`);
    assert.ok(health.machineBusyMean === null || health.machineBusyMean > 0, 'a machine that works');
  });
});
