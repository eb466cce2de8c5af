/**
 * A template that somebody else wrote, of the same architecture: it deploys and echoes as it is. Its address comes from
 * its own output, which spells it as on AWS; its function calls the API under its public address.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { WebSocket } from 'ws';
import { ARTICLE_TEMPLATE } from '../template/testing/article.ts';
import { served } from './cloudformation/testing/cloudformation.ts';
import { received } from './testing/stage-fixture.ts';

test('the architecture as first published runs, reached by the address in its outputs', async (context) => {
  const { client, settled } = await served(context);
  await client.send(
    new CreateStackCommand({
      StackName: 'apigateway-websocket',
      TemplateBody: ARTICLE_TEMPLATE,
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  const { StackStatus, Outputs = [] } = await settled('apigateway-websocket');
  assert.equal(StackStatus, 'CREATE_COMPLETE');
  const url = Outputs.find(({ OutputKey }) => OutputKey === 'WebSocketURI')?.OutputValue ?? '';
  assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/[a-z0-9]{10}\/v1$/);
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const texts = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, text: 'Grüße "quoted"' }));
  const echoes = received(socket, texts.length);
  for (const text of texts) socket.send(text);
  assert.deepEqual(await echoes, texts);
  socket.close();
});
