/** The architecture as it was first published resolves; `article.run.test.ts` runs it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import { resolveTemplate } from './resolve.ts';
import { ARTICLE_TEMPLATE } from './testing/article.ts';

test('the architecture as first published resolves', () => {
  const place = { stackName: 'apigateway-websocket', region: 'eu-west-1', accountId: '123456789012' };
  const stack = resolveTemplate({
    text: ARTICLE_TEMPLATE,
    fileName: 'article.yaml',
    parameters: {},
    ...place,
    random: seededRandom(1),
  });
  const properties = (logicalId: string) =>
    stack.resources.find((resource) => resource.logicalId === logicalId)?.properties;
  assert.equal(stack.resources.length, 11);
  assert.match(
    stack.outputs.WebSocketURI ?? '',
    /^wss:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com\/v1$/,
  );
  assert.equal(properties('Api')?.RouteSelectionExpression, '\\$default');
  assert.match(
    JSON.stringify(properties('Integration')?.RequestTemplates),
    /\{\\"\\"payload\\"\\": \$input\.json\('\$'\)/,
  );
  assert.match(
    String(properties('Mapping')?.EventSourceArn),
    /^arn:aws:kinesis:.+:stream\/[^/]+\/consumer\/lambda:\d{10}$/,
  );
  assert.equal(properties('Mapping')?.BatchSize, 16);
  const code = properties('Function')?.Code;
  const { ZipFile } = code as { readonly ZipFile: string };
  const apiId = stack.resources.find(({ logicalId }) => logicalId === 'Api')?.physicalId;
  assert.ok(ZipFile.includes(`'https://${apiId}.execute-api.eu-west-1.amazonaws.com/v1'`), ZipFile);
  assert.ok(ZipFile.includes('$' + '{event.Records.length} posted'), ZipFile);
});
