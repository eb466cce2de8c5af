/** What the dialer says of servers that refuse, break the protocol or never finish. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { mock, test } from 'node:test';
import { parseHeaderLines } from '../model/header-lines.ts';
import { wsDialer } from './dialer.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

interface Served {
  readonly url: string;
  /** Head of the first request. */
  readonly head: Promise<string>;
}

async function withServer(
  serve: (socket: Socket, head: string) => void,
  use: (served: Served) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  let heard = (_head: string) => {};
  const head = new Promise<string>((resolve) => {
    heard = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (data) => {
      heard(data.toString('latin1'));
      serve(socket, data.toString('latin1'));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/?token=S3CRET-TOKEN`, head });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** How a connection ends, in a line. */
function endOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve) => {
    wsDialer({ headers }).dial(url, {
      opened: () => {},
      received: () => {},
      closed: (code, reason, cut) =>
        resolve(cut === undefined ? `closed ${code} ${reason}` : `cut ${cut.code}: ${cut.detail}`),
      failed: (code, detail) => resolve(`${code}: ${detail}`),
    });
  });
}

const upgraded = (head: string) => {
  const key = /sec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? '';
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
};

const ANSWERS: readonly (readonly [answer: string, said: RegExp])[] = [
  [
    'HTTP/1.1 301 Moved\r\nLocation: ws://b.example/?token=S3CRET-TOKEN&x=1\r\n\r\n',
    /^HTTP_301: it answered 301 Moved, Location: ws:\/\/b\.example\/\?token=…&x=…$/,
  ],
  [
    'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 9\r\n\r\nslow down',
    /^HTTP_429: it answered 429 Too Many Requests, Retry-After: 3, "slow down"$/,
  ],
  [
    'HTTP/1.1 401 No S3CRET-TOKEN\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
    /^HTTP_401: it answered 401 No …, WWW-Authenticate: Basic realm="x"$/,
  ],
  [`HTTP/1.1 503 Busy\r\n\r\n${'x'.repeat(1_000_000)}`, /^HTTP_503: it answered 503 Busy, "x{120}…"$/],
  [
    'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<html>\n never',
    /^HTTP_200: it answered 200 OK, "<html> never"$/,
  ],
];

test('a refused upgrade says what was answered, without secrets and without end', async () => {
  for (const [answer, said] of ANSWERS)
    await withServer(
      (socket) => socket.write(answer),
      async ({ url }) => assert.match(await endOf(url), said),
    );
});

test('no secret is cut in two before it is redacted, and a subprotocol may be one', async () => {
  const bearer = 'base64url.bearer.k8s.S3CRET-PROTOCOL';
  const longToken = 'S3CRET'.repeat(100);
  const headers = { 'Sec-WebSocket-Protocol': `v5, ${bearer}`, Authorization: `Bearer ${longToken}` };
  const words = `${'-'.repeat(110)} ${longToken} ${bearer}`;
  for (const answer of [
    `HTTP/1.1 401 ${words}\r\nWWW-Authenticate: ${words}\r\nContent-Length: 0\r\n\r\n`,
    `HTTP/1.1 401 No\r\nContent-Length: ${words.length}\r\n\r\n${words}`,
    `HTTP/1.1 401 ${bearer}\r\nContent-Length: 0\r\n\r\n`,
  ])
    await withServer(
      (socket) => socket.write(answer),
      async ({ url }) => assert.doesNotMatch(await endOf(url, headers), /S3C/),
    );
});

const CUTS: Readonly<Record<string, readonly number[]>> = {
  PROTOCOL_RSV1: [0xc1, 0],
  PROTOCOL_RSV23: [0xa1, 0],
  PROTOCOL_OPCODE: [0x83, 0],
  PROTOCOL_MASKED: [0x81, 0x80, 1, 2, 3, 4],
  PROTOCOL_FRAGMENTED_CONTROL: [0x09, 0],
  PROTOCOL_CONTROL_LENGTH: [0x89, 126, 0, 126],
  PROTOCOL_CLOSE_CODE: [0x88, 2, 0x03, 0xed],
  LIMIT_MESSAGE: [0x81, 127, 0, 0, 0, 0, 0, 0x20, 0, 0],
};

test('what the driver cuts a connection for has a code of its own, and a close has that of the stage', async () => {
  for (const [code, frame] of Object.entries(CUTS))
    await withServer(
      (socket, head) =>
        socket.write(Buffer.concat([Buffer.from(`${upgraded(head)}\r\n`), Buffer.from(frame)])),
      async ({ url }) => assert.match(await endOf(url), new RegExp(`^cut ${code}: .`)),
    );
  await withServer(
    (socket, head) => socket.end(`${upgraded(head)}\r\n`),
    async ({ url }) => assert.equal(await endOf(url), 'closed 1006 '),
  );
});

test('an upgrade that is none is told apart by what is wrong with it', async () => {
  const wrong: Readonly<Record<string, (head: string) => string>> = {
    HANDSHAKE_SUBPROTOCOL: (head) => `${upgraded(head)}Sec-WebSocket-Protocol: mqtt\r\n\r\n`,
    HANDSHAKE_EXTENSION: (head) => `${upgraded(head)}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
    HANDSHAKE_ACCEPT: () => `${upgraded('')}\r\n`,
  };
  for (const [code, answer] of Object.entries(wrong))
    await withServer(
      (socket, head) => socket.write(answer(head)),
      async ({ url }) => assert.match(await endOf(url), new RegExp(`^${code}: `)),
    );
});

test('a handshake that goes on dripping, or is put off for ever, has failed when its time is up', async () => {
  const drips: readonly ((socket: Socket) => void)[] = [
    (socket) => socket.write('HTTP/1.1 101 Switch'),
    (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(3)),
  ];
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (const drip of drips) {
      let dripped = () => {};
      const hasDripped = new Promise<void>((resolve) => {
        dripped = resolve;
      });
      await withServer(
        (socket) => {
          drip(socket);
          dripped();
          socket.on('close', () => dripped());
        },
        async ({ url }) => {
          const end = endOf(url);
          await hasDripped;
          mock.timers.tick(9_999);
          mock.timers.tick(1);
          assert.match(await end, /^TIMEOUT: no WebSocket handshake within 10 s/);
        },
      );
    }
  } finally {
    mock.timers.reset();
  }
});

