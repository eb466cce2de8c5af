/**
 * The product's own deployment and teardown of the POLLING stack against moto, a model of AWS by others, seen through the
 * stock SDK. Skips where it is missing: `pip install 'moto[all,server]'`.
 *
 * What moto 5.2 lacks, and what the product makes of it: resources of API Gateway v2 are stand-ins without an API; a change
 * set lists resources whose condition does not hold; there is no HTTP/2, which the SDK speaks to Kinesis unless told
 * otherwise; ListServiceQuotas fails, so default quotas are assumed; nothing is said of single resources in a stack's events.
 * Whoever asks moto for the resources of a deleted stack makes them anew (boto3's DeleteStack and then ListStackResources show
 * it), and `stage down` asks, to tell what is left. So what moto holds is counted between the two, by a relay that both pass.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { LambdaClient, ListEventSourceMappingsCommand, paginateListFunctions } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { benchWith } from '../bench/testing/cli.ts';

const skip = spawnSync('moto_server', ['--help']).status !== 0 && 'moto is not installed';

async function startMoto(t: { after(task: () => void): void }): Promise<string> {
  // It imports boto3, which looks for a configuration.
  const home = mkdtempSync(path.join(os.tmpdir(), 'moto-'));
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], {
    env: { ...process.env, AWS_CONFIG_FILE: path.join(home, 'none') },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A shim of Python's starts the server as a process of its own.
    detached: true,
  });
  t.after(() => {
    process.kill(-child.pid!, 'SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });
  let said = '';
  return new Promise((resolve, reject) => {
    const heard = (text: Buffer) => {
      said += String(text);
      const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.once('exit', (code) => reject(new Error(`moto ended with ${code}: ${said}`)));
  });
}

/** Relays requests to moto; `after` sees the body of each, before its answer goes back. */
async function startRelay(
  t: { after(task: () => void): void },
  to: string,
  after: (body: string) => Promise<void>,
) {
  const server = http.createServer(async (request, response) => {
    const body = await text(request);
    const { method = 'GET', url = '/', headers } = request;
    const onward = http.request(new URL(url, to), { method, headers }, async (answer) => {
      const answered = await text(answer);
      await after(body);
      response.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
    });
    onward.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the polling stack is deployed, every resource of it, and deleted', { skip }, async (t) => {
  const endpoint = await startMoto(t);
  const client = {
    ...{ endpoint, region: 'us-east-1' },
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  };
  const lambda = new LambdaClient(client);
  const held = async () => {
    const functions: string[] = [];
    for await (const page of paginateListFunctions({ client: lambda }, {}))
      functions.push(...(page.Functions ?? []).map(({ Runtime = '' }) => Runtime));
    const kinesis = new KinesisClient({ ...client, requestHandler: new NodeHttpHandler() });
    const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
    return { functions: functions.length, streams: StreamNames.length, mappings: EventSourceMappings.length };
  };

  const afterDeletion: unknown[] = [];
  const relay = await startRelay(t, endpoint, async (body) => {
    if (body.includes('DeleteStack')) afterDeletion.push(await held());
  });
  const environment = {
    ...{ AWS_ENDPOINT_URL: relay, AWS_REGION: 'us-east-1' },
    ...{ AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' },
  };
  const up = await benchWith(
    environment,
    ...['stage', 'up', '--name', 'polling', '--parameter', 'Consumer=POLLING', '--yes', '--no-validate'],
  );
  assert.equal(up.code, 0, up.stderr + up.stdout);
  assert.match(up.stdout, /polling is CREATE_COMPLETE/);
  assert.deepEqual(await held(), { functions: 2, streams: 1, mappings: 2 });
  const { StackResources = [] } = await new CloudFormationClient(client).send(
    new DescribeStackResourcesCommand({ StackName: 'polling' }),
  );
  assert.ok(StackResources.every(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE'));
  const made = StackResources.map(({ LogicalResourceId = '' }) => LogicalResourceId);
  // Stand-ins, and what its condition leaves out, have no name.
  assert.deepEqual(
    made.filter((id) => id !== '').sort(),
    [
      ...[
        'AuditFailureQueue',
        'AuditFunction',
        'AuditLogGroup',
        'AuditMapping',
        'AuditRole',
        'EchoFailureQueue',
      ],
      ...['EchoFunction', 'EchoLogGroup', 'EchoMapping', 'EchoRole', 'EventStream', 'IntegrationRole'],
    ],
    'and no EchoConsumer',
  );

  const down = await benchWith(environment, ...['stage', 'down', '--name', 'polling', '--yes']);
  assert.match(down.stdout + down.stderr, /polling is gone: no stack has the name/);
  assert.deepEqual(afterDeletion, [{ functions: 0, streams: 0, mappings: 0 }]);
  const cloudFormation = new CloudFormationClient(client);
  const { Stacks = [] } = await cloudFormation.send(
    new DescribeStacksCommand({ StackName: StackResources[0]!.StackId! }),
  );
  assert.deepEqual(
    Stacks.map(({ StackStatus }) => StackStatus),
    ['DELETE_COMPLETE'],
  );
});
