/** What a channel makes of every kind of violation, alone and together, up to what the result says of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderingDetailOf } from '../judge/ordering-detail.ts';
import { type HopStamps, MessageReader, MessageWriter } from '../measure/message.ts';
import { HopMemory } from '../measure/ordering-hops.ts';
import { Recorder } from '../measure/recorder.ts';
import { Rollup } from '../measure/rollup.ts';
import type { OrderingDetail } from '../model/result.ts';
import type { Violation } from '../model/violation.ts';
import type { Connection } from '../ports.ts';
import { Channel, type ChannelContext } from './channel.ts';

const RUN = '0123456789abcdef';
const PAYLOAD = { payloadBytes: 128 };
const EPOCH_MS = 1_700_000_000_000;
const MEASURED_FROM_MS = 100;
const DRAIN_MS = 5_000;

const CONNECTION: Connection = { isOpen: () => true, send() {}, backlogBytes: () => 0, close() {} };

/** One open channel on a clock that is set by hand. Messages are due, and sent, 10 ms apart from 100 ms on. */
class Scene {
  nowMs = MEASURED_FROM_MS;
  readonly recorder = new Recorder({ violationLimit: 100 });
  readonly channel: Channel;
  readonly #context: ChannelContext;
  readonly #stream: number;
  readonly #rollup = new Rollup();

  constructor(stream = 3) {
    this.#stream = stream;
    this.#context = {
      clock: { now: () => this.nowMs, epochAt: (nowMs) => EPOCH_MS + nowMs, at: () => ({ cancel() {} }) },
      recorder: this.recorder,
      redact: (text) => text,
      writer: new MessageWriter({ runId: RUN, ...PAYLOAD, trace: false }),
      reader: new MessageReader({ runId: RUN, ...PAYLOAD }),
      traced: new HopMemory(),
      measuredFromMs: MEASURED_FROM_MS,
      lastArrivalMs: 0,
      reached() {},
      changed() {},
      refusedInChurn() {},
      answered() {},
    };
    this.channel = new Channel(stream, this.#context);
    this.channel.open({ dial: () => CONNECTION }, '');
    this.channel.opened();
  }

  send(count: number): void {
    for (let sent = 0; sent < count; sent++) {
      this.channel.send(this.nowMs, true);
      this.nowMs += 10;
    }
  }

