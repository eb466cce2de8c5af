/** The bare echo server, held against a full client: frames of every length, pings, and its end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { startEchoProcess } from './echo-process.ts';
import { clientTls } from './loopback-tls.mjs';

test('it echoes messages of every kind of length, answers pings and closes, and ends when told', async () => {
  const echo = await startEchoProcess();
  const socket = new WebSocket(echo.url, { perMessageDeflate: false });
  await once(socket, 'open');
  const sent = [0, 10, 125, 126, 200, 65_535, 65_536, 131_072].map((length) => 'ab'.repeat(length / 2));
  const got: string[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      got.push(data.toString());
      if (got.length === sent.length) resolve();
    });
  });
  for (const text of sent) socket.send(text);
  await all;
  assert.ok(
    got.every((text, at) => text.slice(0, 9) === sent[at]!.slice(0, 9) && text.length === sent[at]!.length),
    got.map(({ length }) => length).join(),
  );
  socket.ping('are you there');
  assert.equal(String((await once(socket, 'pong'))[0]), 'are you there');
  socket.close(1000);
  assert.equal((await once(socket, 'close'))[0], 1000);
  for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }])
    assert.match((await once(new WebSocket(echo.url, { headers }), 'error'))[0].message, /403/);
  await echo.close();
  assert.throws(() => process.kill(echo.pid, 0), /ESRCH/);
});

test('over TLS it echoes for whoever has its key, and for nobody else', async (context) => {
  const echo = await startEchoProcess(undefined, 'tls');
  assert.match(echo.url, /^wss:/);
  context.after(() => echo.close());
  const socket = new WebSocket(echo.url, clientTls(echo.tlsKey!));
  await once(socket, 'open');
  socket.send('there and back');
  assert.equal(String((await once(socket, 'message'))[0]), 'there and back');
  socket.terminate();
  const strangers = [new WebSocket(echo.url, clientTls('00'.repeat(16))), new WebSocket(echo.url)];
  for (const stranger of strangers)
    assert.match((await once(stranger, 'error'))[0].code, /^(EPROTO|ECONNRESET|ERR_SSL\w*)$/);
});
