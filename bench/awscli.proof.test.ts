/**
 * The AWS CLI against the local stage, as somebody uses it who has read about the architecture: deploy, ask for the
 * address, echo with wscat, put a record, read a metric, tear down. Nothing but `--endpoint-url` differs from AWS.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type LocalStage, startLocalStage, startTool, toolRun } from './testing/cli.ts';

const TEMPLATE = path.join(fileURLToPath(new URL('..', import.meta.url)), 'stack', 'template.yaml');
const SKIP = spawnSync('aws', ['--version']).status === 0 ? false : "needs the AWS CLI (Debian's awscli)";
const NAME = 'apigateway-websocket';

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'thing',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
};

describe('the AWS CLI', { skip: SKIP }, () => {
  let stage: LocalStage;

  before(async () => {
    stage = await startLocalStage('--empty');
  });
  after(async () => {
    assert.equal((await stage.stop()).code, 0);
  });

  async function aws(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await toolRun(
      'aws',
      ['--endpoint-url', stage.endpoint, ...args],
      ENVIRONMENT,
    );
    assert.equal(code, 0, `aws ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  const deploy = (...more: string[]) =>
    aws(
      ...['cloudformation', 'deploy', '--template-file', TEMPLATE, '--stack-name', NAME],
      ...['--capabilities', 'CAPABILITY_IAM', ...more],
    );
  const output = (key: string) =>
    aws(
      ...['cloudformation', 'describe-stacks', '--stack-name', NAME, '--output', 'text'],
      ...['--query', `Stacks[0].Outputs[?OutputKey==\`${key}\`].OutputValue`],
    );

  test('deploys the template, and the address it prints echoes', async () => {
    assert.match(await deploy(), /Successfully created\/updated stack/);
    const url = await output('WebSocketURI');
    const wscat = startTool('wscat', '-c', url, '-x', '{"msg":"Hello World!"}', '-w', '5');
    await wscat.saw(/\{"msg":"Hello World!"\}/);
    wscat.child.kill();
    await wscat.exited;
  });

  test('says so when nothing changes', async () => {
    assert.match(await deploy('--no-fail-on-empty-changeset'), /No changes to deploy/);
  });

  test('puts a record and reads the metric that counts it', async () => {
    const stream = await output('StreamName');
    const put = [
      'kinesis',
      'put-record',
      '--stream-name',
      stream,
      '--partition-key',
      'a',
      '--data',
      'aGVsbG8=',
    ];
    assert.match(await aws(...put), /"ShardId": "shardId-000000000/);
    const minute = 60_000;
    const queries = [
      {
        Id: 'records',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/Kinesis',
            MetricName: 'IncomingRecords',
            Dimensions: [{ Name: 'StreamName', Value: stream }],
          },
          Period: 60,
          Stat: 'Sum',
        },
      },
    ];
    const answer = await aws(
      ...['cloudwatch', 'get-metric-data', '--metric-data-queries', JSON.stringify(queries)],
      ...['--start-time', new Date(Date.now() - 5 * minute).toISOString()],
      ...['--end-time', new Date(Date.now() + minute).toISOString(), '--output', 'json'],
    );
    const { Values } = JSON.parse(answer).MetricDataResults[0] as { Values: number[] };
    // The echoed message of the first test, and this record; the test may see a new minute begin.
    assert.equal(
      Values.reduce((sum, value) => sum + value, 0),
      2,
      answer,
    );
  });

  // Later than the test before last: the CLI names change sets for the second they are made in.
  test('changes parameters in place', async () => {
    assert.match(
      await deploy('--parameter-overrides', 'BatchSize=16'),
      /Successfully created\/updated stack/,
    );
    const sizes = ['--query', 'EventSourceMappings[].BatchSize', '--output', 'text'];
    assert.deepEqual((await aws('lambda', 'list-event-source-mappings', ...sizes)).split(/\s+/).sort(), [
      '16',
      '500',
    ]);
  });

  test('deletes the stack and waits for its end', async () => {
    await aws('cloudformation', 'delete-stack', '--stack-name', NAME);
    await aws('cloudformation', 'wait', 'stack-delete-complete', '--stack-name', NAME);
    const { code, stderr } = await toolRun(
      'aws',
      ['--endpoint-url', stage.endpoint, 'cloudformation', 'describe-stacks', '--stack-name', NAME],
      ENVIRONMENT,
    );
    assert.ok(code !== 0, 'describe-stacks fails');
    assert.match(stderr, /\(ValidationError\).*Stack with id apigateway-websocket does not exist/);
  });
});
