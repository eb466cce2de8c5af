/** Values of a URL's query and of headers are used, and are in no file and no output, whatever becomes of the run. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { WebSocketServer } from 'ws';
import { benchWith, type Outcome, startBenchWith } from './cli-fixture.ts';

const TOKEN = 'SECRET-TOKEN/456=';
const COOKIE = 'SECRET-COOKIE-789';
const HEADER = 'SECRET-HEADER-012';

/** Every form in which a value may be written down. */
const FORMS = [TOKEN, COOKIE, HEADER].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('base64url'),
]);

const directory = mkdtempSync(path.join(tmpdir(), 'secrets-e2e-'));
const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
/** Of the handshakes that came, what they carried. */
const seen: { url: string; cookie: string | undefined; header: unknown }[] = [];

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

function planOf(where: string): string {
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

async function outcomeOf(where: string, out: string, interrupt: boolean): Promise<Outcome> {
  const flags = ['--out', path.join(directory, out), ...(interrupt ? ['--duration', '60s'] : [])];
  const run = startBenchWith({ BENCH_HEADERS: `X-Secret: ${HEADER}` }, 'run', planOf(where), ...flags);
  if (interrupt) {
    await run.saw(/measuring/);
    run.child.kill('SIGINT');
  }
  return run.exited;
}

function filesIn(place: string): string[] {
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(place, file))
    .filter((file) => statSync(file).isFile());
}

function assertNoSecret(what: string, text: string): void {
  for (const form of FORMS) assert.ok(!text.includes(form), `${what} holds ${form}`);
}

test('a run that is measured, one that is refused and one that is interrupted leave no secret behind', async () => {
  for (const [where, out, interrupt] of [
    ['good', 'good', false],
    ['refuse', 'bad', false],
    ['good', 'cut', true],
  ] as const) {
    seen.length = 0;
    const { stdout, stderr } = await outcomeOf(where, out, interrupt);
    const [first] = seen;
    assert.deepEqual(first, {
      url: `/${where}?token=${encodeURIComponent(TOKEN)}&room=7`,
      cookie: `a=1; session=${COOKIE}`,
      header: HEADER,
    });
    assertNoSecret(`stdout of ${out}`, stdout);
    assertNoSecret(`stderr of ${out}`, stderr);
    if (where === 'refuse') assert.match(stderr, /\/refuse\?token=…&room=… was reached, .*HTTP_401/);
  }
  const written = filesIn(directory).filter((file) => !file.endsWith('.yaml'));
  assert.ok(written.some((file) => file.endsWith('violations.ndjson')));
  for (const file of written) assertNoSecret(file, readFileSync(file, 'latin1'));
});

const FLEET_SECRETS = {
  BENCH_HEADERS: `X-Secret: ${HEADER}\nCookie: session=${COOKIE}`,
  BENCH_QUERY: `token=${encodeURIComponent(TOKEN)}`,
};

/** As a plan that travels: without them. */
function travellingPlan(): string {
  const file = path.join(directory, 'travelling.yaml');
  const { port } = server.address() as AddressInfo;
  const stage = `ws://127.0.0.1:${port}/good`;
  const times = { duration: '1s', warmup: '0s', drain: '100ms' };
  writeFileSync(file, JSON.stringify({ stage, connections: 2, rate: '20/s', ...times }));
  return file;
}

/** What is in a file, unpacked where it is packed. */
function contentOf(file: string): string {
  const bytes = readFileSync(file);
  return file.endsWith('.gz') ? gunzipSync(bytes).toString('latin1') : bytes.toString('latin1');
}

test('workers and their merged run, a search and a comparison leave no secret behind', async () => {
  const inside = (name: string) => path.join(directory, name);
  const plan = travellingPlan();
  const startAt = new Date(Date.now() + 4_000).toISOString();
  const worker = (index: string) =>
    benchWith(
      FLEET_SECRETS,
      ...['worker', '--plan', plan, '--index', index, '--of', '2', '--start-at', startAt],
      ...['--out', inside('store')],
    );
  const search = [
    'capacity',
    plan,
    '--no-calibration',
    '--slo',
    'messages.lost == 0',
    '--confirmations',
    '1',
  ];
  const bounds = ['--min-rate', '20', '--max-rate', '22', '--probe-duration', '4s'];
  seen.length = 0;
  const said = [
    ...(await Promise.all([worker('0'), worker('1')])),
    await benchWith(FLEET_SECRETS, 'fleet', 'merge', inside('store'), '--out', inside('merged')),
    await benchWith(FLEET_SECRETS, ...search, ...bounds, '--out', inside('search')),
    await benchWith(
      FLEET_SECRETS,
      ...['compare', inside('good'), inside('merged'), '--force', '--json', '--out', inside('comparison')],
    ),
  ];
  assert.ok(seen.length >= 4 && seen.every(({ header }) => header === HEADER), 'the secrets were used');
  for (const { stdout, stderr } of said) assertNoSecret('a stream', stdout + stderr);
  for (const place of ['store', 'merged', 'search', 'comparison']) {
    assert.ok(filesIn(inside(place)).length > 0, `${place} was written`);
    for (const file of filesIn(inside(place))) assertNoSecret(file, contentOf(file));
  }
});
