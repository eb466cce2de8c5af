/**
 * The clients that the driver is held against. Each keeps one message in flight on every connection and counts what comes
 * back; none tracks sequence, integrity or order, which is the point: the driver does, and is to be no slower.
 */
import { connect } from 'node:net';
import { build } from 'hdr-histogram-js';
import WebSocket from 'ws';
import { PAYLOAD_BYTES, type SubjectTask } from './window.ts';

/** A client that answers every arrival with the next message; `count` is what has come back. */
export interface Loop {
  count: number;
  open(): Promise<void>;
  start(): void;
}

/** Opens a number of connections, a hundred at a time, and answers them. */
async function openAll<T>(count: number, open: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  while (all.length < count) {
    const batch = Math.min(100, count - all.length);
    all.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  return all;
}

function openWs(port: number, received: (socket: WebSocket, data: Buffer) => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    socket.on('message', (data: Buffer) => received(socket, data));
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** `ws` as it comes: one message, sent again for every arrival. */
export function plainWs({ port, connections }: SubjectTask): Loop {
  const payload = Buffer.alloc(PAYLOAD_BYTES, '.');
  let sockets: WebSocket[] = [];
  const send = (socket: WebSocket) => socket.send(payload, { binary: false });
  const loop: Loop = {
    count: 0,
    open: async () => {
      sockets = await openAll(connections, () =>
        openWs(port, (socket) => {
          loop.count++;
          send(socket);
        }),
      );
    },
    start: () => sockets.forEach(send),
  };
  return loop;
}

/** `ws` as most load generators use it: JSON both ways, and the time into a histogram. */
export function jsonWs({ port, connections }: SubjectTask): Loop {
  const padding = '.'.repeat(PAYLOAD_BYTES - 60);
  const histogram = build({ bitBucketSize: 32, useWebAssembly: false });
  let sockets: WebSocket[] = [];
  let sequence = 0;
  const send = (socket: WebSocket) =>
    socket.send(JSON.stringify({ sequence: sequence++, sentMs: performance.now(), padding }));
  const loop: Loop = {
    count: 0,
    open: async () => {
      sockets = await openAll(connections, () =>
        openWs(port, (socket, data) => {
          const { sentMs } = JSON.parse(data.toString()) as { sentMs: number };
          histogram.recordValue(Math.round((performance.now() - sentMs) * 1000));
          loop.count++;
          send(socket);
        }),
      );
    },
    start: () => sockets.forEach(send),
  };
  return loop;
}

/** As little as Node can do: a socket, one prepared frame, and the bytes that come back counted. */
export function rawNet({ port, connections }: SubjectTask): Loop {
  const frame = Buffer.concat([
    Buffer.from([0x81, 0x80 | 126, PAYLOAD_BYTES >> 8, PAYLOAD_BYTES & 255, 0, 0, 0, 0]),
    Buffer.alloc(PAYLOAD_BYTES, '.'),
  ]);
  const echoBytes = PAYLOAD_BYTES + 4;
  let starts: (() => void)[] = [];
  const open = () =>
    new Promise<() => void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.setNoDelay();
      socket.on('error', reject);
      socket.write(
        'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      );
      socket.once('data', () => {
        let bytes = 0;
        socket.on('data', (data) => {
          bytes += data.length;
          for (; bytes >= echoBytes; bytes -= echoBytes) {
            loop.count++;
            socket.write(frame);
          }
        });
        resolve(() => socket.write(frame));
      });
    });
  const loop: Loop = {
    count: 0,
    open: async () => {
      starts = await openAll(connections, open);
    },
    start: () => {
      for (const start of starts) start();
    },
  };
  return loop;
}
