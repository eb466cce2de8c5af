/**
 * Proves fleets on AWS against endpoints on this machine that check every request by the SDK's own schemas: S3 and AWS Batch
 * as a fleet uses them, with workers that are real processes, and a server that counts what reaches it. What is shown is
 * that the adapters speak the services' protocols and that a fleet's promises hold; not that AWS behaves as these endpoints do.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BUCKET, DEFINITION, denied, expired, QUEUE } from './fleet/testing/aws.ts';
import { cloud, KEYS } from './fleet/testing/cloud.ts';
import {
  all,
  assertNothingLeft,
  assertSound,
  calls,
  proof,
  start,
  toldBy,
  until,
} from './fleet/testing/proof.ts';
import type { FleetFacts } from './model/fleet-facts.ts';
import type { RunResult } from './model/result.ts';
import { benchWith, temporaryDirectory } from './testing/cli.ts';

/** An old Node is warned of elsewhere. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

const directory = temporaryDirectory();
after(() => directory.remove());

const LOAD = { connections: 60, connectRate: 200, rate: 300, warmup: '1s', drain: '3s' };

/** The arguments of a fleet that drives the plan. */
function fleet(name: string, stage: string, changes: Readonly<Record<string, unknown>> = {}): string[] {
  const plan = path.join(directory.path, `${name}.json`);
  writeFileSync(plan, JSON.stringify({ name, ...LOAD, stage, duration: '4s', ...changes }));
  return ['fleet', 'run', plan, '--engine', 'aws-batch', '--out', path.join(directory.path, name)];
}

const PLACE = ['--engine-arg', `queue=${QUEUE}`, '--engine-arg', `definition=${DEFINITION}`];
const STORE = ['--store', `s3://${BUCKET}/proofs`];
const THREE = ['--workers', '3'];

function saved(name: string, stderr: string): { result: RunResult; facts: FleetFacts } {
  if (!existsSync(path.join(directory.path, name))) assert.fail(`no result was saved:\n${stderr}`);
  const read = (file: string) => JSON.parse(readFileSync(path.join(directory.path, name, file), 'utf8'));
  return { result: read('result.json') as RunResult, facts: read('fleet.json') as FleetFacts };
}

