import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as http1Request } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { listenOnePort, type WireResponse } from './one-port.ts';

function greet(request: { httpVersion: string }, response: WireResponse): void {
  (response as NodeJS.WritableStream).end(`hello ${request.httpVersion}`);
}

test('both versions of HTTP are served on one port', async (t) => {
  const port = await listenOnePort({ port: 0, onRequest: greet });
  t.after(() => port.close());
  const plain = await fetch(`http://127.0.0.1:${port.port}`);
  assert.equal(await plain.text(), 'hello 1.1');
  const session = http2Connect(`http://127.0.0.1:${port.port}`);
  assert.equal(await text(session.request({ ':path': '/' })), 'hello 2.0');
  session.close();
  await once(session, 'close');
});

test('first bytes may come one at a time', async (t) => {
  const port = await listenOnePort({ port: 0, onRequest: greet });
  t.after(() => port.close());
  // An HTTP/2 preface with empty settings is answered with settings; a P that turns into PUT is HTTP/1.1 after all.
  const preface = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ]);
  const put = Buffer.from('PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  for (const [bytes, isAnswer] of [
    [preface, (answer: Buffer) => answer[3] === 4],
    [put, (answer: Buffer) => answer.toString().startsWith('HTTP/1.1 200 OK')],
  ] as const) {
    const socket = connect({ port: port.port, host: '127.0.0.1', noDelay: true });
    for (const byte of bytes) {
      await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    }
    const [answer] = await once(socket, 'data');
    assert.ok(isAnswer(answer), 'the answer is of the same version');
    socket.destroy();
  }
});

test('upgrades are the caller’s, and their sockets too', async () => {
  const sockets = new WebSocketServer({ noServer: true });
  const port = await listenOnePort({
    port: 0,
    onRequest: greet,
    onUpgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        webSocket.on('message', (data) => webSocket.send(data)),
      ),
  });
  const client = new WebSocket(`ws://127.0.0.1:${port.port}`);
  await once(client, 'open');
  client.send('echo');
  const [echo] = await once(client, 'message');
  assert.equal(String(echo), 'echo');
  const closed = port.close();
  client.close();
  await closed;
});

test('closing cuts every other connection, decided or not, and frees the port', async () => {
  const port = await listenOnePort({ port: 0, onRequest: () => undefined });
  const silent = connect({ port: port.port, host: '127.0.0.1' });
  await once(silent, 'connect');
  const waiting = http1Request({ port: port.port, host: '127.0.0.1' }).end();
  const session = http2Connect(`http://127.0.0.1:${port.port}`);
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => undefined);
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  const ends = [once(silent, 'close'), once(waiting, 'error'), once(session, 'close')];
  await port.close();
  await Promise.all(ends);
  const again = await listenOnePort({ port: port.port, onRequest: greet });
  await again.close();
});

test('a client of either version that is gone is noticed', async (t) => {
  const begun: WireResponse[] = [];
  const port = await listenOnePort({
    port: 0,
    onRequest: (_request, response) => {
      begun.push(response);
      (response as NodeJS.WritableStream).write('first of many');
    },
  });
  t.after(() => port.close());
  const plain = connect({ port: port.port, host: '127.0.0.1' }).setNoDelay(true);
  plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(plain, 'data');
  const session = http2Connect(`http://127.0.0.1:${port.port}`);
  await once(session.request({ ':path': '/' }), 'data');
  const noticed = begun.map((response) => once(response, 'close'));
  plain.destroy();
  session.destroy();
  await Promise.all(noticed);
  assert.equal(noticed.length, 2);
});

test('a stopped port takes nobody new and serves those it has', async () => {
  const port = await listenOnePort({ port: 0, onRequest: greet });
  const session = http2Connect(`http://127.0.0.1:${port.port}`);
  await once(session, 'remoteSettings');
  port.stop();
  await assert.rejects(fetch(`http://127.0.0.1:${port.port}`));
  assert.equal(await text(session.request({ ':path': '/' })), 'hello 2.0');
  await port.close();
});

test('a port that is taken is named', async (t) => {
  const { port, close } = await listenOnePort({ port: 0, onRequest: greet });
  t.after(close);
  await assert.rejects(listenOnePort({ port, onRequest: greet }), {
    message: `port ${port} on 127.0.0.1 is already in use; choose another`,
  });
});

test('clients that break off, before or within their first bytes, leave nothing behind', async () => {
  const port = await listenOnePort({ port: 0, onRequest: greet });
  for (const bytes of [
    '',
    'PRI * HT',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage that is no frame',
    '\0\0\0',
  ]) {
    const socket = connect({ port: port.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
  }
  await port.close();
});
