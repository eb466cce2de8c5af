/** The checklist of a first deployment, from an account without a stack to one where it is gone, on local endpoints. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../bench/measure/random.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { markedTemplate } from '../../stack/aws/ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from '../../stack/aws/preflight.ts';
import { parseTemplate, readTemplate } from '../../stack/aws/template.ts';
import { type LocalAws, startLocalAws } from '../../stack/local/local-aws.ts';
import { IDEAL_PROFILE } from '../../stack/local/profile.ts';
import { checklistOf } from './checklist.ts';
import { pageOf } from './page.ts';
import { type Findings, type Verified, verified } from './verification.ts';

const template = readTemplate(REFERENCE_TEMPLATE_PATH);
const checklist = checklistOf({ name: 'first', region: null, template, pricedIn: 'us-east-1' });
const served = new Set<string>();
let aws: LocalAws;

before(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  // Where a test has no endpoint, it has no credentials either.
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = '/nowhere';
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  aws = await startLocalAws({
    ...{ profile: IDEAL_PROFILE, port: 0, clock: systemClock, random: seededRandom(1), log: () => {} },
    onServed: (service, operation) => served.add(`${service} ${operation}`),
  });
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${aws.port}`;
});
after(() => aws.close());

const asked = (name = 'first') => verified({ name, region: null, template, plan: checklist.plan });
const statesOf = ({ findings }: Verified) =>
  Object.fromEntries(Object.entries(findings).map(([id, { state }]) => [id, state]));
const nextOf = (found: Verified) => pageOf(checklist, found).filter((line) => /^(next|to end it)/.test(line));

async function made(name: string, templateText: string): Promise<void> {
  const settings = { tags: [], capabilities: ['CAPABILITY_IAM' as const], disableRollback: false };
  const version = aws.cloudFormation.versionOf(
    name,
    { templateText, fileName: 'template', parameters: {} },
    null,
  );
  await aws.cloudFormation.create(version, settings, 'ROLLBACK').ended;
}

const PREPARED = {
  ...{ credentials: 'done', region: 'done', permissions: 'done', 'gateway-logs': 'done', quotas: 'done' },
  name: 'done',
} as const;

test('an account without the stack is asked all that can be asked, and the deployment is next', async () => {
  const found = await asked();
  assert.deepEqual(statesOf(found), { ...PREPARED, deploy: 'open' });
  assert.match(
    found.findings.credentials?.detail ?? '',
    /^account 123456789012 as arn:aws:.* instead of AWS$/,
  );
  assert.equal(found.findings.region?.detail, 'us-east-1, partition aws');
  assert.deepEqual(nextOf(found), ['next: npm run deploy -- --name first --max-cost 0.20']);
});

test('a stack of the name that somebody else made is in the way', async () => {
  await made('theirs', 'Resources: {Queue: {Type: AWS::SQS::Queue}}');
  const found = await asked('theirs');
  assert.deepEqual(statesOf(found), { ...PREPARED, name: 'failed' });
  assert.deepEqual(nextOf(found), ['next: mend step 6, a name that is free, then run this again']);
});

test('a stack that stands is asked for an echo; when it is gone, the list is done; nothing was changed on the way', async () => {
  await made('first', markedTemplate(template, '0'));
  const stands = await asked();
  assert.deepEqual(statesOf(stands), {
    ...PREPARED,
    deploy: 'done',
    ready: 'done',
    echo: 'done',
    teardown: 'open',
  });
  assert.match(stands.findings.echo?.detail ?? '', /^an echo came after \d+\.\d s$/);
  assert.deepEqual(nextOf(stands), [
    'next: npm run bench -- quick --stage first --max-cost 0.20',
    'to end it: npm run teardown -- --name first',
  ]);
  assert.deepEqual(
    [...served].filter((action) => !/ (Get|List|Describe|Validate)/.test(action)),
    [],
  );
  aws.cloudFormation.delete('first');
  while (aws.cloudFormation.find('first') !== undefined) await setTimeout(5);
  const gone = await asked();
  assert.deepEqual(statesOf(gone), { ...PREPARED, deploy: 'open', teardown: 'done' });
  assert.match(
    pageOf(checklist, gone).at(-1)!,
    /^nothing stands there any more; to deploy it again: npm run deploy/,
  );
});

test('a template whose stage logs needs the role of the account, of which nothing is known here', async () => {
  const text = template.text.replace("LoggingLevel: 'OFF'", 'LoggingLevel: INFO');
  const logging = parseTemplate(text, 'mine.yaml');
  const { findings } = await verified({
    name: 'first',
    region: null,
    template: logging,
    plan: checklist.plan,
  });
  assert.equal(findings['gateway-logs']?.state, 'unknown');
});

test('a plan beyond a quota fails, with the quota', async () => {
  const plan = { ...checklist.plan, connectRatePerSecond: 700 };
  const { findings } = await verified({ name: 'first', region: null, template, plan });
  assert.equal(findings.quotas?.state, 'failed');
  assert.match(findings.quotas?.detail ?? '', /700 new connections\/s exceed/);
});

test('without credentials nothing is verified, and that is said; what AWS refuses is a failure', async () => {
  const endpoint = process.env.AWS_ENDPOINT_URL!;
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
  const refused = await asked();
  delete process.env.AWS_ENDPOINT_URL;
  const nowhere = await asked();
  process.env.AWS_REGION = 'us-east-1';
  const nobody = await asked();
  delete process.env.AWS_REGION;
  process.env.AWS_ENDPOINT_URL = endpoint;
  assert.deepEqual([statesOf(refused), refused.reason], [{ credentials: 'failed' }, null]);
  assert.deepEqual([nowhere.findings, nobody.findings], [{}, {}]);
  assert.match(nowhere.reason ?? '', /^no AWS region/);
  assert.match(nobody.reason ?? '', /^no AWS credentials were found/);
  const lines = pageOf(checklist, nobody);
  assert.deepEqual(lines.slice(-2), [`nothing was verified: ${nobody.reason}`, 'next: aws configure sso']);
  assert.equal(lines.filter((line) => /^· \d+\. /.test(line)).length, checklist.steps.length);
});

test('each step has commands and a cost, and the prices their dates', () => {
  const { steps, cost } = checklist;
  assert.ok(steps.every(({ commands, cost }) => commands.length > 0 && cost !== ''));
  assert.equal(
    steps.find(({ id }) => id === 'deploy')?.cost,
    '$0.0600 for every hour that is begun, until it is torn down',
  );
  assert.ok(cost.total > 0.06 && cost.total < 0.2, `${cost.total}`);
  const findings: Findings = { quotas: { state: 'done', detail: 'they do' } };
  const lines = pageOf(checklist, { reason: null, findings });
  assert.match(lines.join('\n'), /^✓ 5\. quotas\n {4}done: they do\n/m);
  assert.match(lines.join('\n'), /^all of it: about \$0\.\d+ .*\(list prices of us-east-1, as of \d{4}/m);
});
