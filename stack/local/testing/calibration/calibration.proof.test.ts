/** Guards the calibration of profile `aws`: the production parts on a virtual clock, beside the published figures. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../../../bench/measure/random.ts';
import { systemClock } from '../../../../bench/node/clock.ts';
import { VirtualClock } from '../../../../bench/sim/virtual-clock.ts';
import { MetricStore } from '../../cloudwatch/metrics.ts';
import { AWS_PROFILE, type Profile } from '../../profile.ts';
import { compare, nearestRank } from './comparison.ts';
import { modelledFunction } from './modelled-function.ts';
import { type CalibrationLoad, measurePipeline, type PipelineResult } from './pipeline.ts';
import { processFunction } from './process-function.ts';
import { CONSUMERS, PERCENTILES, PUBLISHED_MS } from './published.ts';

/**
 * What the model can be held to. A poll a second puts at least 800 ms between the 10th and the 90th percentile of polling, and
 * the published figures are 698 ms apart: no answer time comes closer than 8.3 % to both. The slow answers that the 99th needs
 * cost another percent. Ten are left, and the seed must not decide about what remains: see {@link LOAD}.
 */
const TOLERANCE = 0.1;

/**
 * So many messages that the nearest to the tolerance, the 10th and the 90th percentile of polling, are four of their standard
 * deviations within it: over six seeds they were at 0.914 ± 0.004 and 1.097 ± 0.0005. And enough polls, three minutes of 256
 * shards, for the slowest percent.
 */
const LOAD: CalibrationLoad = { messages: 120_000, ratePerSecond: 640, shards: 256 };

function simulated(profile: Profile, load: CalibrationLoad): Promise<PipelineResult> {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const measuring = measurePipeline({
    load,
    profile,
    clock,
    random,
    epochMs: () => clock.epochAt(clock.now()),
    hostOf: (kind, _metrics, report) =>
      modelledFunction({ profile, clock, random: random.fork(`function ${kind}`), report }),
    log: (line) => assert.fail(line),
  });
  return clock.runUntil(measuring);
}

describe('profile aws', () => {
  test('has the published latency from put to function at every percentile, within 10 %, by both consumers', async () => {
    const { latencies, cold, missing } = await simulated(AWS_PROFILE, LOAD);
    assert.deepEqual(
      [cold, missing],
      [
        { fanOut: 0, polling: 0 },
        { fanOut: 0, polling: 0 },
      ],
    );
    for (const consumer of CONSUMERS) assert.equal(latencies[consumer].length, LOAD.messages);
    const off = compare(latencies, TOLERANCE).filter((row) => !row.ok);
    assert.deepEqual(off, []);
  });

  test('would be seen to be off, at every percentile that moved', async () => {
    const fanOutPush = { kind: 'lognormal', p50Ms: 90, p99Ms: 300 } as const;
    const profile = { ...AWS_PROFILE, latency: { ...AWS_PROFILE.latency, fanOutPush } };
    const { latencies } = await simulated(profile, { ...LOAD, messages: 2_000, ratePerSecond: 160 });
    const off = compare(latencies, TOLERANCE).filter((row) => !row.ok && row.consumer === 'fanOut');
    assert.deepEqual(
      off.map((row) => row.percentile),
      [...PERCENTILES],
    );
  });

  test('polls once a second: no answer time brings the 10th and 90th percentile closer than 800 ms', () => {
    const { 10: p10, 90: p90 } = PUBLISHED_MS.polling;
    assert.ok(p90 - p10 < 800, 'the published figures are closer together than a poll a second allows');
    assert.equal(AWS_PROFILE.quotas.pollIntervalMs, 1_000);
  });
});

describe('the comparison', () => {
  test('takes nearest ranks and judges by the published figure', () => {
    assert.deepEqual(
      [0, 10, 50, 99, 100].map((percentile) => nearestRank(Float64Array.of(1, 2, 3, 4), percentile)),
      [1, 1, 2, 4, 4],
    );
    const rows = compare({ fanOut: [49.4], polling: [1_580] }, 0.15);
    assert.deepEqual(
      rows.map((row) => row.ok),
      [false, true, false, false, false, false, false, true],
    );
    assert.throws(() => compare({ fanOut: [], polling: [1] }, 0.15), /no message reached/);
  });
});

test('a real function process notes when it starts, and a cold start is told apart', async () => {
  const random = seededRandom(1);
  const clock = systemClock;
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const metrics = new MetricStore({ clock, periodMs: 1_000 });
  const profile = { ...AWS_PROFILE, quotas: { ...AWS_PROFILE.quotas, pollIntervalMs: 50 } };
  const load = { messages: 20, ratePerSecond: 40, shards: 2 };
  const echo = processFunction({ name: 'echo', profile, clock, random, metrics, log });
  try {
    const { latencies, cold, missing } = await measurePipeline({
      load,
      profile,
      clock,
      random,
      epochMs: Date.now,
      hostOf: (_kind, _metrics, report) => echo.reportingTo(report),
      log,
    });
    assert.deepEqual([missing, lines], [{ fanOut: 0, polling: 0 }, []]);
    assert.ok(cold.fanOut + cold.polling > 0, 'the first invocation is cold');
    for (const ms of [...latencies.fanOut, ...latencies.polling]) assert.ok(ms >= 5, `${ms} ms`);
  } finally {
    await echo.close();
  }
});
