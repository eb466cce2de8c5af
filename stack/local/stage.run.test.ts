/** The reference template, run: gateway, stream, mapping, function process and callback together, with real clients. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { MessageReader, MessageWriter } from '../../bench/measure/message.ts';
import { seededRandom } from '../../bench/measure/random.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { StageConfigurationError } from './errors.ts';
import { IDEAL_PROFILE } from './profile.ts';
import { type LocalStage, type LocalStageOptions, startLocalStage } from './stage.ts';
import { descendants, received, sumOf, TEMPLATE_PATH, TEMPLATE_TEXT } from './testing/stage-fixture.ts';

function start(changes: Partial<LocalStageOptions> = {}): Promise<LocalStage> {
  return startLocalStage({
    templateText: TEMPLATE_TEXT,
    templatePath: TEMPLATE_PATH,
    stackName: 'test',
    parameters: {},
    profile: IDEAL_PROFILE,
    port: 0,
    clock: systemClock,
    random: seededRandom(1),
    log: () => {},
    ...changes,
  });
}

async function started(context: TestContext, changes: Partial<LocalStageOptions> = {}): Promise<LocalStage> {
  const stage = await start(changes);
  context.after(() => stage.close());
  return stage;
}

test('messages of every kind come back unchanged, and the metrics count each exactly once', async (context) => {
  const startEpochMs = Date.now();
  const stage = await started(context);
  const client = new WebSocket(stage.url);
  await once(client, 'open');
  const writer = new MessageWriter({ runId: '0123456789abcdef', payloadBytes: 200, trace: false });
  const texts = [
    '{"msg":"Hello World!"}',
    'plain text',
    'Grüße 😀 $context.stage #set($x = 1)',
    '{"trace":"2"}',
  ];
  for (let sequence = 1; sequence <= 50; sequence++)
    texts.push(Buffer.from(writer.frame(7, sequence)).toString());
  const echoes = received(client, texts.length);
  for (const text of texts) client.send(text);
  assert.deepEqual(await echoes, texts);

  const metrics = stage.metrics(startEpochMs, Date.now());
  assert.equal(metrics.incomingRecords, texts.length);
  assert.equal(sumOf(metrics, 'incomingRecords'), texts.length);
  assert.equal(sumOf(metrics, 'messageCount'), 2 * texts.length);
  assert.equal(sumOf(metrics, 'connectCount'), 1);
  for (const errors of ['clientErrors', 'integrationErrors', 'executionErrors'])
    assert.equal(sumOf(metrics, errors), 0);
});

test('a traced message comes back with the stamps of its way', async (context) => {
  const stage = await started(context);
  const client = new WebSocket(stage.url);
  await once(client, 'open');
  const run = { runId: '0123456789abcdef', payloadBytes: 200 };
  const sentMs = Date.now();
  const arrival = once(client, 'message');
  client.send(new MessageWriter({ ...run, trace: true }).frame(7, 1), { binary: false });
  const [data] = await arrival;
  const reader = new MessageReader(run);
  assert.equal(reader.read(data, 7), 'message');
  const { hops } = reader;
  assert.ok(
    hops !== null && hops.arrivedMs >= sentMs - 1 && hops.startedMs <= hops.postedMs,
    JSON.stringify(hops),
  );
  assert.match(hops.shard, /^shardId-\d{12}$/);
});

test('what the report must say of the stage is in its notes', async (context) => {
  const stage = await started(context);
  assert.match(stage.url, /^ws:\/\/127\.0\.0\.1:\d+\/v1$/);
  assert.equal(stage.stack.parameters.ShardCount, '2');
  assert.match(stage.notes.join('\n'), /No latency of AWS is modelled.*\n.*AWS documents neither/);
});

test('everything wrong with the parameters is reported at once', async () => {
  const parameters = { ShardCount: 'many', Consumer: 'NONE', Unknown: 'x' };
  await assert.rejects(start({ parameters }), (error: unknown) => {
    assert.ok(error instanceof StageConfigurationError, String(error));
    for (const name of Object.keys(parameters)) assert.match(error.problems.join('\n'), new RegExp(name));
    return true;
  });
});

test('what the parts refuse is a configuration error too', async () => {
  const templateText = TEMPLATE_TEXT.replace(
    `"StreamName": "\${EventStream}"`,
    `"StreamName": "\${EventStream}" #if(`,
  );
  await assert.rejects(start({ templateText }), (error: unknown) => {
    assert.ok(error instanceof StageConfigurationError, String(error));
    assert.match(error.problems.join('\n'), /StreamIntegration\.Properties\.RequestTemplates\.default/);
    return true;
  });
});

test('a port in use is an operating error, and what had started is closed again', async (context) => {
  const { port } = await started(context);
  const before = descendants(process.pid);
  await assert.rejects(start({ port }), (error: Error) => {
    assert.equal(error instanceof StageConfigurationError, false, String(error));
    assert.match(error.message, new RegExp(`port ${port} .* already in use`));
    return true;
  });
  assert.deepEqual(descendants(process.pid), before);
});

test('closing ends clients with 1001 and leaves no process', async () => {
  const stage = await start();
  const before = descendants(process.pid);
  const client = new WebSocket(stage.url);
  const echo = received(client, 1);
  await once(client, 'open');
  client.send('x');
  await echo;
  assert.ok(descendants(process.pid).length > before.length, 'the function has a process');
  const closing = once(client, 'close');
  await stage.close();
  assert.equal((await closing)[0], 1001);
  assert.deepEqual(descendants(process.pid), before);
});
