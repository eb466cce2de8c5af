/** The stage's port, called as a web page could call it: over raw sockets, in every protocol that is spoken there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as http2Connect } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { seededRandom } from '../../bench/measure/random.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from './local-aws.ts';
import { IDEAL_PROFILE } from './profile.ts';

const SIGNED = 'Authorization: AWS4-HMAC-SHA256 x';
const FORM = 'Content-Type: application/x-www-form-urlencoded';
const PRESIGNED = 'X-Amz-Signature=0&X-Amz-Credential=x/20260101/us-east-1/cloudformation/aws4_request';

async function served(context: TestContext, changes: Partial<LocalAwsOptions> = {}): Promise<LocalAws> {
  const aws = await startLocalAws({
    profile: IDEAL_PROFILE,
    port: 0,
    clock: systemClock,
    random: seededRandom(1),
    log: () => {},
    ...changes,
  });
  context.after(() => aws.close());
  return aws;
}

/** Sends the lines as they are; `HOST` stands for the stage's own. Returns status and body. */
async function raw(
  port: number,
  lines: readonly string[],
  body = '',
): Promise<[status: number, body: string]> {
  const socket = connect({ port, host: '127.0.0.1' });
  const ends = lines.includes('Connection: Upgrade')
    ? []
    : ['Connection: close', `Content-Length: ${body.length}`];
  socket.write([...lines, ...ends, '', body].join('\r\n').replace('HOST', `127.0.0.1:${port}`));
  const answer = await text(socket);
  const [top = '', ...rest] = answer.split('\r\n\r\n');
  return [Number(top.split(' ')[1]), rest.join('\r\n\r\n')];
}

/** Every way in, each a call that is served when nothing gives a web page away. */
const CALLS: Readonly<Record<string, { readonly lines: readonly string[]; readonly body?: string }>> = {
  query: {
    lines: ['POST / HTTP/1.1', SIGNED, FORM],
    body: 'Action=DescribeStacks&Version=2010-05-15',
  },
  json: {
    lines: ['POST / HTTP/1.1', SIGNED, 'X-Amz-Target: Kinesis_20131202.ListStreams'],
    body: '{}',
  },
  cbor: {
    lines: ['POST /service/GraniteServiceVersion20100801/operation/ListMetrics HTTP/1.1', SIGNED],
  },
  rest: { lines: ['GET /2015-03-31/functions/ HTTP/1.1', SIGNED] },
};

