/**
 * `bench stage up|status|down` as a user runs them, against the AWS endpoints of a local stage, which this process hosts, so
 * that what the commands did can be looked up where it happened. What a process shows – that it ends, a signal, a terminal –
 * is shown by real ones; the answers are those of one that stays.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CreateChangeSetCommand, DeleteChangeSetCommand } from '@aws-sdk/client-cloudformation';
import { openAccount } from '../stack/aws/account.ts';
import { createChangeSet } from '../stack/aws/change-set.ts';
import { MARK, markedTemplate } from '../stack/aws/ownership.ts';
import { readTemplate } from '../stack/aws/template.ts';
import { type LocalAws, startLocalAws } from '../stack/local/local-aws.ts';
import { IDEAL_PROFILE } from '../stack/local/profile.ts';
import { ALLOWED, actionOf } from '../stack/testing/ci-role.ts';
import { seededRandom } from './measure/random.ts';
import { systemClock } from './node/clock.ts';
import { bench, startBench, temporaryDirectory } from './testing/cli.ts';
import { warmBench } from './testing/warm-cli.ts';

const directory = temporaryDirectory();
const warm = warmBench();
let aws: LocalAws;

/** What the commands had AWS do. */
const served = new Set<string>();

/** Resources are not made before this settles: an operation can be looked at half-way. */
let gate = Promise.resolve();
let release = () => {};

function hold(): void {
  gate = new Promise((resolve) => {
    release = resolve;
  });
}

