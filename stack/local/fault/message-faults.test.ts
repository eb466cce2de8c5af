/** Faults on messages: each alone, its effect at the client, and its tally. Then several, and none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault, FaultCounts } from '../../../bench/model/fault.ts';
import { PUT_REFUSED } from '../gateway/testing/gateway.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { EchoStage, fault, numbered, planOf } from './testing/fault.ts';

const tally = (counts: Partial<FaultCounts>): FaultCounts => ({
  touched: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  ...counts,
});

/** What a client gets of six messages sent 10 ms apart, and the tallies, which have every count. */
async function sixThrough(...faults: readonly Fault[]) {
  const stage = new EchoStage(planOf(...faults)).measure();
  const client = stage.connect();
  await stage.send(client, 'a', [0, 1, 2, 3, 4, 5]);
  await stage.pass(1_000);
  return {
    stage,
    client,
    sequences: client.socket.sequences,
    tallies: stage.faults!.tallies() as FaultCounts[],
  };
}

/** Half of the messages are struck; which, chance says. */
const SOME = { ratio: 0.5 } as const;

test('dropped at ingest, a message was accepted and is not in the stream, and the client hears nothing', async () => {
  const { stage, client, tallies } = await sixThrough(fault({ where: 'ingest', do: 'drop', ...SOME }));
  const { touched, lost } = tallies[0]!;
  assert.deepEqual([client.socket.frames.length, stage.puts.length, touched], [6 - lost, 6 - lost, lost]);
  assert.ok(lost > 0 && lost < 6, `lost ${lost}`);
});

test('duplicated at ingest, a message is in the stream twice and comes twice', async () => {
  const { sequences, tallies } = await sixThrough(fault({ where: 'ingest', do: 'duplicate' }));
  assert.deepEqual(sequences, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  assert.deepEqual(tallies, [tally({ touched: 6, duplicated: 6 })]);
});

test('delayed at ingest, a message is late, and so is what its connection sends behind it', async () => {
  const late = fault({ where: 'ingest', do: 'delay', delayMs: 200, atMs: 5, forMs: 10 });
  const { client, sequences, tallies } = await sixThrough(late);
  assert.deepEqual(sequences, [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(client.socket.framesMs, [0, 210, 210, 210, 210, 210]);
  assert.deepEqual(tallies, [tally({ touched: 1 })]);
});

test('reordered at ingest, a message waits until the next of its connection has passed', async () => {
  const { sequences, tallies } = await sixThrough(fault({ where: 'ingest', do: 'reorder', delayMs: 500 }));
  assert.deepEqual(sequences, [1, 0, 3, 2, 5, 4]);
  assert.deepEqual(tallies, [tally({ touched: 3, reordered: 3 })]);
});

test('with nothing behind it a message that was to be reordered is only late', async () => {
  for (const where of ['ingest', 'delivery'] as const) {
    const stage = new EchoStage(planOf(fault({ where, do: 'reorder', delayMs: 500 }))).measure();
    const client = stage.connect();
    await stage.send(client, 'a', [0, 1, 2]);
    await stage.pass(1_000);
    assert.deepEqual([where, client.socket.sequences], [where, [1, 0, 2]]);
    assert.equal(client.socket.framesMs[2], 520);
    assert.deepEqual(stage.faults!.tallies(), [tally({ touched: 2, reordered: 1 })]);
  }
});

test('a message that the stream refuses overtakes nothing', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'ingest', do: 'reorder', delayMs: 500 }))).measure();
  const { answer } = stage;
  const client = stage.connect();
  await stage.send(client, 'a', [0]);
  stage.answer = () => Promise.resolve(PUT_REFUSED);
  await stage.send(client, 'a', [1]);
  stage.answer = answer;
  await stage.send(client, 'a', [2, 3]);
  assert.deepEqual(client.socket.sequences, [2, 0]);
});

test('a held message that the stream refuses in the end is lost', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'ingest', do: 'reorder', delayMs: 50 }))).measure();
  const client = stage.connect();
  await stage.send(client, 'a', [0]);
  stage.answer = () => Promise.resolve(PUT_REFUSED);
  await stage.pass(100);
  assert.deepEqual(client.socket.frames, []);
  assert.deepEqual(stage.faults!.tallies(), [tally({ touched: 1, lost: 1 })]);
});

test('dropped at delivery, the answer was posted and does not come', async () => {
  const { stage, client, tallies } = await sixThrough(fault({ where: 'delivery', do: 'drop', ...SOME }));
  const { lost } = tallies[0]!;
  assert.deepEqual([stage.posts, client.socket.frames.length], [Array(6).fill(true), 6 - lost]);
  assert.ok(lost > 0 && lost < 6, `lost ${lost}`);
});

