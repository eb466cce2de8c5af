import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { bed, payloadOf } from '../testing/function-bed.ts';

describe('the network of a function', () => {
  const HOST = 'abc123.execute-api.us-east-1.amazonaws.com';

  test('leads the stock SDK to the loopback port of its API, Host header and signature intact', async (t) => {
    const seen: { url: string; host: string; authorization: string; body: string }[] = [];
    const sockets = new Set<unknown>();
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { host = '', authorization = '' } = request.headers;
        seen.push({ url: request.url ?? '', host, authorization, body });
        if (request.url?.includes('gone')) response.writeHead(410, { 'x-amzn-errortype': 'GoneException' });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    const { host } = bed(
      `
      const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require('@aws-sdk/client-apigatewaymanagementapi');
      const api = new ApiGatewayManagementApiClient({ endpoint: 'https://${HOST}/v1' });
      exports.handler = async (event) => {
        const post = (id) => api.send(new PostToConnectionCommand({ ConnectionId: id, Data: 'hello ' + id }));
        await Promise.all([post('one='), post('two=')]);
        await post('three=');
        try { await post('gone='); } catch (error) { return [error.name, error.$metadata.httpStatusCode]; }
      };`,
      { apiAddresses: [{ host: HOST, port }] },
    );
    assert.deepEqual(payloadOf(await host.invoke({})), ['GoneException', 410]);
    assert.deepEqual(seen.map((one) => one.body).sort(), [
      'hello gone=',
      'hello one=',
      'hello three=',
      'hello two=',
    ]);
    assert.equal(seen[2]?.url, '/v1/@connections/three%3D');
    for (const { host, authorization } of seen) {
      assert.equal(host, HOST);
      assert.match(authorization, /^AWS4-HMAC-SHA256 /);
    }
    assert.equal(sockets.size, 2);
  });

  test('ends at this machine, with a message that says so', async () => {
    const { host } = bed(`
      const https = require('node:https');
      const outcome = (make) => new Promise((resolve) => make().on('error', (error) => resolve(error.message)));
      exports.handler = async () => [
        await outcome(() => https.get('https://example.com/')),
        await outcome(() => require('node:net').connect(80, '192.0.2.1')),
        await fetch('https://example.com/').catch((error) => error.cause.message),
      ];`);
    const messages = payloadOf(await host.invoke({})) as string[];
    assert.equal(messages.length, 3);
    assert.match(messages[0]!, /^example\.com can't be reached/);
    assert.match(messages[1]!, /^192\.0\.2\.1 can't be reached/);
    assert.match(messages[2]!, /^example\.com can't be reached/);
  });
});