before(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  const random = seededRandom(1);
  const settings = { profile: IDEAL_PROFILE, port: 0, clock: systemClock, random, log: () => {} };
  const onServed = (service: string, operation: string) => served.add(actionOf(service, operation) ?? '');
  aws = await startLocalAws({ ...settings, refuseDeletion: ['Held'], onServed });
  const create = aws.account.create.bind(aws.account);
  aws.account.create = async (resource) => {
    await gate;
    if (resource.logicalId === 'Doomed') throw new Error('the service says no');
    await create(resource);
  };
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${aws.port}`;
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
});
after(async () => {
  release();
  await warm.stop();
  await aws.close();
  directory.remove();
});

let files = 0;

function template(text: string): string {
  const file = path.join(directory.path, `template-${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

const SMALL = `
Parameters:
  Shards: {Type: Number, Default: 1, MinValue: 1, MaxValue: 10}
  StreamName: {Type: String, Default: events}
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      Name: !Sub \${AWS::StackName}-\${StreamName}
      ShardCount: !Ref Shards
  Queue:
    Type: AWS::SQS::Queue
Outputs:
  StreamName: {Value: !Ref Stream}
`;
const small = template(SMALL);

/** Without the validator, which takes seconds: two tests have it. */
const up = (name: string, ...flags: string[]) =>
  warm.run('stage', 'up', '--name', name, '--no-validate', ...flags);
const validated = (name: string, ...flags: string[]) => warm.run('stage', 'up', '--name', name, ...flags);
const stackNamed = (name: string) => aws.cloudFormation.find(name);

/** Change sets of a stack that were never executed. */
function waiting(name: string): string[] {
  const changeSets = [...(stackNamed(name)?.changeSets.values() ?? [])];
  return changeSets
    .filter(({ executionStatus }) => executionStatus !== 'EXECUTE_COMPLETE')
    .map((changeSet) => changeSet.name);
}

/** A stack that was made without the commands. */
async function made(
  name: string,
  templateText: string,
  tag: string | null,
  until: 'ended' | 'begun' = 'ended',
): Promise<void> {
  const tags = tag === null ? [] : [{ Key: tag, Value: '0' }];
  const settings = { tags, capabilities: [], disableRollback: false };
  const request = { templateText, fileName: 'template', parameters: {} };
  const version = aws.cloudFormation.versionOf(name, request, null);
  const { ended } = aws.cloudFormation.create(version, settings, 'ROLLBACK');
  if (until === 'ended') await ended;
}

/** The mark of earlier versions. */
const TAG = 'serverless-websocket-bench';

test('a stack is deployed, shown, changed and taken away again', async () => {
  const flags = ['--no-validate', '--template', small, '--tag', 'team=a'];
  const created = await bench('stage', 'up', '--name', 'life', ...flags);
  assert.equal(created.code, 0, created.stderr);
  assert.match(created.stdout, /account 123456789012 as arn:\S+, region us-east-1 at http:\/\/127/);
  assert.match(created.stdout, /idle cost about \$0\.0150 an hour \(Kinesis shards 1 × \$0\.0150\)/);
  assert.match(created.stdout, /creates life: 2 to add/);
  assert.match(created.stdout, /^\d\d:\d\d:\d\d {2}CREATE_COMPLETE +Stream +AWS::Kinesis::Stream$/m);
  // Nothing to drive, so no word of driving it.
  assert.match(created.stdout, /^life is CREATE_COMPLETE\n {2}StreamName {2}life-events\n$/m);
  const tags = Object.fromEntries(stackNamed('life')!.settings.tags.map(({ Key, Value }) => [Key, Value]));
  assert.deepEqual(tags, { team: 'a' });

  const again = await up('life', '--template', small);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /no changes: life is up to date/);
  assert.deepEqual(waiting('life'), []);

  const changed = await up('life', '--template', small, '--parameter', 'Shards=2');
  assert.equal(changed.code, 0, changed.stderr);
  assert.match(
    changed.stdout,
    /parameter Shards: 1 → 2\n {2}~ Modify Stream +AWS::Kinesis::Stream\n.*ShardCount: 1 → 2/,
  );
  assert.doesNotMatch(changed.stdout, /CREATE_COMPLETE/, 'events of the deployment before');
  const lines = changed.stdout.split('\n').filter((line) => /^\d\d:\d\d:\d\d /.test(line));
  assert.equal(new Set(lines).size, lines.length, 'an event was told twice');

  const status = await warm.run('stage', 'status', '--name', 'life', '--template', small, '--json');
  assert.equal(status.code, 0, status.stderr);
  const found = JSON.parse(status.stdout);
  assert.deepEqual(
    [found.status, found.parameters.Shards, found.template.verdict, found.idleCostPerHour.total],
    ['UPDATE_COMPLETE', '2', 'same', 0.03],
  );

  const down = await bench('stage', 'down', '--name', 'life');
  assert.equal(down.code, 0, down.stderr);
  assert.match(down.stdout, /DELETE_COMPLETE +Stream/);
  assert.match(
    down.stdout,
    /life is gone: no stack has the name, arn:\S+ is DELETE_COMPLETE; 2 resources deleted/,
  );
  const twice = await warm.run('stage', 'down', '--name', 'life');
  assert.deepEqual([twice.code, /nothing to do/.test(twice.stdout)], [0, true]);
  const none = await warm.run('stage', 'status', '--name', 'life');
  assert.equal(none.code, 1);
  assert.match(none.stderr, /there is no stack life in region us-east-1 of account 123456789012/);
});

test('without a template it is the reference stack, whose mappings the status shows', async () => {
  const created = await validated('reference', '--parameter', 'ShardCount=2');
  assert.equal(created.code, 0, created.stderr);
  assert.match(created.stdout, /idle cost about \$0\.0600 an hour/);
  assert.match(created.stdout, /^next: .*--stage reference$/m);
  const status = await warm.run('stage', 'status', '--name', 'reference');
  assert.match(status.stdout, /EchoMapping +Enabled/);
  assert.match(status.stdout, /template same as .*template\.yaml/);
  const down = await warm.run('stage', 'down', '--name', 'reference', '--quiet');
  assert.equal(down.code, 0, down.stderr);
  assert.doesNotMatch(down.stdout, /log group/);
});

test('somebody else’s stack is neither changed nor deleted, unless it is adopted', async () => {
  await made('foreign', SMALL, null);
  const refused = await up('foreign', '--template', small, '--parameter', 'Shards=2');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /foreign \(CREATE_COMPLETE\) was not made by this tool: .*--adopt/);
  const kept = await warm.run('stage', 'down', '--name', 'foreign', '--yes');
  assert.equal(kept.code, 1);
  assert.match(kept.stderr, /not made by this tool/);
  assert.equal(stackNamed('foreign')!.status, 'CREATE_COMPLETE');
  const adopted = await up('foreign', '--template', small, '--parameter', 'Shards=2', '--adopt');
  assert.equal(adopted.code, 0, adopted.stderr);
  assert.equal((await warm.run('stage', 'down', '--name', 'foreign')).code, 0);
});

