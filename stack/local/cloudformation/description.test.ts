import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachableAt } from './description.ts';

test('public addresses of APIs lead to the local port, however they are spelt; other text stays', () => {
  const reachable = reachableAt('127.0.0.1:4566');
  const host = 'f124m4srw3.execute-api.eu-west-1.amazonaws.com';
  const table = [
    [`wss://${host}/v1`, 'ws://127.0.0.1:4566/f124m4srw3/v1'],
    [`https://${host}/v1/@connections`, 'http://127.0.0.1:4566/f124m4srw3/v1/@connections'],
    [`${host}/v1`, '127.0.0.1:4566/f124m4srw3/v1'],
    [`wss://${host}.cn/v1`, 'ws://127.0.0.1:4566/f124m4srw3/v1'],
    [`npx wscat -c wss://${host}/v1 # try it`, 'npx wscat -c ws://127.0.0.1:4566/f124m4srw3/v1 # try it'],
    ['https://sqs.us-east-1.amazonaws.com/1/q', 'https://sqs.us-east-1.amazonaws.com/1/q'],
    ['f124m4srw3', 'f124m4srw3'],
  ] as const;
  for (const [given, expected] of table) assert.equal(reachable(given), expected);
});
