import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { AwsError } from '../errors.ts';
import { stsActions } from './account-actions.ts';
import type { Actions, ServiceName } from './action.ts';
import { serveEndpoints } from './testing/endpoints.ts';

const installed = spawnSync('aws', ['--version']).status === 0;
const skip = installed ? false : 'the AWS CLI is not installed';

const run = promisify(execFile);

const ARRIVED = new Date('2026-01-02T03:04:05.000Z');

/** Asks the CLI; gives what it prints, parsed. */
async function aws(endpoint: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await run('aws', [...args, '--endpoint-url', endpoint, '--output', 'json'], {
    env: {
      PATH: process.env.PATH,
      HOME: tmpdir(),
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
    },
  });
  return stdout === '' ? null : JSON.parse(stdout);
}

const SERVICES: Partial<Record<ServiceName, Actions>> = {
  sts: stsActions({ accountId: '123456789012' }),
  cloudformation: {
    DescribeStacks: (input) => {
      throw new AwsError(
        'ValidationError',
        `Stack with id ${(input as { StackName: string }).StackName} does not exist`,
      );
    },
  },
  cloudwatch: {
    ListMetrics: (input) => ({
      Metrics: [
        {
          Namespace: (input as { Namespace: string }).Namespace,
          MetricName: 'IncomingRecords',
          Dimensions: [],
        },
      ],
    }),
  },
  kinesis: {
    PutRecord: (input) => {
      const { Data, PartitionKey } = input as { Data: Uint8Array; PartitionKey: string };
      return { ShardId: PartitionKey, SequenceNumber: Buffer.from(Data).toString('utf8') };
    },
  },
  lambda: {
    Invoke: (input) => ({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      Payload: (input as { Payload: Uint8Array }).Payload,
    }),
  },
};

test('the AWS CLI finds all five services', { skip }, async (t) => {
  const { endpoint } = await serveEndpoints(t, SERVICES);
  const directory = mkdtempSync(join(tmpdir(), 'cli-wire-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const out = join(directory, 'payload');
  const cli = (...args: string[]) => aws(endpoint, ...args);
  const [identity, metrics, put, invoked, failed] = await Promise.all([
    cli('sts', 'get-caller-identity'),
    cli('cloudwatch', 'list-metrics', '--namespace', 'AWS/Kinesis'),
    cli('kinesis', 'put-record', '--stream-name', 's', '--partition-key', 'k', '--data', 'hello'),
    cli('lambda', 'invoke', '--function-name', 'f', '--payload', '{"a":1}', out),
    cli('cloudformation', 'describe-stacks', '--stack-name', 'nope').catch((error: Error) => error.message),
  ]);
  assert.equal((identity as { Account: string }).Account, '123456789012');
  assert.deepEqual(metrics, {
    Metrics: [{ Namespace: 'AWS/Kinesis', MetricName: 'IncomingRecords', Dimensions: [] }],
  });
  assert.deepEqual(put, { ShardId: 'k', SequenceNumber: 'hello' });
  assert.deepEqual(invoked, { StatusCode: 200, FunctionError: 'Unhandled' });
  assert.equal(readFileSync(out, 'utf8'), '{"a":1}');
  assert.match(
    String(failed),
    /ValidationError.*DescribeStacks operation: Stack with id nope does not exist/,
  );
});

const PYTHON = `
import sys, boto3, json
kinesis = boto3.client('kinesis', endpoint_url=sys.argv[1], region_name='us-east-1',
                       aws_access_key_id='x', aws_secret_access_key='y')
answer = kinesis.subscribe_to_shard(ConsumerARN='arn:c', ShardId='shardId-000000000000', StartingPosition={'Type': 'LATEST'})
print(json.dumps([e['SubscribeToShardEvent']['Records'][0]['Data'].decode() for e in answer['EventStream']]))
`;

const hasBoto = spawnSync('python3', ['-c', 'import boto3']).status === 0;

test('boto3 reads a subscription', { skip: hasBoto ? false : 'boto3 is not installed' }, async (t) => {
  const { endpoint } = await serveEndpoints(t, {
    kinesis: {
      SubscribeToShard: () => ({
        EventStream: (async function* () {
          for (const text of ['one', 'two']) yield event(text);
        })(),
      }),
    },
  });
  const { stdout } = await run('python3', ['-c', PYTHON, endpoint]);
  assert.deepEqual(JSON.parse(stdout), ['one', 'two']);
});

function event(text: string): object {
  return {
    SubscribeToShardEvent: {
      Records: [
        {
          SequenceNumber: '1',
          Data: Buffer.from(text),
          PartitionKey: 'k',
          ApproximateArrivalTimestamp: ARRIVED,
        },
      ],
      ContinuationSequenceNumber: '1',
      MillisBehindLatest: 0,
    },
  };
}
