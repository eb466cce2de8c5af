/** The dialer on real sockets: what it does beyond what plain `ws` would, and where its own frames must keep their place. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connection } from '../ports.ts';
import { type DialerOptions, framesProblem, wsDialer } from './dialer.ts';
import { packageManifest } from './machine.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

interface Dialled {
  readonly connection: Connection;
  /** Texts that arrived. */
  readonly texts: string[];
  readonly opened: Promise<void>;
  readonly ended: Promise<string>;
  arrivals(count: number): Promise<void>;
}

function dial(url: string, options: DialerOptions): Dialled {
  const texts: string[] = [];
  let connection: Connection | undefined;
  let arrived = () => {};
  let ended: Promise<string> | undefined;
  const opened = new Promise<void>((open) => {
    ended = new Promise((end) => {
      connection = wsDialer(options).dial(url, {
        opened: open,
        received: (buffer, from, to) => {
          texts.push(Buffer.from(buffer.subarray(from, to)).toString());
          arrived();
        },
        closed: (code, reason) => end(`closed ${code} ${reason}`),
        failed: (code) => end(`failed ${code}`),
      });
    });
  });
  const arrivals = (count: number) =>
    new Promise<void>((resolve) => {
      arrived = () => {
        if (texts.length >= count) resolve();
      };
      arrived();
    });
  return { connection: connection!, texts, opened, ended: ended!, arrivals };
}

