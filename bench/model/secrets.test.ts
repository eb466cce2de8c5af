import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressWith, maskedAddress, maskedKeys, queryOf, queryWith, redactorOf } from './secrets.ts';

test('an address keeps its keys and loses its values, its password and its fragment', () => {
  const masked: Record<string, string> = {
    'ws://h:1/p': 'ws://h:1/p',
    'ws://h:1/p?token=SECRET&room=7': 'ws://h:1/p?token=…&room=…',
    'wss://h?SECRET': 'wss://h?…',
    'wss://h?': 'wss://h?',
    'wss://h?a=b=SECRET==&&c=': 'wss://h?a=…&&c=…',
    'wss://user:SECRET@h/p?x=SECRET#SECRET': 'wss://…@h/p?x=…#…',
    'wss:/user:SECRET@h': 'wss:/…@h',
    'user:SECRET@h?x': '…@h?…',
    'my-stack': 'my-stack',
    local: 'local',
  };
  for (const [address, expected] of Object.entries(masked)) assert.equal(maskedAddress(address), expected);
});

test('a masked address and its query are the address again', () => {
  const address = 'wss://h/p?token=SECRET&room=7';
  assert.equal(addressWith(maskedAddress(address), queryOf(address)), address);
  assert.equal(addressWith('wss://h/p', ''), 'wss://h/p');
});

test('an added query counts for the keys that both have, and fills masked ones', () => {
  assert.equal(queryWith('token=…&room=7', 'token=SECRET'), 'token=SECRET&room=7');
  assert.equal(queryWith('…&a=1', 'SECRET'), 'SECRET&a=1');
  assert.equal(queryWith('', 'a=1&b=2'), 'a=1&b=2');
  assert.deepEqual(maskedKeys('token=…&room=7&x=%E2%80%A6'), ['token', 'x']);
});

test('what a server repeats of a secret is redacted in every form', () => {
  const secret = 'p@ss "word"/+1';
  const redact = redactorOf({
    query: `token=${encodeURIComponent(secret)}&n=7`,
    headers: {
      Authorization: `Basic ${btoa('user:open sesame')}`,
      Cookie: 'a=1; session=C00KIE-VALUE',
      'X-Key': 'Bearer of-good-news',
    },
  });
  const utf8 = Buffer.from(secret);
  for (const form of [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    utf8.toString('base64').replace(/=+$/, ''),
    utf8.toString('base64url'),
    'open sesame',
    'user:open sesame',
    btoa('user:open sesame'),
    'c00kie-value',
    'of-good-news',
  ]) {
    assert.equal(redact(`it said <${form}>!`).includes(form), false, form);
    assert.match(redact(`it said <${form}>!`), /^it said <…/, form);
  }
  assert.equal(redact('7 of a Bearer'), '7 of a Bearer');
});

test('a secret that a server cut short is redacted, as far as it goes', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';
  const redact = redactorOf({ query: `token=${token}`, headers: {} });
  for (const length of [17, 40, token.length])
    assert.equal(redact(`expired: ${token.slice(0, length)} (try again)`), 'expired: … (try again)');
  assert.equal(redact('eyJhbGc is no token'), 'eyJhbGc is no token');
});

test('without secrets text stays as it is', () => {
  assert.equal(redactorOf({ query: '', headers: {} })('as it is'), 'as it is');
});
