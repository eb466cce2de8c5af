/** The gateway on real sockets: clients are ws and the AWS SDK. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { type TestContext, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { WebSocket } from 'ws';
import { seededRandom } from '../../../bench/measure/random.ts';
import { systemClock } from '../../../bench/node/clock.ts';
import { awsEndpoints } from '../endpoints/endpoints.ts';
import { type Front, listenFront } from '../front.ts';
import { IDEAL_PROFILE, type Profile } from '../profile.ts';
import { Apis } from './apis.ts';
import { Gateway } from './gateway.ts';
import { gatewayConfigs } from './gateway-config.ts';
import { accountThrottles } from './stage-state.ts';
import { apiStack, CountingMetrics, PUT_OK, RecordingKinesis } from './testing/gateway.ts';

interface Served {
  readonly url: string;
  readonly httpUrl: string;
  readonly server: Front;
  readonly kinesis: RecordingKinesis;
  readonly metrics: CountingMetrics;
}

function listen(apis: Apis, profile: Profile, port: number): Promise<Front> {
  const endpoints = () => Promise.resolve(awsEndpoints({ services: {}, log: () => {} }));
  return listenFront({ apis, quotas: profile.quotas, endpoints, port });
}

async function served(context: TestContext, profile: Profile = IDEAL_PROFILE): Promise<Served> {
  const kinesis = new RecordingKinesis();
  const metrics = new CountingMetrics();
  const [config] = gatewayConfigs(apiStack());
  assert.ok(config, 'the stack has an API');
  const random = seededRandom(1);
  const gateway = new Gateway({
    config,
    kinesis,
    clock: systemClock,
    random,
    profile,
    metrics,
    throttles: accountThrottles(profile.quotas, systemClock),
    log: () => {},
  });
  const apis = new Apis();
  apis.add(gateway);
  const server = await listen(apis, profile, 0);
  context.after(() => server.close());
  const address = `127.0.0.1:${server.port}`;
  return { url: `ws://${address}`, httpUrl: `http://${address}/v1`, server, kinesis, metrics };
}

async function opened(url: string): Promise<WebSocket> {
  const client = new WebSocket(url);
  await once(client, 'open');
  return client;
}

/** Opens a client and learns its connection id from the record of its first message. */
async function introduced({ url, kinesis }: Served): Promise<{ client: WebSocket; id: string }> {
  const client = await opened(`${url}/v1`);
  const put = new Promise<string>((resolve) => {
    kinesis.answer = (input) => {
      resolve(input.PartitionKey);
      return Promise.resolve(PUT_OK);
    };
  });
  client.send('hello');
  return { client, id: await put };
}

function sdk(context: TestContext, endpoint: string): ApiGatewayManagementApiClient {
  const client = new ApiGatewayManagementApiClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  context.after(() => client.destroy());
  return client;
}

async function refusedStatus(url: string): Promise<number> {
  const client = new WebSocket(url);
  const [, response] = await once(client, 'unexpected-response');
  client.on('error', () => {});
  client.terminate();
  return response.statusCode;
}

/** A raw request without the SDK: status, error header and body. */
async function plain(method: string, url: string, headers: Record<string, string> = {}, body = '') {
  const request = httpRequest(url, { method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return [response.statusCode, response.headers['x-amzn-errortype'], text];
}

test('a client reaches the stage by its path, by the bare root, and nothing else', async (context) => {
  const { url } = await served(context);
  await opened(`${url}/v1`);
  await opened(`${url}/v1?query=1`);
  await opened(url);
  assert.equal(await refusedStatus(`${url}/v2`), 403);
  assert.equal(await refusedStatus(`${url}/v1/%zz`), 403);
});

test('a connection over the quota is refused with 429', async (context) => {
  const quotas = { ...IDEAL_PROFILE.quotas, connect: { perSecond: 0.001, burst: 1 } };
  const { url } = await served(context, { ...IDEAL_PROFILE, quotas });
  await opened(url);
  assert.equal(await refusedStatus(url), 429);
});

test('text arrives at the stream and callbacks arrive at the client, unchanged', async (context) => {
  const stage = await served(context);
  const { client, id } = await introduced(stage);
  const texts = ['{"msg":"Hello World!"}', 'plain', 'Grüße 😀', '', 'x'.repeat(128 * 1_024)];
  const api = sdk(context, stage.httpUrl);
  for (const text of texts) {
    const arrival = once(client, 'message');
    await api.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from(text) }));
    const [data, isBinary] = await arrival;
    assert.deepEqual([data.toString(), isBinary], [text, false]);
  }
  assert.deepEqual(stage.kinesis.texts, ['hello']);
  assert.equal(stage.metrics.sums.MessageCount, 1 + texts.length);
  assert.equal(stage.metrics.sums.ConnectCount, 1);
});

