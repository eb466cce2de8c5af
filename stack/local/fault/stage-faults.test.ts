/** Faults on connections, callbacks, the gateway and functions: each alone, and what is seen of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/measure/random.ts';
import type { Fault } from '../../../bench/model/fault.ts';
import { VirtualClock } from '../../../bench/sim/virtual-clock.ts';
import { CountingMetrics } from '../gateway/testing/gateway.ts';
import type { FunctionHost, InvocationResult } from '../ports.ts';
import { FaultInjector } from './fault-injector.ts';
import { FaultyFunction } from './faulty-function.ts';
import { EchoStage, fault, planOf } from './testing/fault.ts';

const touched = (stage: EchoStage) => stage.faults!.tallies().map((tally) => tally.touched);

test('a killed connection ends for the client with 1006, and nothing more is posted to it', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'connection', do: 'kill', atMs: 100 })));
  const clients = [stage.connect(), stage.connect()];
  stage.measure();
  await stage.send(clients[0]!, 'a', [0]);
  await stage.pass(200);
  assert.deepEqual(
    clients.map(({ socket, connection }) => [socket.endedWith, connection.isOpen]),
    [
      [1006, false],
      [1006, false],
    ],
  );
  const gone = await stage.gateway.post('v1', clients[0]!.connection.facts.connectionId, Buffer.from('x'));
  assert.equal(gone.ok, false);
  assert.deepEqual(touched(stage), [2]);
});

test('by ratio, connections that open after the fault began are left alone', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'connection', do: 'kill', atMs: 100 }))).measure();
  await stage.pass(200);
  const { connection } = stage.connect();
  await stage.pass(1_000);
  assert.deepEqual([connection.isOpen, touched(stage)], [true, [0]]);
});

test('by rate, one connection after the other is struck at even intervals while the fault is at work', async () => {
  const kill = fault({ where: 'connection', do: 'kill', ratePerSecond: 10, atMs: 100, forMs: 450 });
  const stage = new EchoStage(planOf(kill));
  const clients = Array.from({ length: 20 }, () => stage.connect());
  stage.measure();
  const open = () => clients.filter(({ connection }) => connection.isOpen).length;
  const seen: number[] = [];
  for (let tick = 0; tick < 8; tick++) {
    await stage.pass(tick === 0 ? 50 : 100);
    seen.push(open());
  }
  assert.deepEqual(seen, [20, 19, 18, 17, 16, 15, 15, 15]);
});

test('a half-open connection stays open and carries nothing in either direction', async () => {
  const stage = new EchoStage(planOf(fault({ where: 'connection', do: 'half-open', atMs: 100, forMs: 10 })));
  const client = stage.connect();
  stage.measure();
  await stage.send(client, 'a', [0], 150);
  await stage.send(client, 'a', [1, 2], 500);
  const posted = await stage.gateway.post('v1', client.connection.facts.connectionId, Buffer.from('x'));
  assert.deepEqual([client.socket.sequences, client.socket.isPaused, posted.ok], [[0], true, true]);
  assert.deepEqual([client.connection.isOpen, client.socket.endedWith, stage.puts.length], [true, null, 1]);
  assert.deepEqual(touched(stage), [1]);
});

test('a failed callback is answered with the status and delivers nothing', async () => {
  const codes: (string | null)[] = [];
  for (const status of [500, 410, 429]) {
    const stage = new EchoStage(planOf(fault({ where: 'callback', do: 'error', status }))).measure();
    const client = stage.connect();
    await stage.send(client, 'a', [0]);
    const answer = await stage.gateway.post('v1', client.connection.facts.connectionId, Buffer.from('x'));
    codes.push(answer.ok ? null : `${answer.status} ${answer.code}`);
    assert.deepEqual([client.socket.frames, stage.posts, touched(stage)], [[], [false], [2]]);
  }
  assert.deepEqual(codes, [
    '500 InternalServerErrorException',
    '410 GoneException',
    '429 LimitExceededException',
  ]);
});

test('a gateway that stalls takes in and sends out nothing, and then everything at once in order', async () => {
  const stage = new EchoStage(
    planOf(fault({ where: 'gateway', do: 'stall', atMs: 25, forMs: 100 })),
  ).measure();
  const [one, other] = [stage.connect(), stage.connect()];
  await stage.send(one, 'a', [0, 1, 2]);
  await stage.send(other, 'b', [0, 1]);
  const posted = stage.gateway.post('v1', one.connection.facts.connectionId, Buffer.from('{"sequence":"9"}'));
  await stage.send(one, 'a', [3], 100);
  assert.deepEqual(one.socket.sequences, [0, 1, 2, 9, 3]);
  assert.deepEqual(one.socket.framesMs, [0, 10, 20, 125, 125]);
  assert.deepEqual(other.socket.framesMs, [125, 125]);
  assert.equal((await posted).ok, true);
  assert.deepEqual(stage.faults!.tallies(), [{ touched: 3, lost: null, duplicated: null, reordered: null }]);
});

const OK: InvocationResult = { kind: 'ok', payload: 'done', durationMs: 7, coldStart: false };

/** A function under faults of functions, which tells when it was invoked. */
function functionWith(...faults: readonly Fault[]) {
  const clock = new VirtualClock();
  const metrics = new CountingMetrics();
  const injector = new FaultInjector({ plan: planOf(...faults), clock, random: seededRandom(1) });
  injector.measuring(0);
  const invokedMs: number[] = [];
  const host: FunctionHost = {
    functionName: 'echo',
    invoke: () => {
      invokedMs.push(clock.now());
      return Promise.resolve(OK);
    },
    close: () => Promise.resolve(),
  };
  const resource = {
    logicalId: 'EchoFunction',
    type: 'AWS::Lambda::Function',
    physicalId: 'echo',
    attributes: {},
    properties: { Timeout: 5 },
  };
  const make = (one: FunctionHost) => new FaultyFunction({ host: one, resource, faults: injector, metrics });
  const invoke = async (one: FunctionHost = host) => {
    const result = await clock.runUntil(make(one).invoke({}));
    return { result, tookMs: clock.now(), invokedMs, touched: injector.tallies()[0]!.touched, ...metrics };
  };
  return { invoke, host };
}

