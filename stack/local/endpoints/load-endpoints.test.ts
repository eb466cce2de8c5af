import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as destination from './destination.ts';
import * as endpoints from './endpoints.ts';
import { loadEndpoints } from './load-endpoints.ts';
import * as model from './service-model.ts';

const installed = { ...endpoints, ...destination, ...model };
const misfit = (reason: string) => ({
  message: `the AWS endpoints don't fit the installed AWS SDK (${reason}); install the versions that package.json names, as \`npm ci\` does`,
});

test('the endpoints fit the installed SDK', async () => {
  assert.equal(await loadEndpoints(), endpoints.awsEndpoints);
});

test('an SDK without an export, without schemas, or with other codecs is refused in one sentence', async () => {
  const noExport = new SyntaxError("'@aws-sdk/core/protocols' does not provide an export named 'JsonCodec'");
  await assert.rejects(
    loadEndpoints(() => Promise.reject(noExport)),
    misfit(noExport.message),
  );
  const emptied = model.serviceModels.map((one) =>
    one.name === 'lambda' ? { ...one, operations: new Map() } : one,
  );
  await assert.rejects(
    loadEndpoints(async () => ({ ...installed, serviceModels: emptied })),
    misfit('the client of lambda exports no schemas'),
  );
  const protocolOf: typeof destination.protocolOf = (head) => {
    const protocol = destination.protocolOf(head);
    return protocol && { ...protocol, decode: () => ({}) };
  };
  await assert.rejects(
    loadEndpoints(async () => ({ ...installed, protocolOf })),
    misfit('ListStreams is read as {}'),
  );
});

test('every package whose private parts the endpoints use is pinned exactly', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  ) as { dependencies: Record<string, string> };
  const used = readFileSync(new URL('./service-model.ts', import.meta.url), 'utf8').matchAll(
    /from '(@aws-sdk\/client-[\w-]+)'/g,
  );
  const names = ['@aws-sdk/core', '@smithy/core', ...[...used].map(([, name = '']) => name)];
  const loose = names.filter((name) => !/^\d+\.\d+\.\d+$/.test(dependencies[name] ?? ''));
  assert.deepEqual([names.length, loose], [8, []]);
});