async function withServer(
  serve: (socket: WebSocket, request: IncomingMessage) => void,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', serve);
  await once(server, 'listening');
  try {
    await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

const echo = (socket: WebSocket) => {
  socket.on('message', (data: Buffer) => socket.send(data, { binary: false }));
};

const WAYS: readonly (readonly [way: string, options: DialerOptions])[] = [
  ['frames of its own, random masks', { frames: 'own' }],
  ['frames of its own, zero masks', { frames: 'own', masking: 'zero' }],
  ['frames of ws, random masks', { frames: 'ws' }],
  ['frames of ws, zero masks', { frames: 'ws', masking: 'zero' }],
];

for (const [way, options] of WAYS) {
  test(`messages of every size arrive as they were sent, many in one task and one at a time: ${way}`, async () => {
    await withServer(echo, async (url) => {
      const { connection, texts, opened, ended, arrivals } = dial(url, options);
      await opened;
      const sizes = [0, 1, 125, 126, 4096, 65_535, 65_536, 200_000, 3, 3, 3];
      const sent = sizes.map((size, index) => String(index % 10).repeat(size));
      for (const text of sent) connection.send(bytes(text));
      await arrivals(sent.length);
      for (const text of sent) {
        connection.send(bytes(text));
        await arrivals(texts.length + 1);
      }
      assert.deepEqual(texts, [...sent, ...sent]);
      connection.close();
      assert.equal(await ended, 'closed 1000 ');
    });
  });

  test(`what was sent before a close arrives before it, and nothing may be sent after: ${way}`, async () => {
    const seen: string[] = [];
    let closed = (_code: number) => {};
    const code = new Promise<number>((resolve) => {
      closed = resolve;
    });
    const serve = (socket: WebSocket) => {
      socket.on('message', (data: Buffer) => seen.push(data.toString()));
      socket.on('close', closed);
    };
    await withServer(serve, async (url) => {
      const { connection, opened, ended } = dial(url, options);
      await opened;
      for (const text of ['a', 'b', 'c']) connection.send(bytes(text));
      connection.close();
      assert.equal(connection.isOpen(), false);
      assert.equal(await code, 1000);
      assert.deepEqual(seen, ['a', 'b', 'c']);
      await ended;
    });
  });

  test(`a payload may be changed as soon as it was sent, also when the peer reads nothing for a while: ${way}`, async () => {
    const seen: string[] = [];
    let server: WebSocket | undefined;
    const serve = (socket: WebSocket) => {
      server = socket;
      socket.pause();
      socket.on('message', (data: Buffer) => seen.push(`${data.length} ${data[0]} ${data[data.length - 1]}`));
      socket.on('message', () => seen.length === 400 && socket.close(4001, 'enough'));
    };
    await withServer(serve, async (url) => {
      const { connection, opened, ended } = dial(url, options);
      await opened;
      const payload = new Uint8Array(32_000);
      const expected: string[] = [];
      for (let index = 0; index < 400; index++) {
        payload.fill(48 + (index % 10));
        connection.send(payload);
        expected.push(`32000 ${48 + (index % 10)} ${48 + (index % 10)}`);
      }
      assert.ok(connection.backlogBytes() > 1_000_000, `backlog ${connection.backlogBytes()}`);
      server!.resume();
      assert.equal(await ended, 'closed 4001 enough');
      assert.deepEqual(seen, expected);
      assert.equal(connection.isOpen(), false);
    });
  });

  test(`messages sent in answer to arrivals of several connections reach the right ones: ${way}`, async () => {
    await withServer(echo, async (url) => {
      const all = Array.from({ length: 5 }, () => dial(url, options));
      await Promise.all(all.map(({ opened }) => opened));
      for (let round = 0; round < 20; round++) {
        for (const [index, { connection }] of all.entries()) {
          connection.send(bytes(`${index}:${round}`));
          if (index % 2 === 0) connection.send(bytes(`${index}:${round}b`));
        }
      }
      await Promise.all(all.map(({ arrivals }, index) => arrivals(index % 2 === 0 ? 40 : 20)));
      for (const [index, { texts, connection, ended }] of all.entries()) {
        const rounds = Array.from({ length: 20 }, (_, round) => `${index}:${round}`);
        assert.deepEqual(texts, index % 2 === 0 ? rounds.flatMap((text) => [text, `${text}b`]) : rounds);
        connection.close();
        await ended;
      }
    });
  });
}

/** Masking keys of the frames that a dialer sends, as the server reads them off the wire. */
async function keysOf(options: DialerOptions, messages: number): Promise<string[]> {
  const wire: Buffer[] = [];
  const all = (socket: WebSocket, request: IncomingMessage) => {
    request.socket.prependListener('data', (data: Buffer) => wire.push(Buffer.from(data)));
    let count = 0;
    socket.on('message', () => ++count === messages && socket.close(4000));
  };
  await withServer(all, async (url) => {
    const { connection, opened, ended } = dial(url, options);
    await opened;
    for (let index = 0; index < messages; index++) connection.send(bytes('hello'));
    await ended;
  });
  const frameBytes = 2 + 4 + 'hello'.length;
  const sent = Buffer.concat(wire);
  return Array.from({ length: messages }, (_, index) =>
    sent.subarray(index * frameBytes + 2, index * frameBytes + 6).toString('hex'),
  );
}

test('every frame has a masking key of its own, unless the plan wants the key zero', async () => {
  const messages = 50;
  for (const frames of ['own', 'ws'] as const) {
    const random = await keysOf({ frames }, messages);
    assert.equal(new Set(random).size, messages, `keys of ${frames}`);
    assert.deepEqual(new Set(await keysOf({ frames, masking: 'zero' }, messages)), new Set(['00000000']));
  }
});

test('frames are left to ws, and the user is told what to do, unless the installed version is the one they were tried with', () => {
  const { ws } = packageManifest().dependencies;
  assert.match(ws, /^\d+\.\d+\.\d+$/, 'ws is pinned exactly');
  assert.equal(framesProblem(ws, ws), null);
  assert.equal(
    framesProblem('8.99.0', ws),
    `ws 8.99.0 is installed, and the driver's own frames were tried with ws ${ws} only: messages go through ws, which costs more processor time per message; 'npm install ws@${ws}' gets them back`,
  );
});

test('a connection that is refused, or answered with an HTTP status, failed with a word for it', async () => {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: (_info, answer) => answer(false, 429),
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  assert.equal(await dial(url, {}).ended, 'failed HTTP_429');
  server.close();
  await once(server, 'close');
  assert.equal(await dial(url, {}).ended, 'failed ECONNREFUSED');
});

/** A key and a certificate for it, made for this run; null without OpenSSL's command. */
function newCertificate(): { key: Buffer; cert: Buffer } | null {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'dialer-test-'));
  const [key, cert] = [path.join(directory, 'key'), path.join(directory, 'cert')];
  const curve = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=localhost',
  ];
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return null;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('over TLS it is the same', async (context) => {
  const certificate = newCertificate();
  if (certificate === null) return context.skip('needs the openssl command');
  const server = https.createServer(certificate).listen(0, '127.0.0.1');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', echo);
  await once(server, 'listening');
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const { connection, texts, opened, ended, arrivals } = dial(
    `wss://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    {},
  );
  await opened;
  const sent = [1, 200, 70_000, 5, 16_384, 300].map((size, index) => String(index).repeat(size));
  for (let round = 0; round < 20; round++) for (const text of sent) connection.send(bytes(text));
  await arrivals(sent.length * 20);
  assert.deepEqual(texts, Array.from({ length: 20 }, () => sent).flat());
  connection.close();
  assert.equal(await ended, 'closed 1000 ');
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  sockets.close();
  server.close();
});