test('a stack with a named consumer is adopted; new tags, which AWS would roll back, are refused before', async () => {
  const text = readFileSync('stack/template.yaml', 'utf8');
  await made('fanout', text, null);
  const adopted = await up('fanout', '--adopt');
  assert.equal(adopted.code, 0, adopted.stderr);
  assert.match(adopted.stdout, /changes fanout: outputs or tags only/);
  assert.doesNotMatch(adopted.stdout, new RegExp(MARK), 'the mark is not among the outputs');
  const again = await up('fanout');
  assert.match(again.stdout, /no changes: fanout is up to date/, again.stderr);
  const status = await warm.run('stage', 'status', '--name', 'fanout');
  assert.match(status.stdout, /made by version \d[\s\S]*template same as/);
  const tagged = await up('fanout', '--tag', 'team=a');
  assert.equal(tagged.code, 1);
  assert.match(tagged.stderr, /tag: team can't be put on fanout: .*EchoConsumer/);
  assert.deepEqual([stackNamed('fanout')!.status, waiting('fanout')], ['UPDATE_COMPLETE', []]);
  const polled = await up('fanout', '--tag', 'team=a', '--parameter', 'Consumer=POLLING', '--yes');
  assert.equal(polled.code, 0, polled.stderr);
  assert.equal((await warm.run('stage', 'down', '--name', 'fanout')).code, 0);
});

test('off a terminal a replacement needs --yes; refused, it leaves nothing behind', async () => {
  await made('held', SMALL, TAG);
  const refused = await up('held', '--template', small, '--parameter', 'StreamName=other');
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /Stream +AWS::Kinesis::Stream {2}REPLACED/);
  assert.match(refused.stderr, /Stream would be removed or replaced, .*--yes/);
  assert.deepEqual([stackNamed('held')!.status, waiting('held')], ['CREATE_COMPLETE', []]);
  const agreed = await up('held', '--template', small, '--parameter', 'StreamName=other', '--yes');
  assert.equal(agreed.code, 0, agreed.stderr);
});

test('a stack that can’t be made says why, and must be torn down before the next try', async () => {
  const file = template('Resources: {Queue: {Type: AWS::SQS::Queue}, Doomed: {Type: AWS::SQS::Queue}}');
  const failed = await up('second', '--template', file);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /ROLLBACK_COMPLETE +second/);
  assert.match(failed.stderr, /^error: Doomed \(AWS::SQS::Queue\): the service says no/m);
  assert.match(failed.stderr, /second is ROLLBACK_COMPLETE, .*npm run teardown -- --name second/);
  const again = await up('second', '--template', file);
  assert.deepEqual([again.code, /remove it first/.test(again.stderr)], [1, true]);
  const down = await warm.run('stage', 'down', '--name', 'second');
  assert.equal(down.code, 0, down.stderr);
});

test('a name that is taken is told with its resource before anything is made, and nothing is left', async () => {
  const taken = 'Resources: {Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: taken, ShardCount: 1}}}';
  await made('first', taken, TAG);
  const refused = await up('third', '--template', template(taken));
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /AWS refuses the change: Stream \(AWS::Kinesis::Stream\): .*identifier 'taken' already exists/,
  );
  assert.equal(stackNamed('third'), undefined);
});

test('what can’t be deleted is told at once with its reason, by stage down and by stage clean', async () => {
  await made('stuck-1', 'Resources: {Held: {Type: AWS::SQS::Queue}, Queue: {Type: AWS::SQS::Queue}}', TAG);
  const down = await warm.run('stage', 'down', '--name', 'stuck-1');
  assert.equal(down.code, 1);
  assert.match(down.stderr, /^error: Held \(AWS::SQS::Queue\): .*in use/m);
  assert.match(down.stderr, /stuck-1 is not deleted \(DELETE_FAILED\): remove what the reasons name/);
  const clean = await warm.run('stage', 'clean', '--prefix', 'stuck-', '--older-than', '0s');
  assert.equal(clean.code, 1);
  assert.match(clean.stderr, /^error: Held \(AWS::SQS::Queue\): .*in use/m);
});

test('a teardown that may wait waits for what AWS is at; one that may not is refused', async () => {
  gate = new Promise((resolve) => {
    release = resolve;
  });
  await made('busy', SMALL, TAG, 'begun');
  aws.cloudFormation.stack('busy').status = 'UPDATE_IN_PROGRESS';
  const refused = await warm.run('stage', 'down', '--name', 'busy', '--wait', '100ms');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /busy is UPDATE_IN_PROGRESS: AWS is still at work on it/);
  const waiting = warm.run('stage', 'down', '--name', 'busy', '--wait', '1m');
  release();
  const { code, stderr } = await waiting;
  assert.equal(code, 0, stderr);
  const bad = await warm.run('stage', 'down', '--name', 'busy', '--wait', 'long');
  assert.match(bad.stderr, /wait: 'long' is not a duration/);
});