  /** An echo arrives a millisecond after whatever came before it. */
  arrive(sequence: number, as: { run?: string; stream?: number; hops?: HopStamps } = {}): void {
    const { run = RUN, stream = this.#stream, hops } = as;
    const writer = new MessageWriter({ runId: run, ...PAYLOAD, trace: hops !== undefined });
    const text = Buffer.from(writer.frame(stream, sequence)).toString();
    this.receive(hops === undefined ? text : `${text.slice(0, -1)},"hops":${JSON.stringify(hops)}}`);
  }

  receive(text: string): void {
    this.nowMs++;
    const bytes = Buffer.from(text);
    this.channel.received(bytes, 0, bytes.length);
  }

  /** The end of the run: what the result says. */
  finish(): { detail: OrderingDetail; violations: readonly Violation[]; rollup: Rollup } {
    this.channel.finish('lost');
    this.#rollup.add(this.recorder.flush(0, 1, null));
    this.#rollup.close();
    const detail = orderingDetailOf(this.#rollup, DRAIN_MS);
    return { detail, violations: this.#rollup.violations, rollup: this.#rollup };
  }
}

function countsOf({ rates }: OrderingDetail): Record<string, number> {
  return Object.fromEntries(
    Object.entries(rates).flatMap(([kind, { count }]) => (count === 0 ? [] : [[kind, count]])),
  );
}

function arriveAll(scene: Scene, sequences: readonly number[]): void {
  for (const sequence of sequences) scene.arrive(sequence);
}

const CORRUPTED = Buffer.from(new MessageWriter({ runId: RUN, ...PAYLOAD, trace: false }).frame(3, 1))
  .toString()
  .replace('"sequence":"0000000001"', '"sequence":"0000000002"');

test('a stream without violations has none of any kind, and a bound for each', () => {
  const scene = new Scene();
  scene.send(4);
  arriveAll(scene, [0, 1, 2, 3]);
  const { detail, violations } = scene.finish();
  assert.deepEqual(countsOf(detail), {});
  assert.deepEqual(Object.keys(detail.rates), [
    'reordered',
    'duplicated',
    'lost',
    'corrupt',
    'otherStream',
    'otherRun',
    'unsent',
  ]);
  const bound = 1 - 0.05 ** (1 / 4);
  for (const [kind, { of, upper95 }] of Object.entries(detail.rates)) {
    assert.equal(of, 4, kind);
    assert.ok(Math.abs(upper95! - bound) < 1e-15, kind);
  }
  assert.deepEqual(detail.streams, { affected: 0, of: 0, worst: [] });
  assert.deepEqual(violations, []);
  assert.equal(detail.waitingMs, DRAIN_MS);
});

const ALONE: readonly {
  readonly kind: string;
  readonly act: (scene: Scene) => void;
  readonly delivered: number;
  readonly column: 'reordered' | 'duplicated' | 'lost' | 'unexpected';
}[] = [
  { kind: 'reordered', act: (scene) => arriveAll(scene, [1, 0, 2]), delivered: 3, column: 'reordered' },
  { kind: 'duplicated', act: (scene) => arriveAll(scene, [0, 0, 1, 2]), delivered: 3, column: 'duplicated' },
  { kind: 'lost', act: (scene) => arriveAll(scene, [0, 2]), delivered: 2, column: 'lost' },
  { kind: 'unsent', act: (scene) => arriveAll(scene, [0, 1, 2, 3]), delivered: 3, column: 'unexpected' },
  {
    kind: 'corrupt',
    act: (scene) => {
      arriveAll(scene, [0, 1, 2]);
      scene.receive(CORRUPTED);
    },
    delivered: 3,
    column: 'unexpected',
  },
  {
    kind: 'otherStream',
    act: (scene) => {
      arriveAll(scene, [0, 1, 2]);
      scene.arrive(0, { stream: 4 });
    },
    delivered: 3,
    column: 'unexpected',
  },
  {
    kind: 'otherRun',
    act: (scene) => {
      arriveAll(scene, [0, 1, 2]);
      scene.arrive(0, { run: 'fedcba9876543210' });
    },
    delivered: 3,
    column: 'unexpected',
  },
];

for (const { kind, act, delivered, column } of ALONE) {
  test(`${kind} is seen alone: in its rate, on its stream, and as one witness`, () => {
    const scene = new Scene();
    scene.send(3);
    act(scene);
    const { detail, violations } = scene.finish();
    assert.deepEqual(countsOf(detail), { [kind]: 1 });
    const none = { reordered: 0, duplicated: 0, lost: 0, unexpected: 0 };
    assert.deepEqual(detail.streams.worst, [{ stream: 3, delivered, ...none, [column]: 1 }]);
    assert.equal(detail.streams.affected, 1);
    assert.deepEqual(
      violations.map((violation) => (violation.kind === 'unexpected' ? violation.what : violation.kind)),
      [kind],
    );
  });
}

test('several kinds at once are told apart, and a stream is affected once', () => {
  const scene = new Scene();
  scene.send(8);
  // 4 jumps over 1 to 3; 2 and 1 come late, 3 never; 6 is jumped over and lost; 0 and 2 come again.
  arriveAll(scene, [0, 4, 2, 1, 5, 7, 0, 2, 99]);
  scene.receive(CORRUPTED);
  scene.arrive(0, { stream: 9 });
  const { detail } = scene.finish();
  assert.deepEqual(countsOf(detail), {
    reordered: 2,
    duplicated: 2,
    lost: 2,
    corrupt: 1,
    otherStream: 1,
    unsent: 1,
  });
  assert.deepEqual(detail.streams.worst, [
    { stream: 3, delivered: 6, reordered: 2, duplicated: 2, lost: 2, unexpected: 3 },
  ]);
  assert.equal(detail.streams.affected, 1);
  assert.equal(detail.rates.corrupt!.of, 11, 'every arrival can be corrupt');
  assert.equal(detail.rates.lost!.of, 8, 'every sent message can be lost');
  assert.deepEqual([detail.nReordering.count, detail.nReordering.min, detail.nReordering.max], [2, 1, 2]);
  assert.deepEqual(detail.nReordered.slice(0, 3), [2, 1, 0]);
  assert.equal(detail.nReordered.length, 16);
  assert.deepEqual([detail.runs.count, detail.runs.min, detail.runs.max], [2, 0, 2]);
  assert.equal(detail.gaps.count, 0, 'both were overtaken at one discontinuity');
});

test('lost messages are counted in the second in which they were due', () => {
  const scene = new Scene();
  scene.send(120);
  arriveAll(
    scene,
    Array.from({ length: 98 }, (_, sequence) => sequence + 1),
  );
  const { rollup } = scene.finish();
  assert.deepEqual(
    rollup.seconds().map(({ lost }) => lost),
    [2, 20],
  );
});

const hops = (record: number, shard = 'shardId-000000000000'): HopStamps => ({
  arrivedMs: EPOCH_MS + MEASURED_FROM_MS + 20,
  startedMs: EPOCH_MS + MEASURED_FROM_MS + 25,
  postedMs: EPOCH_MS + MEASURED_FROM_MS + 26,
  record: `4966254370000000000000000000000000000000000000000000000${record}`,
  shard,
});

const witnessed = (record: number) => ({ ...hops(record), arrivedMs: 20, startedMs: 25, postedMs: 26 });

test('the witness of a traced reorder has both messages, their times and where each was on its way', () => {
  const scene = new Scene();
  scene.send(3);
  scene.arrive(1, { hops: hops(2) });
  scene.arrive(0, { hops: hops(5) });
  scene.arrive(2, { hops: hops(6) });
  const { violations, detail, rollup } = scene.finish();
  assert.deepEqual(violations, [
    {
      kind: 'reordered',
      stream: 3,
      sequence: 0,
      intendedMs: 0,
      sentMs: 0,
      arrivedMs: 32,
      extent: 1,
      lateTimeMs: 1,
      overtakenBy: { sequence: 1, sentMs: 10, arrivedMs: 31, hops: witnessed(2) },
      where: 'ingest',
      hops: witnessed(5),
    },
  ]);
  assert.deepEqual(rollup.where, { ingest: 1, delivery: 0, unknown: 0 });
  assert.deepEqual(detail.shards, [
    { shard: 'shardId-000000000000', delivered: 3, reordered: 1, duplicated: 0 },
  ]);
});

test('a reorder is placed after the stream when the shard had both in order, and nowhere between two shards', () => {
  for (const [overtaker, where] of [
    [hops(7), 'delivery'],
    [hops(7, 'shardId-000000000001'), 'unknown'],
  ] as const) {
    const scene = new Scene();
    scene.send(2);
    scene.arrive(1, { hops: overtaker });
    scene.arrive(0, { hops: hops(5) });
    const { rollup } = scene.finish();
    assert.equal(rollup.where[where], 1, where);
  }
});

test('the witness of a duplicate has both arrivals, as long as the first is remembered', () => {
  const scene = new Scene();
  scene.send(1);
  scene.arrive(0, { hops: hops(1) });
  scene.arrive(0, { hops: hops(4) });
  const copy = { kind: 'duplicated', stream: 3, sequence: 0 };
  const remembered = {
    ...copy,
    arrivedMs: 12,
    sentMs: 0,
    firstArrivedMs: 11,
    hops: witnessed(4),
    firstHops: witnessed(1),
  };
  // The ninth message takes the first one's slot.
  scene.send(8);
  scene.arrive(0);
  const forgotten = { ...copy, arrivedMs: 93 };
  const { violations, detail } = scene.finish();
  assert.deepEqual(violations.slice(0, 2), [remembered, forgotten]);
  assert.deepEqual(detail.shards, [
    { shard: 'shardId-000000000000', delivered: 1, reordered: 0, duplicated: 1 },
  ]);
});

test('what happens on warm-up messages is not counted, but they are part of the order', () => {
  const scene = new Scene();
  for (let sent = 0; sent < 3; sent++) scene.channel.send(scene.nowMs, false);
  scene.send(2);
  // 4 overtakes 0 to 3, of which only 3 is measured.
  arriveAll(scene, [4, 1, 0, 1, 3]);
  const { detail, violations } = scene.finish();
  assert.deepEqual(countsOf(detail), { reordered: 1 });
  assert.deepEqual([detail.nReordering.max, detail.runs.max], [0, 0]);
  assert.equal(violations.length, 1);
  assert.deepEqual(detail.streams.worst[0]?.delivered, 2);
});