describe('a fleet on AWS Batch', { concurrency: 2 }, () => {
  test('counts what the server counts, with three workers', async (t) => {
    const { aws, url, tally } = await proof(t);
    const args = fleet('counts', url, { threshold: 'messages.lost == 0' });
    const { code, stderr } = await start(aws, ...args, ...PLACE, ...STORE, ...THREE).exited;
    const { result, facts } = saved('counts', stderr);
    const counted = await tally();
    const { messages, connections } = result;
    assert.deepEqual(
      [facts.of, facts.missing, facts.rejected, messages.scheduled],
      [3, [], [], 1200],
      stderr,
    );
    assert.equal(counted.messages, messages.sent + messages.warmup.sent);
    assert.equal(counted.connections, connections.opened + facts.of);
    assert.equal(facts.engine?.name, 'aws-batch');
    assert.ok(
      facts.workers.every(({ clock }) => clock !== null),
      'the store told every worker the time',
    );
    assertSound(result, code, stderr);
    assertNothingLeft(aws);
  });

  test('of one worker is a plain job, and counts as well', async (t) => {
    const { aws, url, tally } = await proof(t);
    const { code, stderr } = await start(aws, ...fleet('one', url), ...PLACE, ...STORE, '--workers', '1')
      .exited;
    const { result, facts } = saved('one', stderr);
    const { messages } = result;
    assert.deepEqual([facts.of, facts.missing, messages.scheduled], [1, [], 1200], stderr);
    // Less than an hour of an address, and a minute and more of the machine.
    const { total = 0, machine } = facts.cost ?? {};
    assert.equal(machine, '1 vCPU, 2 GB, X86_64, public address');
    assert.ok(total > 0.005 + 0.0008 && total < 0.01, `${total}`);
    assert.equal((await tally()).messages, messages.sent + messages.warmup.sent);
    assertSound(result, code, stderr);
    assertNothingLeft(aws);
  });

  test('names the share of a worker that was killed, and ends with 4', async (t) => {
    const { aws, url } = await proof(t);
    const args = fleet('death', url, { duration: '6s' });
    const command = start(aws, ...args, ...PLACE, ...STORE, ...THREE);
    await until(aws, command, () => toldBy(aws, 2) === 'measuring');
    process.kill(aws.containers.pidOf(2), 'SIGKILL');
    const { code, stderr } = await command.exited;
    const { result, facts } = saved('death', stderr);
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /worker 2 left no result; see log stream \S+-2 of log group workers \(.*exit code 137\)/,
    );
    assert.deepEqual(facts.missing, [2]);
    assert.deepEqual(
      [facts.missingShare?.connections, facts.missingShare?.messages, facts.missingShare?.messagesOfAll],
      [20, 600, 1800],
    );
    assert.deepEqual([result.messages.scheduled, result.partial], [1200, true]);
    assertNothingLeft(aws);
  });

  test('that is interrupted ends its job, and keeps what its workers had measured', async (t) => {
    const { aws, url, tally } = await proof(t);
    const args = fleet('interrupted', url, { duration: '60s' });
    const command = start(aws, ...args, ...PLACE, ...STORE, ...THREE);
    await until(aws, command, () => all(aws, 'measuring'));
    command.child.kill('SIGINT');
    const { code, stderr } = await command.exited;
    const { result, facts } = saved('interrupted', stderr);
    const { messages } = result;
    assert.equal(code, 130, stderr);
    assert.equal(calls(aws, 'TerminateJob'), 1);
    assert.deepEqual(facts.missing, []);
    assert.ok(
      facts.workers.every(({ interruption }) => interruption !== null),
      'each says it was cut short',
    );
    assert.ok(result.partial && messages.sent > 0 && messages.scheduled < 18_000, `${messages.sent} sent`);
    assert.equal((await tally()).messages, messages.sent + messages.warmup.sent);
    assertNothingLeft(aws);
  });

  test('whose credentials expire while it measures says so, looks on, and ends well when they are renewed', async (t) => {
    const { aws, url, tally } = await proof(t);
    const args = fleet('expiry', url);
    const command = start(aws, ...args, ...PLACE, ...STORE, ...THREE);
    await until(aws, command, () => toldBy(aws, 0) === 'measuring');
    aws.disturb((call) => (call.accessKeyId === KEYS.person ? expired(call) : undefined));
    await command.saw(
      /the AWS credentials have expired; sign in again.*\n {2}The workers have their start and go on/,
    );
    await aws.when(() => all(aws, 'done'));
    aws.disturb(() => undefined);
    const { code, stderr } = await command.exited;
    const { result, facts } = saved('expiry', stderr);
    assert.deepEqual([facts.missing, result.messages.scheduled], [[], 1200], stderr);
    assert.equal((await tally()).messages, result.messages.sent + result.messages.warmup.sent);
    assert.equal(stderr.match(/have expired/g)?.length, 1, stderr);
    assertSound(result, code, stderr);
    const run = /partials in (s3:\S+)/.exec(stderr)?.[1] ?? '';
    const again = ['fleet', 'merge', run, '--out', path.join(directory.path, 'again'), '--quiet'];
    assert.equal((await benchWith(aws.environment, ...again)).code, code);
    assert.deepEqual(saved('again', run).result.messages, result.messages);
  });

  test('whose credentials expire before the start says that its job waits for somebody to end it', async (t) => {
    const { aws, url, tally } = await proof(t);
    const command = start(aws, ...fleet('early', url), ...PLACE, ...STORE, ...THREE);
    await until(aws, command, () => toldBy(aws, 0) !== '');
    aws.disturb((call) => (call.accessKeyId === KEYS.person ? expired(call) : undefined));
    const { code, stderr } = await command.exited;
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /have expired.*\n {2}Nothing was measured; job \S+ could not be cancelled \(AWS Batch: .*expired.*\): cancel it by hand/,
    );
    assert.equal((await tally()).connections ?? 0, 0);
  });

  test('whose workers may not read the store ends before it measures, and says where their log is', async (t) => {
    const { aws, url } = await proof(t);
    aws.disturb((call) => (call.accessKeyId === KEYS.worker ? denied(call) : undefined));
    const { code, stderr } = await start(aws, ...fleet('role', url), ...PLACE, ...STORE, ...THREE).exited;
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /worker \d left no result; see log stream .*exit code 1\)\n {2}Nothing was measured; the job was cancelled/,
    );
    assert.match(
      aws.printed(),
      /error: store: s3:\S+: AWS does not allow it; the user or role needs s3:GetObject/,
    );
    assertNothingLeft(aws);
  });

  test('that does not come together in time is cancelled', async (t) => {
    const { aws, url, tally } = await proof(t, { capacity: 2 });
    const { code, stderr } = await start(
      aws,
      ...fleet('late', url),
      ...PLACE,
      ...STORE,
      ...THREE,
      '--patience',
      '5s',
    ).exited;
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /\d of 3 workers had come after 5 s; nothing was measured and the job was cancelled/,
    );
    assert.equal(calls(aws, 'TerminateJob'), 1);
    assert.deepEqual((await tally()).messages ?? 0, 0);
  });

  test('that cannot begin says why in one line, and leaves no job', async (t) => {
    const aws = await cloud(t);
    const args = fleet('refused', 'ws://127.0.0.1:1');
    const nowhere = ['--store', 's3://no-such-bucket/x'];
    const wrong = ['--engine-arg', 'queue=other', '--engine-arg', `definition=${DEFINITION}`];
    const { AWS_ACCESS_KEY_ID: _, ...anonymous } = aws.environment;
    const { AWS_REGION: __, ...nowhereOnEarth } = aws.environment;
    const home = { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' };
    const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
      [
        [...PLACE, ...nowhere],
        aws.environment,
        /^error: store: s3:\/\/no-such-bucket\/x\S*: there is no such bucket; make it, or correct the name \(NoSuchBucket: .*\)\n$/,
      ],
      [
        [...wrong, ...STORE],
        aws.environment,
        /^error: AWS Batch: ClientException: JobQueue other not found.*--engine-arg queue=other .*\n$/,
      ],
      [
        [...PLACE, ...STORE],
        { ...anonymous, ...home },
        /^error: store: s3:\S+: there are no AWS credentials; set AWS_PROFILE.*\n$/,
      ],
      [
        [...PLACE, ...STORE],
        { ...nowhereOnEarth, ...home },
        /^error: AWS Batch: there is no AWS region; set AWS_REGION.*\n$/,
      ],
      [
        [...PLACE, ...STORE, '--max-cost', '0.01'],
        aws.environment,
        /^error: the fleet’s run would cost about \$0\.\d+, which is more than --max-cost \$0\.0100 .*\n$/,
      ],
      [
        STORE,
        aws.environment,
        /^error: engine-arg: queue=… and definition=… must be given; at the root of a checkout/,
      ],
    ];
    for (const [given, environment, message] of cases) {
      const { code, stderr } = await benchWith({ ...environment, ...QUIET }, ...args, ...given, ...THREE);
      assert.match(stderr, message);
      assert.equal(code, 1);
    }
    aws.disturb((call) => (call.service === 's3' ? denied(call) : undefined));
    const { code, stderr } = await benchWith(
      { ...aws.environment, ...QUIET },
      ...args,
      ...PLACE,
      ...STORE,
      ...THREE,
    );
    assert.match(
      stderr,
      /^error: store: s3:\S+: AWS does not allow it; the user or role needs s3:GetObject.*\n$/,
    );
    assert.equal(code, 1);
    assert.equal(aws.batch.states().size, 0);
  });
});