test('Ctrl-C while AWS is at work ends the wait, says that AWS goes on, and AWS does', async () => {
  hold();
  const running = startBench('stage', 'up', '--name', 'slow', '--no-validate', '--template', small);
  await running.saw(/CREATE_IN_PROGRESS/);
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.exited;
  assert.equal(code, 130, stdout + stderr);
  assert.match(stderr, /interrupted: AWS goes on with slow; look with 'npm run status -- --name slow'/);
  const busy = await up('slow', '--template', small);
  assert.match(busy.stderr, /slow is CREATE_IN_PROGRESS: AWS is still at work/);
  release();
});

test('a stack that is still being made is deleted all the same', async () => {
  hold();
  const making = startBench('stage', 'up', '--name', 'early', '--no-validate', '--template', small);
  await making.saw(/CREATE_IN_PROGRESS/);
  making.child.kill('SIGINT');
  await making.exited;
  const remove = aws.cloudFormation.delete;
  const asked = new Promise<void>((resolve) => {
    aws.cloudFormation.delete = (name) => {
      resolve();
      return remove.call(aws.cloudFormation, name);
    };
  });
  const deleting = warm.run('stage', 'down', '--name', 'early', '--quiet');
  await asked;
  aws.cloudFormation.delete = remove;
  release();
  const { code, stdout, stderr } = await deleting;
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stackNamed('early'), undefined);
});

test('a stack that is being changed is deleted when that has ended, for whoever waits', async () => {
  await made('changing', SMALL, TAG);
  hold();
  const more = template(SMALL.replace('  Queue:', '  More: {Type: AWS::SQS::Queue}\n  Queue:'));
  const changing = startBench('stage', 'up', '--name', 'changing', '--no-validate', '--template', more);
  await changing.saw(/UPDATE_IN_PROGRESS/);
  const refused = await warm.run('stage', 'down', '--name', 'changing');
  assert.deepEqual([refused.code, /UPDATE_IN_PROGRESS: .*--wait 15m/.test(refused.stderr)], [1, true]);
  const given = await warm.run('stage', 'down', '--name', 'changing', '--wait', '10');
  assert.deepEqual(
    [given.code, given.stderr],
    [2, "error: wait: '10' is not a duration such as 15m or 90s\n"],
  );
  const short = await warm.run('stage', 'down', '--name', 'changing', '--wait', '200ms');
  assert.deepEqual([short.code, stackNamed('changing')?.status], [1, 'UPDATE_IN_PROGRESS']);
  const deleting = warm.run('stage', 'down', '--name', 'changing', '--wait', '1m');
  release();
  assert.equal((await deleting).code, 0);
  assert.equal(stackNamed('changing'), undefined);
  await changing.exited;
});

test('too expensive, badly configured or invalid: refused before anything is made', async () => {
  const dear = await up('dear', '--template', small, '--max-cost', '0.01');
  assert.equal(dear.code, 1);
  assert.match(
    dear.stderr,
    /an hour of dear, idle, would cost about \$0\.0150, which is more than --max-cost \$0\.0100/,
  );
  const wrong = await up(
    '1st',
    '--template',
    small,
    '--region',
    'moon',
    '--parameter',
    'Shards=11',
    '--max-cost',
    'x',
  );
  assert.equal(wrong.code, 2);
  for (const problem of [/name: '1st'/, /region: 'moon'/, /Shards must be at most 10/, /max-cost: 'x'/])
    assert.match(wrong.stderr, problem);
  const invalid = template('Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCont: 1}}}');
  const refused = await validated('invalid', '--template', invalid);
  assert.equal(refused.code, 2, refused.stdout);
  assert.match(refused.stderr, /ShardCont/);
  const unknown = await warm.run('stage', 'down', '--nmae', 'x');
  assert.equal(unknown.code, 2);
  for (const name of ['dear', '1st', 'invalid']) assert.equal(stackNamed(name), undefined, name);
});