/** What each kind of request from a page has that a program's has not. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'an Origin': ['Host: HOST', 'Origin: http://evil.example'],
  'the Origin of a page without one': ['Host: HOST', 'Origin: null'],
  'a page of another site': ['Host: HOST', 'Sec-Fetch-Site: cross-site'],
  'a page of another port': ['Host: HOST', 'Sec-Fetch-Site: same-site'],
  'a name that was made to lead here': ['Host: evil.example'],
  'an API that the stage never had': ['Host: a1b2c3d4e5.execute-api.us-east-1.amazonaws.com'],
};

const OTHERS: readonly (readonly [string, string])[] = [
  ['@connections', 'POST /v1/@connections/L0SM9cOFvHcCIhw%3D HTTP/1.1'],
  ['no path of anybody’s', 'GET /health HTTP/1.1'],
  ['a question beforehand', 'OPTIONS / HTTP/1.1'],
];

for (const [what, headers] of Object.entries(FOREIGN)) {
  test(`a call with ${what} is refused with a reason, whatever its protocol`, async (context) => {
    const { port } = await served(context);
    const refused = async (line: string, lines: readonly string[], body?: string) => {
      const [status, answer] = await raw(port, [...lines, ...headers], body);
      assert.equal(status, 403, line);
      assert.match(JSON.parse(answer).message, /^Forbidden: (web pages|the Host)/, line);
    };
    for (const [protocol, { lines, body }] of Object.entries(CALLS)) {
      const [status] = await raw(port, [...lines, 'Host: HOST'], body);
      assert.equal(status, 200, `${protocol} from a program`);
      await refused(protocol, lines, body);
    }
    for (const [path, line] of OTHERS) await refused(path, [line, SIGNED]);
    const upgrade = [
      'GET /v1 HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
    ];
    await refused('an upgrade', [...upgrade, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']);
    await refused('an upgrade to HTTP/2', ['GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: h2c']);
  });
}

test('HTTP/2 is guarded as HTTP/1.1 is, by its authority and by a Host beside it', async (context) => {
  const { port } = await served(context);
  const session = http2Connect(`http://127.0.0.1:${port}`);
  context.after(() => session.destroy());
  const ask = async (headers: Readonly<Record<string, string>>) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/',
      authorization: 'AWS4-HMAC-SHA256 x',
      'x-amz-target': 'Kinesis_20131202.ListStreams',
      ...headers,
    });
    stream.end('{}');
    const [answer] = await once(stream, 'response');
    return [answer[':status'], await text(stream)] as const;
  };
  assert.equal((await ask({}))[0], 200);
  for (const headers of [
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { ':authority': 'evil.example' },
    { host: 'evil.example' },
  ] as Record<string, string>[]) {
    const [status, body] = await ask(headers);
    assert.deepEqual(
      [status, JSON.parse(body).message.split(':')[0]],
      [403, 'Forbidden'],
      Object.keys(headers)[0],
    );
  }
});

test('a signature in the address is none, but for calls that a page must ask for', async (context) => {
  const { port, cloudFormation } = await served(context);
  const create = `Action=CreateStack&Version=2010-05-15&StackName=evil&TemplateBody=${encodeURIComponent('{"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{"ShardCount":1}}}}')}`;
  for (const [lines, body] of [
    [[`POST /?${PRESIGNED} HTTP/1.1`, FORM], create],
    [[`GET /?${create}&${PRESIGNED} HTTP/1.1`], ''],
    [[`POST /2015-03-31/functions/echo/invocations?${PRESIGNED} HTTP/1.1`], '{}'],
    [[`POST /service/GraniteServiceVersion20100801/operation/ListMetrics?${PRESIGNED} HTTP/1.1`], ''],
    [[`GET /v1/@connections/L0SM9cOFvHcCIhw%3D?${PRESIGNED} HTTP/1.1`], ''],
  ] as const) {
    const [status, answer] = await raw(port, [...lines, 'Host: HOST'], body);
    assert.equal(status, 403, lines[0]);
    assert.match(answer, /Missing.?Authentication.?Token/, lines[0]);
  }
  assert.deepEqual(cloudFormation.stacks, []);
  const target = 'X-Amz-Target: Kinesis_20131202.ListStreams';
  assert.equal((await raw(port, [`POST /?${PRESIGNED} HTTP/1.1`, 'Host: HOST', target], '{}'))[0], 200);
});

test('a stage for a run serves no AWS endpoint, and says which stage does', async (context) => {
  const { port } = await served(context, { controlPlane: false });
  for (const [protocol, { lines, body }] of Object.entries(CALLS)) {
    const [status, answer] = await raw(port, [...lines, 'Host: HOST'], body);
    assert.equal(status, 403, protocol);
    assert.match(JSON.parse(answer).message, /bench stage local/);
  }
});

test('pages of an allowed origin may call and read the answer; no other page may', async (context) => {
  const origin = 'http://localhost:3000';
  const { port } = await served(context, { allowedOrigins: [origin] });
  const address = `http://127.0.0.1:${port}/`;
  const headers = { origin, 'sec-fetch-site': 'same-site' };
  const asked = await fetch(address, {
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-headers': 'authorization,x-amz-target' },
  });
  const allowed = ['origin', 'headers'].map((name) => asked.headers.get(`access-control-allow-${name}`));
  assert.deepEqual([asked.status, ...allowed], [204, origin, 'authorization,x-amz-target']);
  const signed = {
    ...headers,
    authorization: 'AWS4-HMAC-SHA256 x',
    'x-amz-target': 'Kinesis_20131202.ListStreams',
  };
  const answer = await fetch(address, { method: 'POST', headers: signed, body: '{}' });
  assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [200, origin]);
  assert.equal((await fetch(address, { headers: { origin: `${origin}0` } })).status, 403);
});

test('why pages are refused is logged, each reason once and five at most', async (context) => {
  const lines: string[] = [];
  const { port } = await served(context, { log: (line) => lines.push(line) });
  for (const index of [0, 0, 1, 2, 3, 4, 5, 6]) {
    const client = new WebSocket(`ws://127.0.0.1:${port}/v1`, { origin: `http://page-${index}.example` });
    const [error] = await once(client, 'error');
    assert.match(error.message, /403/);
  }
  assert.deepEqual(
    lines.map((line) => /^refused a call: .*page-(\d).*--allow-origin/.exec(line)?.[1]),
    ['0', '1', '2', '3', '4'],
  );
});
