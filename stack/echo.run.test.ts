/**
 * The echo service as the template deploys it: the inline code, in a process of its own, with the real AWS SDK, posting
 * to a server on the loopback address that plays the @connections API.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { seededRandom } from '../bench/measure/random.ts';
import { TRACE_BYTES } from './aws/run-cost.ts';
import { resolveTemplate } from './template/resolve.ts';
import { type Answer, type InlineFunction, startInlineFunction } from './template/testing/inline-function.ts';

interface Post {
  readonly connectionId: string;
  readonly body: string;
}

/** Plays @connections. `answer` decides each status; it may wait. */
class Callback {
  readonly posts: Post[] = [];
  answer: (post: Post, attempt: number) => number | Promise<number> = () => 200;
  /** Most posts that were open at once: in all, and for one connection. */
  mostOpen = 0;
  mostOpenPerConnection = 0;
  readonly #open = new Map<string, number>();
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  reset(): void {
    this.posts.length = 0;
    this.answer = () => 200;
    this.mostOpen = 0;
    this.mostOpenPerConnection = 0;
  }

  open(): number {
    return [...this.#open.values()].reduce((sum, count) => sum + count, 0);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const connectionId = decodeURIComponent(/^\/v1\/@connections\/(.+)$/.exec(request.url ?? '')?.[1] ?? '');
    const post = { connectionId, body: Buffer.concat(chunks).toString() };
    const attempt = this.posts.filter(
      (earlier) => earlier.connectionId === connectionId && earlier.body === post.body,
    ).length;
    this.posts.push(post);
    this.#count(connectionId, 1);
    const status = await this.answer(post, attempt);
    this.#count(connectionId, -1);
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(status === 200 ? '' : '{"message":"no"}');
  }

  #count(connectionId: string, change: number): void {
    this.#open.set(connectionId, (this.#open.get(connectionId) ?? 0) + change);
    this.mostOpen = Math.max(this.mostOpen, this.open());
    this.mostOpenPerConnection = Math.max(this.mostOpenPerConnection, this.#open.get(connectionId) ?? 0);
  }
}

const echoCode = codeOf('EchoFunction');
const callback = new Callback();
let callbackUrl = '';
let echo: InlineFunction;

before(async () => {
  callbackUrl = await callback.listen();
  echo = await startEcho(16);
});
after(async () => {
  await echo.close();
  callback.close();
});
beforeEach(() => callback.reset());

function codeOf(logicalId: string): string {
  const text = readFileSync(new URL('template.yaml', import.meta.url), 'utf8');
  const place = { stackName: 'test', parameters: {}, region: 'eu-west-1', accountId: '123456789012' };
  const stack = resolveTemplate({ text, fileName: 'template.yaml', ...place, random: seededRandom(1) });
  const code = stack.resources.find((resource) => resource.logicalId === logicalId)?.properties.Code;
  return (code as { ZipFile: string }).ZipFile;
}

function startEcho(
  postConcurrency: number,
  more: Readonly<Record<string, string>> = {},
): Promise<InlineFunction> {
  return startInlineFunction(echoCode, {
    CALLBACK_URL: callbackUrl,
    POST_CONCURRENCY: String(postConcurrency),
    ...more,
  });
}

function sequenceNumber(index: number): string {
  return `4959033827149025660855969253836157109592157598913${String(index).padStart(7, '0')}`;
}

/** A Kinesis event with one record per message, in order. */
function eventOf(messages: readonly (readonly [connectionId: string, body: string])[]): unknown {
  const envelope = ([connectionId, body]: readonly [string, string], index: number): string =>
    JSON.stringify({
      connectionId,
      messageId: `m${index}`,
      requestTimeEpoch: 1_700_000_000_000 + index,
      body: Buffer.from(body).toString('base64'),
    });
  return eventOfData(messages.map((message, index) => envelope(message, index)));
}

function eventOfData(data: readonly string[]): { readonly Records: readonly unknown[] } {
  return {
    Records: data.map((text, index) => ({
      eventID: `shardId-000000000003:${sequenceNumber(index)}`,
      kinesis: {
        sequenceNumber: sequenceNumber(index),
        data: Buffer.from(text).toString('base64'),
        approximateArrivalTimestamp: 1_700_000_000.567 + index,
      },
    })),
  };
}

function failedRecords({ result }: Answer): readonly string[] {
  const { batchItemFailures } = result as { batchItemFailures: readonly { itemIdentifier: string }[] };
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort();
}

function bodiesOf(connectionId: string): readonly string[] {
  return callback.posts.filter((post) => post.connectionId === connectionId).map(({ body }) => body);
}

/** Answers 200 once `count` posts are open at the same time, so it waits for ever if they never are. */
function whenOpen(count: number): () => Promise<number> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      waiting.push(() => resolve(200));
      if (waiting.length >= count) for (const release of waiting.splice(0)) release();
    });
}

