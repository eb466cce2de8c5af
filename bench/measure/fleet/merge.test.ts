/** A run of two workers, of whose numbers no two are equal, merged: every figure of the run and of its workers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarise } from '../../judge/summary.ts';
import { histogramOf, quantilesOf } from '../histogram.ts';
import type { RunRecord } from '../record.ts';
import { Rollup } from '../rollup.ts';
import type { SecondReport, ShareEvent } from '../share.ts';
import { MEASURED_FROM_MS, oddRun } from '../testing/distinct-run.ts';
import { FleetMerge } from './merge.ts';
import { type FleetPartial, PARTIAL_SCHEMA } from './partial.ts';

const RUN = { runId: '0123456789abcdef', planHash: 'f'.repeat(64), of: 3, startMs: MEASURED_FROM_MS - 1759 };

const { record, events } = oddRun();

/** Without a schedule, so that the shares are the table's. */
const PLAN: RunRecord['plan'] = {
  ...record.plan,
  connections: 40_001,
  load: { kind: 'closed', inFlight: 3 },
};

/** The last report and the second opening are another worker's. */
const isSecond = (event: ShareEvent): boolean => event === events.at(-1) || event === events[1];

function partialOf(index: number, own: readonly ShareEvent[]): FleetPartial {
  const sum = new Rollup();
  for (const event of own) sum.add(event);
  const { environment, stage, stageChange, sharesMachine } = record;
  return {
    ...{ schema: PARTIAL_SCHEMA, kind: 'fleet partial', identity: { ...RUN, index } },
    ...{ plan: {}, headerNames: [], host: `node-${index}`, environment },
    clock: { lowMs: -3.1 - index, highMs: 5.3 + index * 0.7, probes: 4 + index },
    times: {
      startedMs: record.startedAtMs + index * 17,
      readyMs: RUN.startMs - 900 + index * 1103,
      latenessMs: index * 203,
      trafficEndedMs: record.trafficEndedAtMs - index * 19,
      measuredMs: record.measuredMs - index * 23,
    },
    run: {
      ...{ interruption: index === 0 ? null : 'it was cut', stage, stageChange, sharesMachine },
      ...{ throttledProbes: index === 0 ? 27 : 4 },
      ...{ probes: index === 0 ? 1280 : 3, hostBusy: 0.521 - index * 0.1, stealShare: 0.0173 - index * 0.01 },
    },
    part: sum.toPart(),
  };
}

function merged() {
  const merge = new FleetMerge({ run: RUN, plan: { ...PLAN, durationMs: 9109 } });
  const [first, second] = [events.filter((event) => !isSecond(event)), events.filter(isSecond)];
  assert.equal(merge.add('one', partialOf(0, first), 'digest of one').verdict, 'merged');
  assert.equal(merge.add('two', partialOf(1, second), 'digest of two').verdict, 'merged');
  return merge.finish({ id: 'merged' });
}

test('partials add up to the figures of the run that they are the parts of', () => {
  const { record: sum } = merged();
  // What only whoever opened the stage knows of it.
  const { plan, metrics, faultTallies, unansweredProbes, throttledProbes } = record;
  const word = {
    plan,
    metrics,
    stageHasMetrics: true,
    metricsProblem: null,
    faultTallies,
    unansweredProbes,
    throttledProbes,
  };
  const { warnings: _, ...direct } = summarise({ ...record, endedAtMs: record.trafficEndedAtMs }, []);
  const whole = { ...sum, ...word, environment: record.environment, interruption: record.interruption };
  const { warnings: __, ...added } = summarise({ ...whole, id: record.id } as RunRecord, []);
  assert.deepEqual(added, direct);
});

/** The times of the second worker, which sent one report. */
function timesOf(series: 'response' | 'sendLag') {
  const report = events.at(-1) as SecondReport;
  const { count, p50, p99, max } = quantilesOf(histogramOf([report.histograms[series]!]));
  return { count, p50, p99, max };
}

test('each worker is told of by its own figures, and the missing one by its share', () => {
  const { fleet, record: sum } = merged();
  const [first, second] = fleet.workers;
  assert.deepEqual(second, {
    ...{ index: 1, host: 'node-1', cpus: '8 × made up' },
    connections: { requested: 13_334, opened: 257, failed: 5, closedEarly: 0 },
    messages: { scheduled: 1050, sent: 1019, delivered: 1013, lost: 0, reordered: 107, duplicated: 167 },
    ...{ response: timesOf('response'), sendLag: timesOf('sendLag'), latenessMs: 203 },
    ...{ clock: { lowMs: -4.1, highMs: 6, probes: 5 }, utilizationMean: 0.501 },
    ...{ loopDelayMaxMs: 6.73, gcMaxMs: 2.99, interruption: 'it was cut' },
  });
  assert.deepEqual(first?.connections, { requested: 13_334, opened: 12_007, failed: 419, closedEarly: 712 });
  assert.deepEqual([first?.messages.lost, first?.latenessMs, first?.interruption], [379, 0, null]);
  assert.deepEqual([fleet.of, fleet.missing, fleet.startAt], [3, [2], new Date(RUN.startMs).toISOString()]);
  assert.deepEqual(fleet.missingShare, {
    ...{ connections: 13_333, connectionsOfAll: 40_001, messages: null, messagesOfAll: null },
  });
  assert.deepEqual([fleet.clockSpreadMs, fleet.clocksApartMs], [5.3 + 4.1, 0]);
  const { interruption, probes, hostBusy, stealShare, measuredMs, startedAtMs, trafficEndedAtMs } = sum;
  assert.deepEqual([probes, hostBusy, stealShare, measuredMs], [1283, 0.521, 0.0173, 9103]);
  assert.deepEqual([startedAtMs, trafficEndedAtMs], [record.startedAtMs, record.trafficEndedAtMs]);
  assert.equal(
    interruption,
    'worker 2 of 3 did not report: 13333 of 40001 connections are missing; worker 1 ended early: it was cut',
  );
});
