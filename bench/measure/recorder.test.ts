/** What a worker reports of a second, from calls of which each has numbers of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Violation } from '../model/violation.ts';
import type { Health } from './health.ts';
import { HIGHEST_VALUE, histogramOf } from './histogram.ts';
import { emptyOrder } from './ordering-report.ts';
import { Recorder } from './recorder.ts';
import { SERIES, type Series } from './second.ts';
import type { SecondReport } from './share.ts';
import { emptyTally } from './tally.ts';

const HEALTH: Health = {
  utilization: 0.17,
  loopDelayP99Ms: 1.9,
  loopDelayMaxMs: 2.3,
  gcCount: 29,
  gcMs: 3.1,
  gcMaxMs: 3.7,
  cpuCores: 0.41,
  pacing: 'spin',
  backlogBytes: 43,
};

const LOST: Violation = { kind: 'lost', stream: 47, sequence: 53, intendedMs: 59, sentMs: 61 };

/** The values of each series that has any. */
function valuesOf({ histograms }: SecondReport): Partial<Record<Series, number[]>> {
  const values = (series: Series): number[] => {
    const histogram = histogramOf([histograms[series]!]);
    const counts = Array.from({ length: 3000 }, (_, value) => histogram.getCountAtIndex(value));
    return counts.flatMap((count, value) => (value < 2048 ? Array<number>(count).fill(value) : []));
  };
  return Object.fromEntries(
    SERIES.filter((series) => histograms[series] !== undefined).map((series) => [series, values(series)]),
  );
}

function recordAll(recorder: Recorder): void {
  const { tallies } = recorder;
  Object.assign(tallies.warmup, { scheduled: 101, sent: 103, delivered: 107, lost: 109 });
  Object.assign(tallies.measured, { refused: 113, indeterminate: 127, duplicated: 131, reordered: 137 });
  recorder.time('response', 0.139);
  recorder.time('service', 0.149);
  recorder.time('sendLag', 0.151);
  recorder.time('sendLag', -0.002);
  recorder.time('response', 4_000_000);
  recorder.reorder({ extent: 157, lateTimeMs: 0.163, nReordering: 167, run: 173 }, 'ingest');
  recorder.reorder({ extent: 179, lateTimeMs: 0.181, nReordering: 191, run: 193 }, 'delivery');
  recorder.reorder({ extent: 197, lateTimeMs: 0.199, nReordering: 211, run: 223 }, 'delivery');
  recorder.gap(227);
  const stamps = { record: '1', shard: 's' };
  recorder.hops(
    { ...stamps, arrivedMs: 1000.25, startedMs: 1000.75, postedMs: 1001.75 },
    1000,
    1003.25,
    3.229,
  );
  // The function began before the record had arrived, further than a stamp can be off.
  recorder.hops({ ...stamps, arrivedMs: 1001, startedMs: 999, postedMs: 1000 }, 999.75, 1000.125, 0.233);
  recorder.streamViolation(239, 'duplicated', true);
  recorder.streamViolation(239, 'lost', false);
  recorder.streamViolation(241, 'reordered', true);
  recorder.streamClosed(239, 251, 257);
  recorder.streamClosed(263, 269, 271);
  recorder.shard('shard-1', 'delivered');
  recorder.shard('shard-1', 'reordered');
  recorder.shard('shard-2', 'duplicated');
  recorder.lost(277);
  recorder.lost(277);
  recorder.due(281);
  recorder.due(283);
  recorder.due(283);
  for (let count = 0; count < 3; count++) recorder.arrival(true);
  recorder.arrival(false);
  recorder.unexpected('corrupt', true);
  recorder.unexpected('unsent', true);
  recorder.unexpected('unsent', true);
  recorder.unexpected('gatewayError', false);
  recorder.closedEarly('CLOSE_1006');
  if (recorder.keepsViolations) recorder.violation(LOST);
}

test('a second is reported with everything under its own name, once', () => {
  const recorder = new Recorder({ violationLimit: 1 });
  recordAll(recorder);
  assert.equal(recorder.keepsViolations, false);
  const report = recorder.flush(307, 311, HEALTH);
  const { histograms, ...rest } = report;
  const stream = { delivered: 0, reordered: 0, duplicated: 0, lost: 0, unexpected: 0 };
  assert.deepEqual(rest, {
    kind: 'second',
    second: 307,
    warmup: { ...emptyTally(), scheduled: 101, sent: 103, delivered: 107, lost: 109 },
    measured: { ...emptyTally(), refused: 113, indeterminate: 127, duplicated: 131, reordered: 137 },
    due: { 281: 1, 283: 2 },
    arrivals: { warmup: 1, measured: 3 },
    unexpected: { corrupt: 1, unsent: 2 },
    unexpectedInWarmup: { gatewayError: 1 },
    where: { ingest: 1, delivery: 2, unknown: 0 },
    order: {
      affected: 2,
      streams: new Map([
        [239, { ...stream, delivered: 251, duplicated: 1, lost: 1 }],
        [241, { ...stream, reordered: 1 }],
        [263, { ...stream, delivered: 269 }],
      ]),
      shards: new Map([
        ['shard-1', { delivered: 2, reordered: 1, duplicated: 0 }],
        ['shard-2', { delivered: 0, reordered: 0, duplicated: 1 }],
      ]),
      lostDue: { 277: 2 },
      shortestWaitMs: 257,
      hops: { samples: 1, ingest: 250, queue: 500, process: 1000, deliver: 1500, service: 3229 },
    },
    anomalies: { clipped: 1, negative: 1, negativeHops: 1 },
    violations: [LOST],
    connections: 311,
    closedEarly: { CLOSE_1006: 1 },
    health: HEALTH,
  });
  assert.deepEqual(valuesOf(report), {
    response: [139],
    service: [149],
    sendLag: [151],
    ingest: [250, 1250],
    queue: [500],
    process: [1000, 1000],
    deliver: [125, 1500],
    extent: [157, 179, 197],
    lateTime: [163, 181, 199],
    nReordering: [167, 191, 211],
    runs: [173, 193, 223],
    gaps: [227],
  });
  assert.equal(histograms.response?.max, HIGHEST_VALUE, 'what is longer counts as the longest');
});

test('the second after it begins from nothing', () => {
  const recorder = new Recorder({ violationLimit: 1 });
  recordAll(recorder);
  recorder.flush(307, 311, HEALTH);
  assert.deepEqual(recorder.flush(313, 0, null), {
    kind: 'second',
    second: 313,
    warmup: emptyTally(),
    measured: emptyTally(),
    due: {},
    arrivals: { warmup: 0, measured: 0 },
    unexpected: {},
    unexpectedInWarmup: {},
    where: { ingest: 0, delivery: 0, unknown: 0 },
    order: emptyOrder(),
    histograms: {},
    anomalies: { clipped: 0, negative: 0, negativeHops: 0 },
    violations: [],
    connections: 0,
    closedEarly: {},
    health: null,
  });
});