const FUNCTION = { where: 'function', functionId: 'EchoFunction' } as const;

test('a function that fails before its work has not done it', async () => {
  const { invoke } = functionWith(fault({ ...FUNCTION, do: 'error', name: 'mine' }));
  const { result, invokedMs, touched: struck, sums } = await invoke();
  assert.ok(result.kind === 'error', result.kind);
  assert.deepEqual([result.errorMessage, invokedMs, struck], ["injected by the fault 'mine'", [], 1]);
  assert.deepEqual(sums, { Invocations: 1, Errors: 1 });
});

test('a function that fails after its work has done it', async () => {
  const { invoke } = functionWith(fault({ ...FUNCTION, do: 'error', when: 'after' }));
  const { result, invokedMs, sums } = await invoke();
  assert.deepEqual([result.kind, invokedMs, sums], ['error', [0], { Errors: 1 }]);
});

test('a slow function begins late', async () => {
  const { invoke } = functionWith(fault({ ...FUNCTION, do: 'slow', delayMs: 400 }));
  const { result, invokedMs } = await invoke();
  assert.deepEqual([result, invokedMs], [OK, [400]]);
});

test('a function that times out takes as long as it may, and fails as Lambda has it', async () => {
  const { invoke } = functionWith(fault({ ...FUNCTION, do: 'timeout' }));
  const { result, tookMs, invokedMs } = await invoke();
  assert.ok(result.kind === 'error', result.kind);
  assert.deepEqual([result.errorType, tookMs, invokedMs], ['Sandbox.Timedout', 5_000, []]);
});

test('a function that crashes is killed over its event where there is a process, else fails as if', async () => {
  const { invoke, host } = functionWith(fault({ ...FUNCTION, do: 'crash', delayMs: 30 }));
  const model = await invoke();
  assert.ok(model.result.kind === 'error', model.result.kind);
  assert.deepEqual([model.result.errorType, model.tookMs], ['Runtime.ExitError', 30]);
  const kills: number[] = [];
  const invokeThenKill = (_: unknown, afterMs: number) => {
    kills.push(afterMs);
    return Promise.resolve(OK);
  };
  await invoke(Object.assign({ ...host }, { invokeThenKill }));
  assert.deepEqual(kills, [30]);
});

test('a fault of another function leaves this one alone', async () => {
  const { invoke } = functionWith(fault({ where: 'function', do: 'error', functionId: 'AuditFunction' }));
  const { result, touched: struck } = await invoke();
  assert.deepEqual([result, struck], [OK, 0]);
});