describe('echo', () => {
  test('posts the messages of a connection one after the other, in the order of the stream', async () => {
    const messages = Array.from(
      { length: 60 },
      (_, index) => [`c${index % 3}=`, `message ${index}`] as const,
    );
    callback.answer = () => new Promise((resolve) => setImmediate(resolve, 200));
    const answer = await echo.invoke(eventOf(messages));
    assert.deepEqual(answer, { result: { batchItemFailures: [] }, thrown: null, log: [] });
    for (const id of ['c0=', 'c1=', 'c2=']) {
      const sent = messages.filter(([connectionId]) => connectionId === id).map(([, body]) => body);
      assert.deepEqual(bodiesOf(id), sent);
    }
    assert.equal(callback.mostOpenPerConnection, 1);
  });

  test('posts to connections side by side', async () => {
    callback.answer = whenOpen(4);
    const answer = await echo.invoke(eventOf(['a', 'b', 'c', 'd'].map((id) => [id, 'hello'])));
    assert.deepEqual(failedRecords(answer), []);
    assert.equal(callback.posts.length, 4);
  });

  test('posts to at most PostConcurrency connections at once', async () => {
    const narrow = await startEcho(2);
    callback.answer = whenOpen(2);
    const answer = await narrow.invoke(eventOf(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => [id, 'hello'])));
    await narrow.close();
    assert.deepEqual(failedRecords(answer), []);
    assert.equal(callback.posts.length, 6);
    assert.equal(callback.mostOpen, 2);
  });

  test('returns any message byte for byte', async () => {
    const bodies = [
      'hello',
      '{"msg":"Hello World!"}',
      ' { "spaced" : 1.0 , "é": "ü\\u0000" }\n',
      '["trace","1"]',
      '{"trace":"0","sequence":"0000000001"}',
      '{"trace":1}',
      '{"trace":"1"',
      'null "trace"',
      '"trace"',
      '{"nested":{"trace":"1"}}',
      'x'.repeat(100_000),
    ];
    await echo.invoke(eventOf(bodies.map((body) => ['a', body])));
    assert.deepEqual(bodiesOf('a'), bodies);
  });

  test('appends the hops to a message that asks for a trace, and changes nothing else of it', async () => {
    const fresh = await startEcho(16);
    const traced = '{"sequence":"0000000007", "trace":"1","padding":"}"} ';
    const startMs = Date.now();
    await fresh.invoke(
      eventOf([
        ['a', 'plain'],
        ['a', traced],
      ]),
    );
    await fresh.invoke(eventOf([['a', traced]]));
    await fresh.close();
    const [, first = '', second = ''] = bodiesOf('a');
    assert.ok(first.startsWith(traced.slice(0, -2)) && first.endsWith('} '), first);
    // Here the id of a request is shorter than Lambda's UUIDs, and 'false' is more common than 'true'.
    const added = first.length - traced.length + 36 - 'request-1'.length + 1;
    assert.ok(Math.abs(added - TRACE_BYTES) <= 4, `${added} bytes are added, ${TRACE_BYTES} are charged`);
    const { hops, ...rest } = JSON.parse(first);
    assert.deepEqual(rest, JSON.parse(traced));
    const { startedMs, postedMs, ...fixed } = hops;
    assert.deepEqual(fixed, {
      shard: 'shardId-000000000003',
      record: sequenceNumber(1),
      gatewayMs: 1_700_000_000_001,
      arrivedMs: 1_700_000_001_567,
      batchSize: 2,
      batchIndex: 1,
      requestId: 'request-1',
      coldStart: true,
    });
    const instants = [startMs, startedMs, postedMs, Date.now()];
    assert.deepEqual(
      instants,
      [...instants].sort((a, b) => a - b),
    );
    const again = JSON.parse(second).hops;
    assert.deepEqual([again.requestId, again.coldStart, again.batchSize], ['request-2', false, 1]);
  });

  test('is done with a connection whose client left, without failing or a word in the log', async () => {
    callback.answer = ({ connectionId }) => (connectionId === 'left' ? 410 : 200);
    const answer = await echo.invoke(
      eventOf([
        ['left', '1'],
        ['here', '2'],
        ['left', '3'],
        ['here', '4'],
      ]),
    );
    assert.deepEqual(answer, { result: { batchItemFailures: [] }, thrown: null, log: [] });
    assert.deepEqual(bodiesOf('left'), ['1']);
    assert.deepEqual(bodiesOf('here'), ['2', '4']);
  });

  for (const status of [413, 400]) {
    test(`skips a message refused with ${status}, says so once, and goes on with the connection`, async () => {
      callback.answer = ({ body }) => (body === 'bad' ? status : 200);
      const answer = await echo.invoke(
        eventOf([
          ['a', '1'],
          ['a', 'bad'],
          ['a', 'bad'],
          ['a', '4'],
        ]),
      );
      assert.deepEqual(failedRecords(answer), []);
      assert.deepEqual(bodiesOf('a'), ['1', 'bad', 'bad', '4']);
      assert.equal(answer.log.length, 1);
      assert.equal(JSON.parse(answer.log[0] ?? '').rejected, 2);
    });
  }

  test('tries again after 429, as often as it takes, and keeps the order', async () => {
    callback.answer = ({ body }, attempt) => (body === '2' && attempt < 4 ? 429 : 200);
    const answer = await echo.invoke(
      eventOf([
        ['a', '1'],
        ['a', '2'],
        ['a', '3'],
      ]),
    );
    assert.deepEqual(failedRecords(answer), []);
    assert.deepEqual(bodiesOf('a'), ['1', '2', '2', '2', '2', '2', '3']);
    assert.equal(JSON.parse(answer.log[0] ?? '').throttled, 1);
  });

  test('hands back what is still throttled when its time is nearly over', async () => {
    callback.answer = ({ connectionId }) => (connectionId === 'a' ? 429 : 200);
    const answer = await echo.invoke(
      eventOf([
        ['b', '0'],
        ['a', '1'],
        ['a', '2'],
      ]),
      2000,
    );
    assert.deepEqual(failedRecords(answer), [sequenceNumber(1)]);
    assert.deepEqual([...new Set(bodiesOf('a'))], ['1']);
  });

  test('hands back everything from the first record not posted when the callback fails', async () => {
    callback.answer = ({ connectionId, body }) => (connectionId === 'a' || body === '4' ? 500 : 200);
    const messages = [
      ['b', '0'],
      ['a', '1'],
      ['c', '2'],
      ['a', '3'],
      ['b', '4'],
      ['b', '5'],
    ] as const;
    const answer = await echo.invoke(eventOf(messages));
    assert.deepEqual(failedRecords(answer), [sequenceNumber(1)]);
    assert.deepEqual([...new Set(bodiesOf('a'))], ['1']);
    assert.deepEqual([...new Set(bodiesOf('b'))], ['0', '4']);
    assert.equal(answer.log.length, 1);
    assert.equal(JSON.parse(answer.log[0] ?? '').failed, 2);
  });

  test('begins no post behind a record that Lambda will hand over again, which would double it', async () => {
    const narrow = await startEcho(1);
    callback.answer = ({ connectionId }) => (connectionId === 'b' ? 500 : 200);
    const messages = ['a', 'b', 'c', 'a', 'b'].map((id, index) => [id, String(index)] as const);
    const answer = await narrow.invoke(eventOf(messages));
    await narrow.close();
    assert.deepEqual(failedRecords(answer), [sequenceNumber(1)]);
    assert.deepEqual([...new Set(callback.posts.map(({ body }) => body))], ['0', '1']);
  });

  test('a connection that is slow holds up its own messages only', async () => {
    const narrow = await startEcho(2);
    let release = (_status: number): void => {};
    const others = ['1', '3', '4'];
    callback.answer = ({ connectionId }) => {
      if (connectionId === 'a' && callback.posts.length <= 2) {
        return new Promise((resolve) => {
          release = resolve;
        });
      }
      if (bodiesOf('b').length + bodiesOf('c').length === others.length) release(200);
      return 200;
    };
    const messages = [
      ['a', '0'],
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
      ['c', '4'],
    ] as const;
    const answer = await narrow.invoke(eventOf(messages));
    await narrow.close();
    assert.deepEqual(failedRecords(answer), []);
    assert.deepEqual(bodiesOf('a'), ['0', '2']);
  });

  test('hides a failure that passes from Lambda', async () => {
    callback.answer = (_, attempt) => (attempt === 0 ? 503 : 200);
    const answer = await echo.invoke(
      eventOf([
        ['a', '1'],
        ['a', '2'],
      ]),
    );
    assert.deepEqual(answer, { result: { batchItemFailures: [] }, thrown: null, log: [] });
  });

  test('hands back what hangs before its time is over', async () => {
    let release = (_status: number): void => {};
    callback.answer = ({ connectionId }) =>
      connectionId === 'b'
        ? 200
        : new Promise((resolve) => {
            release = resolve;
          });
    const answer = await echo.invoke(
      eventOf([
        ['a', '0'],
        ['b', '1'],
        ['a', '2'],
      ]),
      1500,
    );
    release(200);
    assert.deepEqual(failedRecords(answer), [sequenceNumber(0)]);
    assert.deepEqual(bodiesOf('a'), ['0'], 'no further attempt was made');
    assert.deepEqual(bodiesOf('b'), ['1']);
  });

  test('skips and counts records that are no envelopes, and posts the others', async () => {
    const good = JSON.stringify({ connectionId: 'a', body: Buffer.from('fine').toString('base64') });
    const bad = [
      '',
      'not json',
      'null',
      '[]',
      '{}',
      '{"connectionId":"a"}',
      '{"connectionId":"","body":""}',
      '{"connectionId":1,"body":""}',
    ];
    const answer = await echo.invoke(eventOfData([...bad, good]));
    assert.deepEqual(failedRecords(answer), []);
    assert.deepEqual(callback.posts, [{ connectionId: 'a', body: 'fine' }]);
    assert.equal(answer.log.length, 1);
    assert.equal(JSON.parse(answer.log[0] ?? '').poison, bad.length);
  });

  describe('told to fail by a message', () => {
    const poisoned = (arrivedMs: number, poison: unknown) => ({
      Records: [
        {
          eventID: 'shardId-000000000000:1',
          kinesis: {
            sequenceNumber: '1',
            approximateArrivalTimestamp: arrivedMs / 1000,
            data: Buffer.from(
              JSON.stringify({
                connectionId: 'a',
                body: Buffer.from(JSON.stringify({ poison })).toString('base64'),
              }),
            ).toString('base64'),
          },
        },
      ],
    });
    let injected: InlineFunction;
    before(async () => {
      injected = await startEcho(16, { FAULT_INJECTION: 'true' });
    });
    after(() => injected.close());

    test('fails until the time named, and posts nothing', async () => {
      const poison = { service: 'echo', until: Date.now() + 60_000 };
      const { thrown } = await injected.invoke(poisoned(Date.now(), poison));
      assert.match(thrown ?? '', /poisoned by a message/);
      assert.deepEqual(bodiesOf('a'), []);
    });

    test('goes on when the time is over, when it means another service, or makes no sense', async () => {
      const later = Date.now() + 60_000;
      const harmless = [
        { service: 'echo', until: Date.now() - 1 },
        { service: 'audit', until: later },
        { service: 'echo' },
        'echo',
        null,
      ];
      for (const poison of harmless)
        assert.equal((await injected.invoke(poisoned(Date.now(), poison))).thrown, null);
      assert.equal(bodiesOf('a').length, harmless.length);
    });

    test('fails for five minutes after the message arrived at most', async () => {
      const poison = { service: 'echo', until: Date.now() + 86_400_000 };
      const arrivedMs = Date.now() - 301_000;
      assert.equal((await injected.invoke(poisoned(arrivedMs, poison))).thrown, null);
    });

    test('does not listen where the stack does not allow it', async () => {
      const poison = { service: 'echo', until: Date.now() + 60_000 };
      assert.equal((await echo.invoke(poisoned(Date.now(), poison))).thrown, null);
    });
  });
});