test('the SDK describes and ends a connection, and is told when it is gone', async (context) => {
  const stage = await served(context);
  const { client, id } = await introduced(stage);
  const api = sdk(context, stage.httpUrl);
  const description = await api.send(new GetConnectionCommand({ ConnectionId: id }));
  assert.deepEqual(
    [description.ConnectedAt instanceof Date, description.LastActiveAt instanceof Date],
    [true, true],
  );
  assert.equal(description.Identity?.SourceIp, '127.0.0.1');
  const closing = once(client, 'close');
  await api.send(new DeleteConnectionCommand({ ConnectionId: id }));
  const [code, reason] = await closing;
  assert.deepEqual([code, reason.toString()], [1000, 'Connection Closed Normally']);
  const commands = [
    new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from('x') }),
    new GetConnectionCommand({ ConnectionId: id }),
    new DeleteConnectionCommand({ ConnectionId: id }),
  ];
  for (const command of commands) {
    await assert.rejects(
      api.send(command as PostToConnectionCommand),
      (error: Error & { $metadata: { httpStatusCode: number } }) => {
        assert.deepEqual(
          [error.name, error.$metadata.httpStatusCode, error.message],
          ['GoneException', 410, 'UnknownError'],
        );
        return true;
      },
    );
  }
});

test('the SDK is told of too large a message and of too many', async (context) => {
  const quotas = { ...IDEAL_PROFILE.quotas, account: { perSecond: 0.001, burst: 2 } };
  const stage = await served(context, { ...IDEAL_PROFILE, quotas });
  const { id } = await introduced(stage);
  const api = sdk(context, stage.httpUrl);
  const post = (bytes: number) =>
    api.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.alloc(bytes, 'x') }));
  await assert.rejects(post(128 * 1_024 + 1), { name: 'PayloadTooLargeException' });
  await post(1);
  await assert.rejects(post(1), { name: 'LimitExceededException' });
});

test('an unsigned callback, an unknown method and any other path are refused as AWS does', async (context) => {
  const { httpUrl } = await served(context);
  const missing = [403, 'MissingAuthenticationTokenException', '{"message":"Missing Authentication Token"}'];
  const forbidden = [403, 'ForbiddenException', '{"message":"Forbidden"}'];
  const signed = { authorization: 'AWS4-HMAC-SHA256 x' };
  assert.deepEqual(await plain('POST', `${httpUrl}/@connections/abc%3D`), missing);
  assert.deepEqual(await plain('PUT', `${httpUrl}/@connections/abc%3D`, signed), missing);
  assert.deepEqual(await plain('GET', httpUrl, signed), forbidden);
  for (const method of ['POST', 'GET', 'DELETE']) {
    const gone = await plain(method, `${httpUrl}/@connections/L0SM9cOFvHcCIhw%3D`, signed, 'x');
    assert.deepEqual(gone, [410, 'GoneException', ''], method);
    for (const id of ['abc%3D', 'L0SM9cOFvHcCIhw', 'cjy8i76bx002884le6n17d49b', 'L0SM9cOFvHcCI%21w%3D']) {
      const message = `Invalid connectionId: ${decodeURIComponent(id)}`;
      const malformed = await plain(method, `${httpUrl}/@connections/${id}`, signed, 'x');
      assert.deepEqual(
        malformed,
        [400, 'BadRequestException', JSON.stringify({ message })],
        `${method} ${id}`,
      );
    }
  }
  const elsewhere = await plain('POST', `${httpUrl.replace('v1', 'v2')}/@connections/abc%3D`, signed, 'x');
  assert.deepEqual(elsewhere, forbidden);
});

