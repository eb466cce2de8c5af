/** Settling on a virtual clock, with a CloudWatch that publishes when the script says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageMetrics } from '../../bench/model/result.ts';
import type { Waiting } from '../../bench/ports.ts';
import { VirtualClock } from '../../bench/sim/virtual-clock.ts';
import { settled } from './metric-settling.ts';

const EPOCH = 1_700_000_000_000;
const PATIENCE = { waitMs: 180_000, pollMs: 30_000, limitMs: 600_000 };

interface Script {
  /** Records that are published at a time after the window's end; null for none yet; an Error for a failed reading. */
  readonly at: (seconds: number) => number | null | Error;
  readonly expected?: number;
  readonly interruptAtSeconds?: number;
  readonly patience?: typeof PATIENCE;
}

async function settle({ at, expected = 100, interruptAtSeconds, patience = PATIENCE }: Script) {
  const clock = new VirtualClock(EPOCH);
  const interruption = new AbortController();
  if (interruptAtSeconds !== undefined) clock.at(interruptAtSeconds * 1000, () => interruption.abort());
  const readAt: number[] = [];
  const waits: Waiting[] = [];
  const read = async (): Promise<StageMetrics> => {
    const seconds = clock.now() / 1000;
    readAt.push(seconds);
    const records = at(seconds);
    if (records instanceof Error) throw records;
    const values = records === null ? [] : [records];
    const series = [
      {
        id: 'incomingRecords',
        label: '',
        unit: 'Count',
        stat: 'Sum',
        timestamps: values.map(() => 0),
        values,
      },
    ];
    return { source: 'cloudwatch', periodMs: 60_000, incomingRecords: records, series };
  };
  const metrics = await clock.runUntil(
    settled({
      clock,
      patience,
      endEpochMs: EPOCH,
      reading: {
        measuredFromEpochMs: 0,
        expectedRecords: expected,
        interrupted: interruption.signal,
        waiting: (waiting) => waits.push(waiting),
      },
      read,
    }),
  );
  return { metrics, readAt, waits };
}

test('the first reading waits for CloudWatch, and is the last when every record is in it', async () => {
  const { metrics, readAt, waits } = await settle({ at: () => 100 });
  assert.deepEqual(readAt, [180]);
  assert.equal(metrics.incomingRecords, 100);
  assert.equal(metrics.problems, undefined);
  assert.deepEqual(
    waits.map(({ untilMs }) => untilMs),
    [180_000],
  );
});

test('records that come late are waited for', async () => {
  const { metrics, readAt } = await settle({ at: (seconds) => (seconds < 250 ? seconds - 150 : 100) });
  assert.deepEqual(readAt, [180, 210, 240, 270]);
  assert.equal(metrics.incomingRecords, 100);
});

test('values that stay the same twice are believed, too few or too many', async () => {
  for (const records of [90, 110]) {
    const { metrics, readAt, waits } = await settle({ at: () => records });
    assert.deepEqual(readAt, [180, 210, 240]);
    assert.equal(metrics.incomingRecords, records);
    assert.match(waits.at(-1)!.what, new RegExp(`${records} records, 100 messages`));
    assert.equal(waits.at(-1)!.untilMs, 600_000);
  }
});

test('nothing at all is not a value that stays the same: it is waited for to the limit, and said', async () => {
  const { metrics, readAt } = await settle({ at: () => null });
  assert.equal(readAt.at(-1), 600);
  assert.deepEqual(metrics.problems, ['the metrics had not settled 600 s after the run']);
});

test('values that never come to rest end at the limit, and say so', async () => {
  const { metrics, readAt } = await settle({ at: (seconds) => seconds, expected: 5000 });
  assert.equal(readAt.length, 15);
  assert.equal(metrics.incomingRecords, 600);
  assert.deepEqual(metrics.problems, ['the metrics had not settled 600 s after the run']);
});

test('an interruption while waiting takes what is there and marks it', async () => {
  const early = await settle({ at: () => 40, interruptAtSeconds: 20 });
  assert.deepEqual(early.readAt, [20]);
  assert.deepEqual(early.metrics.problems, ['waiting for the metrics was interrupted']);
  const late = await settle({ at: (seconds) => seconds, expected: 5000, interruptAtSeconds: 200 });
  assert.deepEqual(late.readAt, [180, 200]);
  assert.equal(late.metrics.incomingRecords, 200);
});

test('an interruption that finds every record loses nothing', async () => {
  const { metrics } = await settle({ at: () => 100, interruptAtSeconds: 20 });
  assert.equal(metrics.problems, undefined);
});

test('a reading that fails after one that did not does not cost the metrics', async () => {
  const at = (seconds: number) => (seconds === 210 ? new Error('throttled') : seconds < 230 ? 90 : 100);
  const { metrics, readAt } = await settle({ at });
  assert.deepEqual(readAt, [180, 210, 240]);
  assert.equal(metrics.problems, undefined);
  const failing = (seconds: number) => (seconds > 180 ? new Error('throttled') : 90);
  const kept = await settle({ at: failing });
  assert.deepEqual(kept.metrics.problems, ['the last reading failed: throttled']);
  assert.equal(kept.metrics.incomingRecords, 90);
});

test('a first reading that fails is an error', async () => {
  await assert.rejects(settle({ at: () => new Error('AccessDenied') }), /AccessDenied/);
});

test('where metrics are published at once, nothing is waited for', async () => {
  const local = { waitMs: 0, pollMs: 1_000, limitMs: 10_000 };
  const { readAt, waits } = await settle({ at: () => 100, patience: local });
  assert.deepEqual([readAt, waits], [[0], []]);
  const short = await settle({ at: () => 99, patience: local });
  assert.deepEqual(short.readAt, [0, 1, 2]);
});
