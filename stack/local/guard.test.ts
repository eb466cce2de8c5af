/** Which requests a loopback server takes: every header that gives a web page away, alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOrigin, newGuard } from './guard.ts';

const API = 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com';
const PAGE = 'http://localhost:3000';

const guard = newGuard({ allowedOrigins: [PAGE], isOwnName: (name) => name === API });

function refusal(headers: Readonly<Record<string, string>>, url = '/v1'): string | null {
  const given = { host: '127.0.0.1:4566', ...headers };
  const kept = Object.entries(given).filter(([, value]) => value !== '');
  return guard({ url, headers: Object.fromEntries(kept), rawHeaders: kept.flat() });
}

test('a program that names this machine, or an API of the stage, is served', () => {
  const hosts = ['127.0.0.1', 'localhost:4566', 'LOCALHOST', '127.1.2.3:1', '[::1]:4566', '[::1]', API];
  for (const host of [...hosts, `${API.toUpperCase()}:443`]) assert.equal(refusal({ host }), null, host);
});

test('any other Host is refused by name: it may have been made to lead here', () => {
  const hosts = [
    ...[
      'evil.example',
      'evil.example:4566',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '0.0.0.0:4566',
    ],
    ...['evil.localhost', 'localhost:x', 'user@127.0.0.1', '127.0.0.1, evil.example', '[::2]', '192.168.1.2'],
    ...[`x.${API}`, `${API}.evil.example`, 'b1b2c3d4e5.execute-api.us-east-1.amazonaws.com'],
  ];
  for (const host of hosts) assert.match(refusal({ host }) ?? '', /^the Host "/, host);
  assert.match(refusal({ host: '' }) ?? '', /^the Host ""/);
});

test('every name counts that a request gives its receiver', () => {
  assert.match(refusal({ ':authority': 'evil.example' }) ?? '', /Host "evil\.example"/);
  assert.match(refusal({}, 'http://evil.example/v1') ?? '', /Host "evil\.example"/);
  assert.equal(refusal({ host: '', ':authority': 'localhost:1' }), null);
  assert.equal(refusal({}, 'http://localhost:4566/v1'), null);
  const twice = ['Host', 'localhost', 'HOST', 'evil.example'];
  assert.match(guard({ url: '/', headers: { host: 'localhost' }, rawHeaders: twice }) ?? '', /evil\.example/);
});

test('an Origin is refused unless it is allowed, and an allowed one is a page of any site', () => {
  for (const origin of [
    'http://evil.example',
    'null',
    'http://127.0.0.1:4566',
    `${PAGE}, http://evil.example`,
  ])
    assert.match(refusal({ origin }) ?? '', /web pages may not call .*--allow-origin/, origin);
  assert.equal(refusal({ origin: PAGE, 'sec-fetch-site': 'cross-site' }), null);
  assert.match(refusal({ origin: PAGE, host: 'evil.example' }) ?? '', /^the Host/);
});

test('a page of another site is refused by Sec-Fetch-Site alone', () => {
  for (const site of ['none', 'same-origin']) assert.equal(refusal({ 'sec-fetch-site': site }), null);
  for (const site of ['cross-site', 'same-site', 'none, cross-site', 'unheard-of'])
    assert.match(refusal({ 'sec-fetch-site': site }) ?? '', /Sec-Fetch-Site is "/, site);
});

test('an origin is what browsers send: scheme, host, and a port that is not the usual one', () => {
  for (const origin of [PAGE, 'https://app.example.com', 'http://[::1]:5173', 'chrome-extension://abcdef'])
    assert.ok(isOrigin(origin), origin);
  const mistakes = [
    '*',
    'null',
    'localhost:3000',
    `${PAGE}/`,
    'http://a b',
    'http://localhost:80',
    'HTTP://X',
  ];
  for (const text of ['', ...mistakes]) assert.ok(!isOrigin(text), text);
});