test('a binary message ends the connection with 1003 and never reaches the stream', async (context) => {
  const { url, kinesis } = await served(context);
  const client = await opened(url);
  client.send(Buffer.from('binary'));
  const [code] = await once(client, 'close');
  assert.equal(code, 1003);
  assert.deepEqual(kinesis.puts, []);
});

test('a frame over 32 KB and a message over 128 KB end the connection with 1009', async (context) => {
  const { url, kinesis } = await served(context);
  const frameBytes = 32 * 1_024;
  const piece = 'x'.repeat(frameBytes);
  const codeAfter = async (pieces: readonly string[]) => {
    const client = await opened(url);
    pieces.forEach((text, index) => {
      client.send(text, { fin: index === pieces.length - 1 });
    });
    return (await once(client, 'close'))[0];
  };
  assert.equal(await codeAfter([`${piece}x`]), 1009);
  assert.equal(await codeAfter([piece, piece, piece, piece, 'x']), 1009);
  assert.deepEqual(kinesis.puts, []);
});

test('an idle client and one that stayed its time are told 1001', async (context) => {
  const codeWith = async (quotas: Partial<Profile['quotas']>) => {
    const { url } = await served(context, {
      ...IDEAL_PROFILE,
      quotas: { ...IDEAL_PROFILE.quotas, ...quotas },
    });
    const client = await opened(url);
    // Traffic keeps it from being idle, and from nothing else.
    if (quotas.lifetimeMs !== undefined) client.send('busy');
    const [code, reason] = await once(client, 'close');
    return `${code} ${reason}`;
  };
  assert.equal(await codeWith({ idleMs: 200 }), '1001 Going away');
  assert.equal(await codeWith({ lifetimeMs: 300 }), '1001 Going away');
});

test('a client that closes is answered with its own code and reason', async (context) => {
  const { url } = await served(context);
  const client = await opened(url);
  client.close(4_001, 'had enough');
  const [code, reason] = await once(client, 'close');
  assert.equal(`${code} ${reason}`, '4001 had enough');
});

test('the largest message in the largest frames arrives whole', async (context) => {
  const { url, kinesis } = await served(context);
  const client = await opened(url);
  const put = new Promise<void>((resolve) => {
    kinesis.answer = () => {
      resolve();
      return Promise.resolve(PUT_OK);
    };
  });
  const piece = 'x'.repeat(32 * 1_024);
  for (const fin of [false, false, false, true]) client.send(piece, { fin });
  await put;
  assert.equal(kinesis.texts[0], piece.repeat(4));
});

test('a client that went away without closing is gone', async (context) => {
  const stage = await served(context);
  const { client, id } = await introduced(stage);
  client.terminate();
  const signed = { authorization: 'AWS4-HMAC-SHA256 x' };
  // The server learns of it from the operating system; asking again is the only way to see when.
  for (;;) {
    const [status] = await plain('GET', `${stage.httpUrl}/@connections/${encodeURIComponent(id)}`, signed);
    if (status === 410) break;
    assert.equal(status, 200);
  }
});

test('a port in use is one clear error', async (context) => {
  const { server } = await served(context);
  const second = listen(new Apis(), IDEAL_PROFILE, server.port);
  await assert.rejects(second, new RegExp(`port ${server.port} on 127\\.0\\.0\\.1 is already in use`));
});

test('closing tells every client 1001 and frees the port', async (context) => {
  const { url, server } = await served(context);
  const clients = await Promise.all([opened(url), opened(url)]);
  const closes = clients.map((client) => once(client, 'close'));
  await server.close();
  for (const close of closes) assert.equal((await close)[0], 1001);
  await assert.rejects(opened(url), { code: 'ECONNREFUSED' });
});

test('no subprotocol is named to a client that asks for some, whichever they are', async (context) => {
  const { url } = await served(context);
  const answer = new Promise<string | undefined>((resolve) => {
    const client = new WebSocket(url, ['graphql-transport-ws', 'mqtt']);
    client.on('upgrade', ({ headers }) => resolve(headers['sec-websocket-protocol']));
    client.on('error', () => {}); // ws gives such a connection up, as browsers do.
  });
  assert.equal(await answer, undefined);
});
