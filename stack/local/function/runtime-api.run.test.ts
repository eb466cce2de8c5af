/** The Runtime API over HTTP, called as a web page that learned an environment's secret could call it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { RuntimeApi } from './runtime-api.ts';

test('an environment is served, and a web page is refused with a reason, the secret notwithstanding', async (context) => {
  const api = await RuntimeApi.start();
  context.after(() => api.close());
  const { address } = api.register({
    next: (give) => give({ requestId: '1', deadlineEpochMs: 0, functionArn: 'arn', payload: '{}' }),
    response: () => true,
    error: () => true,
    initError: () => {},
  });
  const ask = async (headers: Readonly<Record<string, string>>) => {
    const asked = request(`http://${address}/2018-06-01/runtime/invocation/next`, { headers }).end();
    const [response] = await once(asked, 'response');
    return `${response.statusCode} ${await text(response)}`;
  };
  assert.equal(await ask({}), '200 {}');
  assert.match(await ask({ origin: 'http://evil.example' }), /^403 .*Forbidden: web pages/);
  assert.match(await ask({ 'sec-fetch-site': 'cross-site' }), /^403 .*Forbidden: web pages/);
  assert.match(await ask({ host: 'evil.example' }), /^403 .*Forbidden: the Host/);
});
