import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planWith } from '../../sim/testing/plan.ts';
import {
  addSparse,
  histogramOf,
  newHistogram,
  quantilesOf,
  type SparseHistogram,
  sparseOf,
} from '../histogram.ts';
import { HistogramSum } from '../histogram-sum.ts';
import { OrderSum } from '../ordering-report.ts';
import { DamagedHistogram, pack, unpack } from '../packed-histogram.ts';
import { Recorder } from '../recorder.ts';
import { Rollup } from '../rollup.ts';
import { scheduleOf } from '../schedule.ts';
import { countsOf, SERIES } from '../second.ts';
import type { SecondReport } from '../share.ts';
import { clockOffset, clockSpreadMs } from './clock-bound.ts';
import { unbalanced } from './planned-share.ts';
import { connectionsOf, missingShare, threadShares } from './worker-share.ts';
import { timesOf } from './worker-times.ts';

const shape = fc.record({
  of: fc.integer({ min: 1, max: 12 }),
  threads: fc.integer({ min: 1, max: 5 }),
  connections: fc.integer({ min: 1, max: 200 }),
});

test('the shares of all threads of all workers are every stream exactly once, and a worker’s are its own', () => {
  fc.assert(
    fc.property(shape, ({ of, threads, connections }) => {
      for (let stream = 0; stream < connections; stream++) {
        const owners: number[] = [];
        for (let index = 0; index < of; index++) {
          const shares = threadShares({ index, of }, threads);
          owners.push(...shares.filter((share) => stream % share.of === share.index).map(() => index));
        }
        assert.deepEqual(owners, [stream % of]);
      }
      const counted = Array.from({ length: of }, (_, index) => connectionsOf(connections, { index, of }));
      assert.equal(
        counted.reduce((sum, count) => sum + count, 0),
        connections,
      );
    }),
    { numRuns: 100 },
  );
});

test('what missing workers would have sent is counted in the schedule, and with the others it is all of it', () => {
  fc.assert(
    fc.property(shape, fc.constantFrom('constant', 'poisson', 'ramp'), ({ of, connections }, arrival) => {
      const plan = planWith({
        connections,
        durationMs: 1000,
        warmupMs: 200,
        load: { kind: 'open', ratePerSecond: 300, arrival },
      });
      const each = Array.from({ length: of }, (_, index) => missingShare(plan, [index], of));
      let all = 0;
      for (const at = scheduleOf(plan); at.dueMs !== Number.POSITIVE_INFINITY; at.advance())
        if (at.dueMs >= 200) all++;
      assert.equal(
        each.reduce((sum, { messages }) => sum + messages!, 0),
        all,
      );
      assert.equal(each[0]!.messagesOfAll, all);
    }),
    { numRuns: 30 },
  );
});

const sparse: fc.Arbitrary<SparseHistogram> = fc
  .array(fc.integer({ min: 0, max: 3_600_000_000 }), { minLength: 1, maxLength: 40 })
  .map((samples) => {
    const histogram = newHistogram();
    for (const sample of samples) histogram.recordValue(sample);
    return sparseOf(histogram)!;
  });

const packable = fc.array(fc.option(sparse, { freq: 4 }), { maxLength: 6 });

test('packed histograms unpack to themselves, each in its place', () => {
  const unpacked = (histograms: readonly (SparseHistogram | null)[]) =>
    unpack(pack(histograms)).map((packed) => packed?.toSparse() ?? null);
  fc.assert(fc.property(packable, (histograms) => assert.deepEqual(unpacked(histograms), histograms)));
  const large = { buckets: [0, 1, 3, 2 ** 40 + 5, 4, Number.MAX_SAFE_INTEGER], max: 3 };
  assert.deepEqual(unpacked([large]), [large]);
});