test('duplicated at delivery, one post comes twice', async () => {
  const { stage, sequences, tallies } = await sixThrough(fault({ where: 'delivery', do: 'duplicate' }));
  assert.deepEqual(sequences, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  assert.deepEqual([stage.posts.length, tallies], [6, [tally({ touched: 6, duplicated: 6 })]]);
});

test('delayed at delivery, an answer holds up what comes behind it', async () => {
  const late = fault({ where: 'delivery', do: 'delay', delayMs: 25, atMs: 5, forMs: 10 });
  const { client, sequences, tallies } = await sixThrough(late);
  assert.deepEqual(sequences, [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(client.socket.framesMs, [0, 35, 35, 35, 40, 50]);
  assert.deepEqual(tallies, [tally({ touched: 1 })]);
});

test('reordered at delivery, an answer waits until the next has passed', async () => {
  const { sequences, tallies } = await sixThrough(fault({ where: 'delivery', do: 'reorder', delayMs: 500 }));
  assert.deepEqual(sequences, [1, 0, 3, 2, 5, 4]);
  assert.deepEqual(tallies, [tally({ touched: 3, reordered: 3 })]);
});

test('a shard that throttles refuses the puts of that shard, as Kinesis does', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'shard', do: 'throttle', shard: 1 }))).measure();
  const client = stage.connect();
  await stage.send(client, 'a', [0]);
  stage.shard = 1;
  await stage.send(client, 'a', [1]);
  assert.deepEqual(client.socket.sequences, [0]);
  assert.match(client.socket.frames[1]!, /^\{"message": "Internal server error"/);
  assert.equal(stage.metrics.sums.WriteProvisionedThroughputExceeded, 1);
  assert.deepEqual(stage.faults!.tallies(), [{ touched: 1, lost: null, duplicated: null, reordered: null }]);
});

test("the gateway's own error frames are not answers: no fault of delivery strikes them", async () => {
  const stage = new EchoStage(planOf(fault({ where: 'delivery', do: 'drop' }))).measure();
  stage.answer = () => Promise.resolve(PUT_REFUSED);
  const client = stage.connect();
  await stage.send(client, 'a', [0]);
  assert.equal(client.socket.frames.length, 1);
  assert.deepEqual(stage.faults!.tallies(), [tally({})]);
});

/** What a ledger sees of the arrivals of messages 0 to `sent` - 1 of a stream: the trivial twin of the driver's. */
function judged(arrivals: readonly number[], sent: number): Omit<FaultCounts, 'touched'> {
  const seen = new Set<number>();
  const counts = { lost: 0, duplicated: 0, reordered: 0 };
  for (const number of arrivals) {
    if (seen.has(number)) counts.duplicated += 1;
    else if ([...seen].some((other) => other > number)) counts.reordered += 1;
    seen.add(number);
  }
  return { ...counts, lost: sent - seen.size };
}

test('with every fault on messages at once, the tallies of each stream are what its client sees', async () => {
  const ratio = 0.15;
  const faults = (['ingest', 'delivery'] as const).flatMap((where) => [
    fault({ where, do: 'drop', ratio }),
    fault({ where, do: 'duplicate', ratio }),
    fault({ where, do: 'delay', ratio, delayMs: 35 }),
    fault({ where, do: 'reorder', ratio, delayMs: 100 }),
  ]);
  const lognormal = (p50Ms: number, p99Ms: number) => ({ kind: 'lognormal', p50Ms, p99Ms }) as const;
  const latency = {
    ...IDEAL_PROFILE.latency,
    gatewayProcessing: lognormal(3, 20),
    gatewayToClient: lognormal(2, 9),
  };
  const stage = new EchoStage(planOf(...faults), { ...IDEAL_PROFILE, latency }).measure();
  const names = ['a', 'b', 'c', 'd'];
  const clients = names.map(() => stage.connect());
  for (let sequence = 0; sequence < 300; sequence++) {
    for (const [index, client] of clients.entries())
      client.connection.received(numbered(names[index]!, sequence));
    await stage.pass(10);
  }
  await stage.pass(5_000);
  for (const [index, { socket, connection }] of clients.entries()) {
    const { touched, ...counts } = stage.faults!.tallyOfStream(names[index]!);
    assert.deepEqual(counts, judged(socket.sequences, 300));
    assert.deepEqual({ touched, ...counts }, stage.faults!.tallyOf(connection.facts.connectionId));
    assert.ok(counts.lost > 0 && counts.duplicated > 0 && counts.reordered > 0, JSON.stringify(counts));
    const left = stage.left.filter(([id]) => id === connection.facts.connectionId).map(([, text]) => text);
    assert.deepEqual(left, socket.frames, 'the tap tells what left');
  }
  for (const one of stage.faults!.tallies())
    assert.ok(one.touched > 0, JSON.stringify(stage.faults!.tallies()));
  assert.deepEqual(stage.faults!.struckStreams().sort(), names);
});

test('what one fault does is the same whatever others are there', async () => {
  const dropping = fault({ where: 'ingest', do: 'drop', ratio: 0.3 });
  const throttling = fault({ where: 'shard', do: 'throttle', ratio: 0 });
  const alone = await sixThrough(dropping);
  const beside = await sixThrough(throttling, dropping);
  assert.deepEqual(alone.sequences, beside.sequences);
});

test('before measurement, out of its window and after the end a fault does nothing', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'ingest', do: 'drop', atMs: 100, forMs: 100 })));
  const client = stage.connect();
  await stage.send(client, 'a', [0], 150);
  stage.measure();
  await stage.send(client, 'a', [1, 2, 3], 100);
  assert.deepEqual(client.socket.sequences, [0, 1, 3]);
  stage.measure();
  await stage.pass(150);
  stage.faults!.finish();
  await stage.send(client, 'a', [4]);
  assert.deepEqual(client.socket.sequences, [0, 1, 3, 4]);
  assert.deepEqual(stage.faults!.tallies(), [tally({})], 'counted anew from the second start of measurement');
});

test('with an empty plan every frame comes at the same time and every metric is the same as without one', async () => {
  const stages = [new EchoStage(null), new EchoStage(planOf()).measure()];
  const seen = [];
  for (const stage of stages) {
    const client = stage.connect();
    await stage.send(client, 'a', [0, 1, 2]);
    seen.push({ frames: client.socket.frames, at: client.socket.framesMs, ...stage.metrics });
  }
  assert.equal(JSON.stringify(seen[0]), JSON.stringify(seen[1]));
});
