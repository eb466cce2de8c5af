/** The audit service as the template deploys it: the inline code, in a process of its own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { seededRandom } from '../bench/measure/random.ts';
import { resolveTemplate } from './template/resolve.ts';
import { type InlineFunction, startInlineFunction } from './template/testing/inline-function.ts';

/** The code logs at most once in ten seconds, so a test starts its own process and reads the line of the first batch. */
const running: InlineFunction[] = [];
let code = '';

before(() => {
  const text = readFileSync(new URL('template.yaml', import.meta.url), 'utf8');
  const place = { stackName: 'test', parameters: {}, region: 'eu-west-1', accountId: '123456789012' };
  const stack = resolveTemplate({ text, fileName: 'template.yaml', ...place, random: seededRandom(1) });
  const audit = stack.resources.find(({ logicalId }) => logicalId === 'AuditFunction');
  assert.ok(audit, 'the template has an audit function');
  code = (audit.properties.Code as { ZipFile: string }).ZipFile;
});
after(async () => {
  await Promise.all(running.map((audit) => audit.close()));
});

async function start(
  source: string = code,
  environment: Readonly<Record<string, string>> = {},
): Promise<InlineFunction> {
  const audit = await startInlineFunction(source, environment);
  running.push(audit);
  return audit;
}

interface Entry {
  readonly record: number;
  readonly data: string;
}

function message(record: number, connectionId: string, body: string): Entry {
  return { record, data: JSON.stringify({ connectionId, body: Buffer.from(body).toString('base64') }) };
}

function sequenced(record: number, connectionId: string, sequence: number): Entry {
  return message(record, connectionId, JSON.stringify({ sequence: String(sequence).padStart(10, '0') }));
}

function eventOf(entries: readonly Entry[]): unknown {
  return {
    Records: entries.map(({ record, data }) => ({
      kinesis: {
        sequenceNumber: `49590338271490256608559692538361571095921575989136${String(record).padStart(6, '0')}`,
        data: Buffer.from(data).toString('base64'),
      },
    })),
  };
}

async function totalsOf(entries: readonly Entry[], source: string = code): Promise<Record<string, unknown>> {
  const answer = await (await start(source)).invoke(eventOf(entries));
  assert.deepEqual(answer.result, { batchItemFailures: [] });
  assert.equal(answer.log.length, 1);
  return JSON.parse(answer.log[0] ?? '');
}

const CLEAN = {
  service: 'audit',
  invalid: 0,
  unsequenced: 0,
  regressions: 0,
  repeated: 0,
  redelivered: 0,
  evictions: 0,
};

test('a stream in order has nothing to report but its size', async () => {
  const entries = [
    sequenced(1, 'a', 1),
    sequenced(2, 'b', 9),
    sequenced(3, 'a', 2),
    sequenced(4, 'b', 10),
    sequenced(5, 'a', 5),
  ];
  const bytes = entries.reduce((sum, { data }) => sum + data.length, 0);
  assert.deepEqual(await totalsOf(entries), { ...CLEAN, records: 5, bytes, connections: 2 });
});

test('every message below the highest of its connection is a regression', async () => {
  const totals = await totalsOf([1, 5, 3, 4, 6].map((sequence, index) => sequenced(index, 'a', sequence)));
  assert.deepEqual([totals.regressions, totals.repeated, totals.redelivered], [2, 0, 0]);
});

test('a sequence seen twice in the stream is repeated and not a regression', async () => {
  const totals = await totalsOf([1, 2, 2, 3].map((sequence, index) => sequenced(index, 'a', sequence)));
  assert.deepEqual([totals.regressions, totals.repeated, totals.redelivered], [0, 1, 0]);
});

test('a record that Lambda hands over again is redelivered and nothing else', async () => {
  const records = [sequenced(1, 'a', 1), sequenced(2, 'a', 2)];
  const totals = await totalsOf([...records, ...records, sequenced(3, 'a', 3)]);
  assert.deepEqual([totals.regressions, totals.repeated, totals.redelivered], [0, 0, 2]);
});

test('foreign messages and broken envelopes are counted apart', async () => {
  const foreign = ['hello', '{"msg":"Hello World!"}', '{"sequence":7}', 'null'].map((body, index) =>
    message(index, 'a', body),
  );
  const broken = ['not json', 'null', '{}', '{"connectionId":"a"}'].map((data, index) => ({
    record: 10 + index,
    data,
  }));
  const totals = await totalsOf([...foreign, ...broken]);
  assert.deepEqual([totals.records, totals.unsequenced, totals.invalid, totals.connections], [8, 4, 4, 0]);
});

test('connections beyond the limit push out the one seen longest ago, and that is counted', async () => {
  const small = code.replace(/CONNECTIONS_LIMIT = \d+/, 'CONNECTIONS_LIMIT = 2');
  assert.notEqual(small, code);
  const entries = [
    sequenced(1, 'a', 5),
    sequenced(2, 'b', 5),
    sequenced(3, 'a', 6),
    sequenced(4, 'c', 5),
    sequenced(5, 'a', 4),
  ];
  const totals = await totalsOf(entries, small);
  assert.deepEqual([totals.evictions, totals.connections, totals.regressions], [1, 2, 1]);
});

test('the totals are of all batches, and are logged at most once in the interval', async () => {
  const audit = await start();
  const first = await audit.invoke(eventOf([sequenced(1, 'a', 2)]));
  const second = await audit.invoke(eventOf([sequenced(2, 'a', 1)]));
  assert.deepEqual([first.log.length, second.log.length], [1, 0]);
  const eager = await start(code.replace(/LOG_INTERVAL_MS = \d+/, 'LOG_INTERVAL_MS = 0'));
  await eager.invoke(eventOf([sequenced(1, 'a', 2)]));
  const totals = JSON.parse((await eager.invoke(eventOf([sequenced(2, 'a', 1)]))).log[0] ?? '');
  assert.deepEqual([totals.records, totals.regressions], [2, 1]);
});

test('a message makes it fail until the time named, where the stack allows it', async () => {
  const now = Date.now();
  const event = (service: string, until: number) => {
    const { data } = message(1, 'a', JSON.stringify({ poison: { service, until } }));
    const kinesis = {
      sequenceNumber: '1',
      data: Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: now / 1000,
    };
    return { Records: [{ kinesis }] };
  };
  const injected = await start(code, { FAULT_INJECTION: 'true' });
  assert.match((await injected.invoke(event('audit', now + 60_000))).thrown ?? '', /poisoned/);
  assert.equal((await injected.invoke(event('echo', now + 60_000))).thrown, null);
  assert.equal((await injected.invoke(event('audit', now - 1))).thrown, null);
  const deaf = await start();
  assert.equal((await deaf.invoke(event('audit', now + 60_000))).thrown, null);
});
