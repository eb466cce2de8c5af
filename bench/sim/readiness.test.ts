/**
 * A nightly run on a stack that was just made, or just changed, with mappings as slow as AWS says: what one echo lets
 * through, and that a driver which asks every shard loses nothing. On virtual time, with the production stage and driver.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NO_QUIRKS, type Quirks, settlingMs } from '../../stack/local/quirks.ts';
import type { SimulatedStage } from '../../stack/local/simulated/simulated-stage.ts';
import { summarise } from '../judge/summary.ts';
import { readinessStateOf } from '../model/readiness-state.ts';
import type { RunResult } from '../model/result.ts';
import type { Readiness, Waiting } from '../ports.ts';
import { simulate } from './simulate.ts';
import { planWith } from './testing/plan.ts';
import type { VirtualClock } from './virtual-clock.ts';

const TEMPLATE = readFileSync(new URL('../../stack/template.yaml', import.meta.url), 'utf8');
const SHARDS = 4;

/** As `stack/aws/stack-readiness.ts` asks it over the endpoints. */
function readinessOf({ account }: SimulatedStage, quirks: Quirks, clock: () => VirtualClock): Readiness {
  let isMet = false;
  return {
    ask: async () => {
      const [name = ''] = account.kinesis.streamNames();
      const open = account.kinesis.existingStream(name).shards.filter(({ closed }) => !closed);
      const mappings = [...account.lambda.mappings.values()].map(({ mapping, resource }) => ({
        logicalId: resource.logicalId,
        state: mapping.state,
        modifiedEpochMs: mapping.lastModifiedEpochMs,
        settlingMs: settlingMs(quirks),
      }));
      const shards = open.map(({ shardId }) => ({ id: shardId, share: 1 / open.length }));
      const state = readinessStateOf({ service: 'echo', mappings, shards }, clock().epochAt(clock().now()));
      return isMet ? null : state;
    },
    met: () => {
      isMet = true;
    },
  };
}

interface Night {
  readonly quirks: Partial<Quirks>;
  readonly asksEveryShard: boolean;
  /** Whether the mapping is changed in place before the run, as between two cells of a sweep. */
  readonly isUpdated?: boolean;
  readonly settling?: Partial<Quirks>;
}

async function nightOf({ quirks: some, asksEveryShard, isUpdated = false, settling = some }: Night) {
  const quirks = { ...NO_QUIRKS, ...some };
  const waits: Waiting[] = [];
  let clock!: VirtualClock;
  const { record } = await simulate({
    plan: planWith({
      ...{ connections: 40, warmupMs: 0, durationMs: 5_000, drainMs: 5_000 },
      load: { kind: 'open', ratePerSecond: 200, arrival: 'constant' },
      parameters: { ShardCount: String(SHARDS), AuditService: 'true' },
    }),
    templateText: TEMPLATE,
    templatePath: 'stack/template.yaml',
    functions: 'model',
    log: () => {},
    version: 'test',
    commit: null,
    interrupted: new AbortController().signal,
    limits: { untilMs: 900_000 },
    quirks,
    ...(asksEveryShard
      ? {
          readiness: (simulated: SimulatedStage) =>
            readinessOf(simulated, { ...NO_QUIRKS, ...settling }, () => clock),
        }
      : {}),
    opened: async ({ simulated: { account } }, itsClock) => {
      clock = itsClock;
      if (!isUpdated) return;
      const echo = [...account.lambda.mappings].find(
        ([, { resource }]) => resource.logicalId === 'EchoMapping',
      )!;
      await account.lambda.updateMapping({
        ...echo[1].resource,
        properties: { ...echo[1].resource.properties, BatchSize: 7 },
      });
    },
    observer: { phase: () => {}, waiting: (waiting) => waits.push(waiting) },
  });
  return { result: summarise(record, []), waits: waits.map(({ what }) => what) };
}

/** Of a run without a flaw. */
function assertWhole({ messages, metrics, traffic }: RunResult): void {
  assert.deepEqual([messages.scheduled, messages.delivered, messages.lost], [1_000, 1_000, 0]);
  assert.equal(
    metrics?.incomingRecords,
    traffic?.expectedRecords,
    'what was sent to see it counts as probes',
  );
  assert.equal(metrics?.complete, true);
}

const LATE = { lateShardsMs: new Map([[3, 120_000]]) };
const UPDATED = { oldPollerMs: 3_000, pollerGapMs: 60_000 };

test('a driver that takes one echo for ready loses what a shard is sent before its mapping reads it', async () => {
  const { result } = await nightOf({ quirks: LATE, asksEveryShard: false });
  assert.ok(result.messages.lost > 100, `${result.messages.lost} lost`);
});

test('one that asks every shard waits for the late one, says so, and loses nothing', async () => {
  const { result, waits } = await nightOf({ quirks: LATE, asksEveryShard: true, settling: {} });
  assertWhole(result);
  assert.ok(waits.includes('shard 3 of echo has not answered yet'), waits.join('\n'));
  const { probes } = result.traffic!;
  assert.ok(probes!.unanswered > 100 && probes!.sent > probes!.unanswered, JSON.stringify(probes));
});

test('one that asks every shard of a mapping that was left alone is ready within seconds', async () => {
  const { result, waits } = await nightOf({ quirks: {}, asksEveryShard: true });
  assertWhole(result);
  assert.deepEqual(waits, []);
  assert.ok(Date.parse(result.measuredFrom) - Date.parse(result.startedAt) < 4_000);
});

test('a driver that takes one echo for ready is answered by pollers that are about to stop', async () => {
  const { result } = await nightOf({ quirks: UPDATED, asksEveryShard: false, isUpdated: true });
  assert.ok(result.messages.lost > 100, `${result.messages.lost} not answered in time`);
});

test('one that waits for the time that a change takes, and then asks every shard, loses nothing', async () => {
  const { result, waits } = await nightOf({ quirks: UPDATED, asksEveryShard: true, isUpdated: true });
  assertWhole(result);
  assert.match(waits[0]!, /^mapping EchoMapping was made or changed less than 63 s ago/);
  assert.ok(Date.parse(result.measuredFrom) - Date.parse(result.startedAt) < 75_000, 'and no longer');
});

test('a service that answers nobody is waited for by time, and no record of the run is kept from it', async () => {
  const late = { lateShardsMs: new Map([[null, 40_000]]) };
  const { result } = await nightOf({ quirks: late, asksEveryShard: true });
  assertWhole(result);
  const invocations = result.metrics?.series.find(({ id }) => id === 'auditFunctionInvocations');
  assert.ok(
    (invocations?.values ?? []).some((count) => count > 0),
    'the audit service reads',
  );
});
