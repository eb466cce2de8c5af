/** A name is asked for once while its answer is fresh, its addresses take turns, and a failure is asked about again. */
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { cachedLookup, wsDialer } from './dialer.ts';

const ADDRESSES: LookupAddress[] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({
  address,
  family: 4,
}));

function counted(answers: readonly (LookupAddress[] | Error)[]) {
  let nowMs = 0;
  let asked = 0;
  const lookup = cachedLookup(
    () => nowMs,
    (_, __, done) => {
      const answer = answers[Math.min(asked++, answers.length - 1)]!;
      if (answer instanceof Error) done(answer, []);
      else done(null, answer);
    },
  );
  const first = () =>
    new Promise<string>((resolve, reject) =>
      lookup('stage.example', { all: true }, (error, found) => {
        if (error !== null) reject(error);
        else resolve((found as LookupAddress[])[0]!.address);
      }),
    );
  return { first, lookup, asked: () => asked, wait: (ms: number) => (nowMs += ms) };
}

test('thousands of dials within seconds ask for the name once, and take its addresses in turn', async () => {
  const { first, asked, wait } = counted([ADDRESSES]);
  const taken = await Promise.all(Array.from({ length: 3_000 }, first));
  assert.equal(asked(), 1);
  for (const { address } of ADDRESSES) assert.equal(taken.filter((one) => one === address).length, 1_000);
  wait(4_999);
  await first();
  assert.equal(asked(), 1);
  wait(1);
  await first();
  assert.equal(asked(), 2, 'an answer is kept for five seconds');
});

test('a name that could not be resolved is asked for again', async () => {
  const { first, asked } = counted([new Error('EAI_AGAIN'), ADDRESSES]);
  await assert.rejects(first(), /EAI_AGAIN/);
  assert.equal(await first(), '10.0.0.1');
  assert.equal(asked(), 2);
});

test('a socket that wants one address gets one', async () => {
  const { lookup } = counted([ADDRESSES]);
  const [address, family] = await new Promise<[unknown, unknown]>((resolve) =>
    lookup('stage.example', {}, (_, found, of) => resolve([found, of])),
  );
  assert.deepEqual([address, family], ['10.0.0.1', 4]);
});

test('the dialer resolves names with the lookup that it is given', async (t) => {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  let asked = 0;
  const lookup = cachedLookup(undefined, (_, __, done) => {
    asked++;
    done(null, [{ address: '127.0.0.1', family: 4 }]);
  });
  const dialer = wsDialer({ tls: { lookup } });
  const dial = () =>
    new Promise<void>((resolve, reject) => {
      const connection = dialer.dial(`ws://stage.example:${port}/`, {
        opened: () => {
          connection.close();
          resolve();
        },
        failed: (code) => reject(new Error(code)),
        received: () => {},
        closed: () => {},
      });
    });
  await Promise.all([dial(), dial(), dial()]);
  assert.equal(asked, 1);
});
