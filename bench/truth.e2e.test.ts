/** What is measured against what is true: servers that keep their own tally, and the pipeline end to end. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { MessageWriter } from './measure/message.ts';
import type { RunResult } from './model/result.ts';
import { bench, benchWith, resultIn, startBench, startServer, temporaryDirectory } from './testing/cli.ts';

const directory = temporaryDirectory();
let made = 0;
const newOut = () => path.join(directory.path, `run-${made++}`);
after(() => directory.remove());

/** Where a message has its stream and sequence number. */
const OFFSETS = (() => {
  const message = new MessageWriter({ runId: '0'.repeat(16), payloadBytes: 256, trace: false }).frame(0, 0);
  const text = new TextDecoder().decode(message);
  return { stream: text.indexOf('"stream":"') + 10, sequence: text.indexOf('"sequence":"') + 12 };
})();

test('a server frozen for two seconds shows in the response percentiles within 1 % of the truth', async () => {
  // The server notes when it sent each echo; with the schedule that is the truth, the frozen time included.
  const server = await startServer(`
    tally.echoes ??= [];
    socket.on('message', (data) => {
      socket.send(data, { binary: false });
      const stream = parseInt(data.latin1Slice(${OFFSETS.stream}, ${OFFSETS.stream} + 8), 16);
      const sequence = Number(data.latin1Slice(${OFFSETS.sequence}, ${OFFSETS.sequence} + 10));
      tally.echoes.push(sequence * 50 + stream, performance.timeOrigin + performance.now());
    });
  `);
  const out = newOut();
  const flags = [
    '--connections',
    '50',
    '--rate',
    '5000',
    '--duration',
    '5s',
    '--warmup',
    '1s',
    '--drain',
    '5s',
  ];
  const running = startBench('run', '--stage', server.url, ...flags, '--out', out);
  await running.saw(/^measuring/m);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  process.kill(server.pid, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  process.kill(server.pid, 'SIGCONT');
  const { code, stderr } = await running.exited;
  const { echoes } = (await server.stop()) as { echoes: number[] };
  assert.equal(code, 0, stderr);
  const { latency, measuredFrom, messages } = resultIn(out);
  assert.equal(messages.delivered, 25_000);
  const startMs = Date.parse(measuredFrom) - 1000;
  const truth: number[] = [];
  for (let pair = 0; pair < echoes.length; pair += 2) {
    const [index, echoedMs] = [echoes[pair]!, echoes[pair + 1]!];
    if (index >= 5000) truth.push(echoedMs - (startMs + index / 5));
  }
  truth.sort((left, right) => left - right);
  assert.equal(truth.length, 25_000);
  for (const [name, fraction] of [
    ['p90', 0.9],
    ['p95', 0.95],
    ['p99', 0.99],
    ['p999', 0.999],
  ] as const) {
    const expected = truth[Math.ceil(fraction * truth.length) - 1]!;
    const measured = latency.response[name]!;
    assert.ok(
      Math.abs(measured - expected) / expected < 0.01,
      `${name}: ${measured} ms, truth ${expected} ms`,
    );
  }
  assert.ok(
    latency.response.p99! > 1850 && latency.response.p99! < 2100,
    `about 1.9 s: ${latency.response.p99}`,
  );
  assert.ok(latency.service.p99 !== null, 'service time stands beside it');
});

test('what is due after the server began to close is refused, even while its socket stays open', async () => {
  const server = await startServer(`
    let count = 0;
    socket.on('message', (data) => {
      tally.received = (tally.received ?? 0) + 1;
      if (++count < 20) socket.send(data, { binary: false });
      if (count === 20) socket._socket.write(Buffer.from([0x88, 0x02, 0x03, 0xe9]));
    });
  `);
  const flags = ['--connections', '4', '--rate', '80', '--duration', '2s', '--warmup', '0s', '--drain', '1s'];
  const { stdout } = await bench('run', '--stage', server.url, ...flags, '--out', newOut(), '--json');
  const tally = (await server.stop()) as { received: number };
  const { messages, connections, traffic } = JSON.parse(stdout) as RunResult;
  // With the message of the probe.
  assert.equal(traffic?.expectedRecords, tally.received);
  assert.equal(messages.sent, 80);
  assert.deepEqual([messages.delivered, messages.indeterminate, messages.lost], [76, 4, 0]);
  assert.equal(messages.refused, 160 - 80);
  assert.deepEqual(connections.failures, { CLOSE_1001: 4 });
});

test('with another ws than was tried its frames are used: the user is told once, and every message is counted alike', async () => {
  const server = await startServer(`
    let count = 0;
    socket.on('message', (data) => {
      count++;
      if (count > 1 && count % 10 === 0) return;
      socket.send(data, { binary: false });
      if (count % 7 === 0) socket.send(data, { binary: false });
    });
  `);
  // Whoever asks for the version of ws, in whatever thread, is told another one.
  const otherWs = `
    import Module from 'node:module';
    const load = Module._extensions['.json'];
    Module._extensions['.json'] = (module, file) => {
      load(module, file);
      if (file.endsWith('/ws/package.json')) module.exports = { ...module.exports, version: '8.99.0' };
    };`;
  const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(otherWs)}` };
  const flags = [
    '--connections',
    '20',
    '--rate',
    '2000',
    '--duration',
    '1s',
    '--warmup',
    '0s',
    '--drain',
    '3s',
  ];
  const outcomes = [];
  for (const env of [{}, environment]) {
    const out = newOut();
    const { stderr } = await benchWith(env, 'run', '--stage', server.url, ...flags, '--quiet', '--out', out);
    const warnings = stderr.split('\n').filter((line) => line.includes('ws 8.99.0'));
    const { sent, delivered, lost, duplicated, reordered, unexpected } = resultIn(out).messages;
    outcomes.push({ warnings: warnings.length, sent, delivered, lost, duplicated, reordered, unexpected });
  }
  await server.stop();
  // Of the hundred messages of each connection every tenth is dropped, and every seventh but the seventieth comes twice.
  const counts = { sent: 2000, delivered: 1800, lost: 200, duplicated: 260, reordered: 0, unexpected: {} };
  assert.deepEqual(outcomes, [
    { warnings: 0, ...counts },
    { warnings: 1, ...counts },
  ]);
});

test('a traced run on the local stage delivers everything in order, with complete metrics and a hop budget', async () => {
  const out = newOut();
  const flags = ['--connections', '100', '--rate', '200', '--duration', '5s', '--warmup', '2s'];
  const { code, stdout, stderr } = await bench('run', ...flags, '--out', out, '--json');
  assert.equal(code, 0, stderr);
  const { messages, metrics, latency, ordering, stage } = JSON.parse(stdout) as RunResult;
  assert.deepEqual(
    [messages.scheduled, messages.delivered, messages.lost, messages.duplicated, messages.reordered],
    [1000, 1000, 0, 0, 0],
  );
  assert.equal(metrics?.complete, true);
  assert.equal(latency.hops?.process.count, 1000);
  assert.equal(ordering.upperBound95, -Math.expm1(Math.log(0.05) / 1000));
  assert.equal(stage.profile, 'aws');
  assert.deepEqual(JSON.parse(readFileSync(path.join(out, 'result.json'), 'utf8')), JSON.parse(stdout));
});
