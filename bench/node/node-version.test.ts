import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { nodeWarning } from './node-version.ts';

test('only a Node that the SDK gives up is warned of, with what to do', () => {
  assert.match(
    nodeWarning('v20.19.0') ?? '',
    /^warning: .* this is Node v20\.19\.0: .*install Node 22 or later/,
  );
  assert.deepEqual([nodeWarning('v22.0.0'), nodeWarning('v24.1.0')], [null, null]);
});

test('several clients are one warning, and a child has none', () => {
  const code = `
    import { spawnSync } from 'node:child_process';
    Object.defineProperty(process, 'version', { value: 'v20.19.0' });
    const { clientOf } = await import('./stack/aws/clients.ts');
    const { KinesisClient } = await import('@aws-sdk/client-kinesis');
    const { STSClient } = await import('@aws-sdk/client-sts');
    clientOf(KinesisClient, 'us-east-1'); clientOf(STSClient, 'us-east-1');
    if (process.argv[1] !== 'child') process.stderr.write(spawnSync(process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', process.env.CODE, 'child'], { encoding: 'utf8' }).stderr);
  `;
  const { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: _, ...env } = process.env;
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...env, CODE: code },
  });
  assert.deepEqual(stderr.trim().split('\n'), [nodeWarning('v20.19.0')]);
});
