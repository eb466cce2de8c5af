/** The article's settings as a template: it resolves, and has what makes it differ from the reference stack. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seededRandom } from '../bench/measure/random.ts';
import { resolveTemplate } from './template/resolve.ts';

const FILE = 'stack/article.yaml';

test('the stack as first published has one shard and a mapping without a word on retries', () => {
  const text = readFileSync(new URL('article.yaml', import.meta.url), 'utf8');
  const place = { stackName: 'article', region: 'eu-west-1', accountId: '123456789012' };
  const { resources, outputs } = resolveTemplate({
    text,
    fileName: FILE,
    parameters: {},
    ...place,
    random: seededRandom(7),
  });
  const properties = (type: string) => resources.find((one) => one.type === type)?.properties;
  assert.equal(properties('AWS::Kinesis::Stream')?.ShardCount, 1);
  const mapping = properties('AWS::Lambda::EventSourceMapping');
  assert.deepEqual(Object.keys(mapping ?? {}).sort(), [
    'BatchSize',
    'Enabled',
    'EventSourceArn',
    'FunctionName',
    'StartingPosition',
  ]);
  assert.equal(mapping?.BatchSize, 16);
  assert.match(outputs.WebSocketURI ?? '', /^wss:\/\/\w{10}\.execute-api\./);
});