test('packed histograms that are cut off, changed, out of range or no base64 are refused', () => {
  fc.assert(
    fc.property(sparse, fc.nat(), (histogram, cut) => {
      const bytes = Buffer.from(pack([histogram]), 'base64');
      const short = bytes.subarray(0, 1 + (cut % (bytes.length - 1))).toString('base64');
      assert.throws(() => unpack(short), DamagedHistogram);
    }),
  );
  const base64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64');
  assert.throws(() => unpack(base64(1, 5, 0xff, 0xff, 0x7f)), /beyond the last one/);
  assert.throws(() => unpack(base64(1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0)), /beyond the highest value/);
  assert.throws(() => unpack(base64(1, 5, ...new Array(12).fill(0xff))), /too long/);
  assert.throws(() => unpack(base64(1, 5, 1, ...new Array(7).fill(0xff), 0x0f)), /too long/);
  assert.throws(() => unpack('A!=='), /no base64/);
  for (const buckets of [
    [1, 0],
    [1, -1],
    [1, 1.5],
    [3, 1, 2, 1],
    [1, 1, 1, 1],
  ])
    assert.throws(() => pack([{ buckets, max: 1 }]), RangeError);
});

test('a sum of sparse histograms, packed or not, is that of full ones, bucket for bucket', () => {
  fc.assert(
    fc.property(fc.array(sparse, { minLength: 1, maxLength: 6 }), (parts) => {
      const sum = new HistogramSum();
      const full = newHistogram();
      for (const part of parts) {
        sum.add(part);
        addSparse(full, part);
      }
      assert.deepEqual(sum.toSparse(), sparseOf(full));
      const packed = new HistogramSum();
      for (const part of unpack(pack(parts))) packed.add(part!);
      assert.deepEqual(packed.toSparse(), sparseOf(full));
    }),
  );
});

/** A message of a worker's second. */
const message = fc.record({
  worker: fc.integer({ min: 0, max: 3 }),
  second: fc.integer({ min: -1, max: 3 }),
  ms: fc.double({ min: 0.001, max: 5000, noNaN: true }),
  fate: fc.constantFrom('delivered', 'lost', 'refused', 'reordered'),
});

function feed(recorder: Recorder, { second, ms, fate }: { second: number; ms: number; fate: string }): void {
  const tally = recorder.tallies[second < 0 ? 'warmup' : 'measured'];
  tally.scheduled++;
  if (second >= 0) recorder.due(second);
  if (fate === 'refused') {
    tally.refused++;
    return;
  }
  tally.sent++;
  if (fate === 'lost') {
    tally.lost++;
    if (second >= 0) recorder.lost(second);
    return;
  }
  recorder.arrival(second >= 0);
  tally.delivered++;
  if (fate === 'reordered') {
    tally.reordered++;
    recorder.reorder({ extent: 2, lateTimeMs: ms, nReordering: 1, run: 3 }, 'ingest');
  }
  if (second < 0) return;
  for (const series of ['response', 'service', 'sendLag'] as const) recorder.time(series, ms);
}

const SECONDS = [-1, 0, 1, 2, 3];

function reportsOf(messages: readonly { second: number; ms: number; fate: string }[]): SecondReport[] {
  const recorder = new Recorder({ violationLimit: 10 });
  return SECONDS.map((second) => {
    for (const one of messages) if (one.second === second) feed(recorder, one);
    return recorder.flush(second, 1, null);
  });
}

/** Everything of a rollup that can be compared. */
function contentOf(rollup: Rollup): unknown {
  const histograms = SERIES.map((series) => sparseOf(rollup.histograms[series]));
  const seconds = rollup.seconds().map(({ histograms: parts, connections: _, ...rest }) => ({
    ...rest,
    response: parts.response?.toSparse() ?? null,
  }));
  const { measured, warmup, arrivals, where, unexpected, anomalies, failures } = rollup;
  const order = { ...rollup.order.toReport() };
  return {
    measured,
    warmup,
    arrivals,
    where,
    unexpected,
    anomalies,
    failures,
    order,
    histograms,
    seconds,
  };
}