test('what jobs left behind is cleaned away: of this tool, named so, and old enough', async () => {
  await made('perf-old', readFileSync(small, 'utf8'), TAG);
  await made('perf-foreign', readFileSync(small, 'utf8').replaceAll('events', 'foreign'), null);
  await made('keep-old', readFileSync(small, 'utf8').replaceAll('events', 'kept'), TAG);
  const young = await warm.run('stage', 'clean', '--prefix', 'perf-', '--older-than', '1h');
  assert.deepEqual(
    [young.code, /no stack of this tool named perf-… is that old/.test(young.stdout)],
    [0, true],
  );
  const dry = await warm.run('stage', 'clean', '--prefix', 'perf-', '--older-than', '0s', '--dry-run');
  assert.match(dry.stdout, /^perf-old \(CREATE_COMPLETE\), last changed \d{4}-/m);
  assert.ok(stackNamed('perf-old') !== undefined, 'a dry run deleted');
  const { code, stdout, stderr } = await warm.run(
    'stage',
    'clean',
    '--prefix',
    'perf-',
    '--older-than',
    '0s',
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^perf-old is gone:/m);
  assert.deepEqual(
    ['perf-old', 'perf-foreign', 'keep-old'].map((name) => stackNamed(name) !== undefined),
    [false, true, true],
  );
  const bad = await warm.run('stage', 'clean', '--prefix', 'p', '--older-than', 'old');
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /error: prefix: .*\nerror: older-than: 'old' is not a duration/);
});

test('so is what a killed deployment left in review, unless somebody else is about to decide on it', async () => {
  const account = await openAccount('us-east-1');
  const templateText = markedTemplate(readTemplate(small), '0');
  const request = { type: 'CREATE', templateText, given: {}, kept: [], tags: {}, capabilities: [] } as const;
  const reviewed = (stackName: string) => createChangeSet(account, { ...request, stackName }, systemClock);
  await reviewed('perf-reviewed');
  const { id, stackId } = (await reviewed('perf-hollow'))!;
  await account.cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId }));
  await reviewed('perf-theirs');
  const theirs = { StackName: 'perf-theirs', ChangeSetName: 'theirs', TemplateBody: SMALL };
  await account.cloudFormation.send(new CreateChangeSetCommand({ ...theirs, ChangeSetType: 'CREATE' }));
  const { code, stderr } = await warm.run('stage', 'clean', '--prefix', 'perf-', '--older-than', '0s');
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    ['perf-reviewed', 'perf-hollow', 'perf-theirs'].map((name) => stackNamed(name)?.status),
    [undefined, undefined, 'REVIEW_IN_PROGRESS'],
  );
});

test('an endpoint where nobody answers is named', async () => {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
  const { code, stderr } = await warm.run('stage', 'status', '--name', 'demo');
  process.env.AWS_ENDPOINT_URL = endpoint;
  assert.equal(code, 1);
  assert.match(stderr, /nothing answers at AWS_ENDPOINT_URL http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)/);
});

const SCRIPT = '/usr/bin/script';

/** Deploys on a pseudo-terminal and types the keys when asked. */
function typed(name: string, keys: string): Promise<{ code: number | null; output: string }> {
  const line = `${process.execPath} bench/bench.mjs stage up --name ${name} --no-validate --template ${small}`;
  // Node takes colours away for many variables (NO_COLOR, TERM, CI, …): this terminal is a person's, whoever runs the tests.
  const kept = Object.entries(process.env).filter(([key]) => /^(PATH|HOME|TMPDIR|AWS_\w+)$/.test(key));
  const env = { ...Object.fromEntries(kept), TERM: 'xterm-256color' };
  const child: ChildProcess = spawn(SCRIPT, ['-qefc', line, '/dev/null'], { stdio: 'pipe', env });
  let output = '';
  let isAsked = false;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (isAsked || !output.includes('[y/N]')) return;
    isAsked = true;
    child.stdin?.write(keys);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

test('on a terminal it asks; no and Ctrl-C clean everything away', {
  skip: !existsSync(SCRIPT),
}, async () => {
  const no = await typed('asked', 'n\r');
  assert.equal(no.code, 1, no.output);
  assert.match(no.output, /not deployed: nothing was changed/);
  const interrupted = await typed('asked', '\u0003');
  assert.equal(interrupted.code, 130, interrupted.output);
  assert.match(interrupted.output, /interrupted: nothing was changed/);
  assert.equal(stackNamed('asked'), undefined, 'a stack in review was left');
  const yes = await typed('asked', 'y\r');
  assert.equal(yes.code, 0, yes.output);
  assert.ok(yes.output.includes('\u001b[32mCREATE_COMPLETE'), 'colour on a terminal');
});

test('the role of the workflows may do all that these commands did', () => {
  served.delete('');
  assert.ok(served.size > 8, [...served].join());
  assert.deepEqual(
    [...served].filter((action) => !ALLOWED.includes(action)),
    [],
  );
});
