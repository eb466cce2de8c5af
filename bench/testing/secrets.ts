/** A server that repeats the secrets of a handshake, plans that carry some, and the search for them in files and outputs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { WebSocketServer } from 'ws';
import { type Outcome, startBenchWith } from './cli.ts';

export const TOKEN = 'SECRET-TOKEN/456=';
export const COOKIE = 'SECRET-COOKIE-789';
export const HEADER = 'SECRET-HEADER-012';

/** Every form in which a value may be written down. */
const FORMS = [TOKEN, COOKIE, HEADER].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('base64url'),
]);

export const directory = mkdtempSync(path.join(tmpdir(), 'secrets-e2e-'));
export const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
/** Of the handshakes that came, what they carried. */
export const seen: { url: string; cookie: string | undefined; header: unknown }[] = [];

before(async () => {
  server.on('upgrade', (request, socket, head) => {
    const { url = '', headers } = request;
    seen.push({ url, cookie: headers.cookie, header: headers['x-secret'] });
    const told = `${url} ${headers.cookie} ${headers['x-secret']}`;
    if (url.startsWith('/refuse')) {
      socket.end(`HTTP/1.1 401 ${headers.cookie}\r\nContent-Length: ${told.length}\r\n\r\n${told}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (connection) => {
      // Each message is echoed, and what was sent in the handshake is repeated.
      connection.on('message', (data, binary) => {
        connection.send(data, { binary });
        connection.send(`${told} ${decodeURIComponent(url)} ${Buffer.from(TOKEN).toString('base64')}`);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => {
  for (const client of sockets.clients) client.terminate();
  server.close();
  rmSync(directory, { recursive: true });
});

export function planOf(where: string): string {
  const file = path.join(directory, `${where}.yaml`);
  const { port } = server.address() as AddressInfo;
  const settings = {
    stage: `ws://127.0.0.1:${port}/${where}?token=${encodeURIComponent(TOKEN)}&room=7`,
    ...{ connections: 2, rate: '20/s', duration: '1s', warmup: '0s', drain: '100ms' },
    header: ['Cookie: a=1', `Cookie: session=${COOKIE}`],
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

export async function outcomeOf(where: string, out: string, interrupt: boolean): Promise<Outcome> {
  const flags = ['--out', path.join(directory, out), ...(interrupt ? ['--duration', '60s'] : [])];
  const run = startBenchWith({ BENCH_HEADERS: `X-Secret: ${HEADER}` }, 'run', planOf(where), ...flags);
  if (interrupt) {
    await run.saw(/measuring/);
    run.child.kill('SIGINT');
  }
  return run.exited;
}

export function filesIn(place: string): string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(place, file))
    .filter((file) => statSync(file).isFile());
}

export function assertNoSecret(what: string, text: string): void {
  for (const form of FORMS) assert.ok(!text.includes(form), `${what} holds ${form}`);
}