test('parts of several workers, merged in any order and grouping, are what one recorder of the same values is', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), fc.boolean(), (messages, isReversed) => {
      const whole = new Rollup();
      for (const report of reportsOf(messages)) whole.add(report);
      const parts = [0, 1, 2, 3].map((worker) => {
        const sum = new Rollup();
        for (const report of reportsOf(messages.filter((one) => one.worker === worker))) sum.add(report);
        return sum.toPart();
      });
      const inner = new Rollup();
      for (const part of parts.slice(2)) inner.addPart(part);
      const outer = new Rollup();
      const all = [...parts.slice(0, 2), inner.toPart()];
      for (const part of isReversed ? all.reverse() : all) outer.addPart(part);
      const merged = new Rollup();
      merged.addPart(outer.toPart());
      merged.close();
      whole.close();
      assert.deepEqual(contentOf(merged), contentOf(whole));
      for (const part of parts) assert.equal(unbalanced(countsOf(part.seconds)), null);
    }),
    { numRuns: 60 },
  );
});

test('a part whose counts contradict each other is told', () => {
  const sum = new Rollup();
  const [report] = reportsOf([{ second: -1, ms: 1, fate: 'delivered' }]);
  sum.add({ ...report!, arrivals: { warmup: 2, measured: 0 } });
  assert.equal(unbalanced(countsOf(sum.toPart().seconds)), '2 warmup arrivals, 1 accounted for');
  const other = new Rollup();
  other.add({ ...report!, warmup: { ...report!.warmup, scheduled: 2 } });
  assert.equal(unbalanced(countsOf(other.toPart().seconds)), '1 warmup messages sent and 0 refused of 2');
  const third = new Rollup();
  third.add({ ...report!, warmup: { ...report!.warmup, lost: 1 } });
  assert.equal(unbalanced(countsOf(third.toPart().seconds)), '2 warmup messages settled of 1 scheduled');
});

test('an order sum has no field that a partial would lose', () => {
  const fields = ['affected', 'hops', 'lostDue', 'shards', 'shortestWaitMs', 'streams'];
  assert.deepEqual(Object.keys(new OrderSum().toReport()).sort(), fields);
});

test('a worker’s quantiles from sparse buckets are those of a full histogram', () => {
  fc.assert(
    fc.property(fc.array(sparse, { minLength: 1, maxLength: 60 }), (parts) => {
      const sum = new HistogramSum();
      for (const part of parts) sum.add(part);
      const full = quantilesOf(histogramOf(parts));
      const { count, p50, p99, max } = full;
      assert.deepEqual(timesOf(sum.toSparse()), { count, p50, p99, max });
    }),
  );
});

test('probes of a coarse clock narrow the offset to an interval that holds the truth', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5000, max: 5000 }),
      fc.array(
        fc.record({ at: fc.integer({ min: 0, max: 10_000 }), took: fc.integer({ min: 1, max: 50 }) }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      (offset, asked) => {
        const probes = asked.map(({ at, took }) => ({
          beforeMs: at,
          afterMs: at + took,
          storeMs: Math.floor((at + took / 2 + offset) / 1000) * 1000,
          resolutionMs: 1000,
        }));
        const found = clockOffset(probes)!;
        assert.ok(found.lowMs <= offset && offset <= found.highMs, `${offset} in ${JSON.stringify(found)}`);
      },
    ),
  );
});

test('a clock that was set between probes has no offset, and then nobody knows how far clocks are apart', () => {
  const probe = { beforeMs: 0, afterMs: 1, resolutionMs: 1 };
  assert.equal(
    clockOffset([
      { ...probe, storeMs: 0 },
      { ...probe, storeMs: 5000 },
    ]),
    null,
  );
  const known = { lowMs: -1, highMs: 2, probes: 1 };
  assert.equal(clockSpreadMs([known, null]), null);
  assert.equal(clockSpreadMs([known, { lowMs: 4, highMs: 6, probes: 1 }]), 7);
  assert.equal(clockSpreadMs([known]), 0);
});