test('headers are sent as given, cookies in one, subprotocols as an offer', async () => {
  const { headers, problems } = parseHeaderLines([
    'Host: a.example',
    'Cookie: a=1',
    'cookie: b=2',
    '__proto__: yes',
    'constructor: 7',
    'Sec-WebSocket-Protocol: ocpp1.6, x',
  ]);
  assert.deepEqual(problems, []);
  await withServer(
    (socket, head) => socket.end(`${upgraded(head)}Sec-WebSocket-Protocol: x\r\n\r\n`),
    async ({ url, head }) => {
      assert.equal(await endOf(url, headers), 'closed 1006 ');
      const lines = (await head).split('\r\n');
      for (const line of [
        'Host: a.example',
        'Cookie: a=1; b=2',
        '__proto__: yes',
        'constructor: 7',
        'Sec-WebSocket-Protocol: ocpp1.6,x',
      ])
        assert.ok(lines.includes(line), `${line} in ${lines.join(' | ')}`);
    },
  );
});

test('headers that belong to the handshake, and single ones that are given twice, are refused by name without their values', () => {
  const { problems } = parseHeaderLines([
    'Connection: S3CRET',
    'upgrade: S3CRET',
    'Sec-WebSocket-Key: S3CRET',
    'sec-websocket-extensions: S3CRET',
    'Content-Length: 3',
    'Sec-WebSocket-Protocol: a b',
    'Authorization: S3CRET',
    'authorization: S3CRET',
    'S3CRET',
  ]);
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    [
      ...['Connection', 'upgrade', 'Sec-WebSocket-Key', 'sec-websocket-extensions', 'Content-Length'],
      ...['Sec-WebSocket-Protocol', 'authorization', 'number'],
    ],
  );
  assert.ok(!problems.join().includes('S3CRET'));
});
