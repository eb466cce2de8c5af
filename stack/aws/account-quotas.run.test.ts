/** Quotas are the account's where it may be asked, and defaults with a word where it may not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  GetServiceQuotaCommand,
  type ServiceOutputTypes,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { seededRandom } from '../../bench/measure/random.ts';
import { systemClock } from '../../bench/node/clock.ts';
import { VirtualClock } from '../../bench/sim/virtual-clock.ts';
import { SERVICE_QUOTAS } from '../default-quotas.ts';
import { quotasIn } from '../local/account/account.ts';
import { accountThrottles } from '../local/gateway/stage-state.ts';
import { type LocalAws, startLocalAws } from '../local/local-aws.ts';
import { AWS_PROFILE } from '../local/profile.ts';
import { type Account, openAccount } from './account.ts';
import { accountQuotas, defaultQuotas } from './quotas.ts';

let aws: LocalAws;
before(async () => {
  const random = seededRandom(1);
  aws = await startLocalAws({ profile: AWS_PROFILE, port: 0, clock: systemClock, random, log: () => {} });
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${aws.port}`;
});
after(() => aws.close());

test('the account is asked, in its region', async () => {
  const told = async (region: string) => accountQuotas(await openAccount(region));
  const own = (value: number) => ({ value, are: "the account's quota" });
  const expected = { executions: own(1000), note: null, connectsPerSecond: own(500) };
  assert.deepEqual(await told('eu-west-1'), {
    ...{ ...expected, requestsPerSecond: own(10_000), shards: own(20_000) },
  });
  assert.deepEqual(await told('mx-central-1'), {
    ...{ ...expected, requestsPerSecond: own(2_500), shards: own(1_000) },
  });
});

/** An account in which Service Quotas returns something else. */
async function answering(region: string, answer: () => object): Promise<Account> {
  const account = await openAccount(region);
  const client: Account['client'] = (...what) => {
    const made = account.client(...what);
    const { middlewareStack } = made as unknown as ServiceQuotasClient;
    const answered = (output: object) => ({ ...output, ...answer() }) as ServiceOutputTypes;
    middlewareStack.add(
      (next) => async (args) => {
        const { output, response } = await next(args);
        return { output: answered(output), response };
      },
      { step: 'build' },
    );
    return made;
  };
  return { ...account, client };
}

test('where AWS denies it, the defaults stand in with a word', async () => {
  const account = await answering('eu-south-1', () => {
    throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
  });
  assert.deepEqual(
    await accountQuotas(account),
    defaultQuotas(
      'eu-south-1',
      "default quotas of eu-south-1 are assumed: AWS denies servicequotas:ListServiceQuotas in eu-south-1: not authorized; the caller's policy must allow that action",
    ),
  );
});

test('a quota is found by its name, whatever its code, and one that is not found is a default, not asked', async () => {
  const quotas = [
    { QuotaName: 'Something else', QuotaCode: SERVICE_QUOTAS.requestsPerSecond.code, Value: 1 },
    { QuotaName: 'Throttle Rate', QuotaCode: 'L-00000000', Value: 20_000 },
    { QuotaName: 'WebSocket new connections rate', QuotaCode: 'L-00000001', Value: 900 },
    { QuotaName: 'Concurrent executions', QuotaCode: 'L-00000002', Value: 10 },
  ];
  const account = await answering('mx-central-1', () => ({ Quotas: quotas }));
  const { requestsPerSecond, connectsPerSecond, executions, shards, note } = await accountQuotas(account);
  assert.deepEqual(
    [requestsPerSecond.value, connectsPerSecond.value, executions.value, shards],
    [20_000, 900, 10, { value: 1_000, are: 'the default quota' }],
  );
  assert.equal(
    note,
    'default quotas of mx-central-1 are assumed for Shards per Region: Service Quotas does not name them',
  );
});

test('one quota is told by its code, and none that there is not', async () => {
  const client = new ServiceQuotasClient({
    endpoint: process.env.AWS_ENDPOINT_URL!,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  const asked = (QuotaCode: string) =>
    client.send(new GetServiceQuotaCommand({ ServiceCode: 'apigateway', QuotaCode }));
  const { Quota } = await asked('L-9ED1E49A');
  assert.deepEqual([Quota?.Value, Quota?.Adjustable], [500, true]);
  await assert.rejects(asked('L-00000000'), { name: 'NoSuchResourceException' });
});

test('the local gateway grants an account as many requests as its region does', () => {
  const clock = new VirtualClock(0);
  const granted = (region: string) => {
    const { requests } = accountThrottles(quotasIn(region, AWS_PROFILE.quotas), clock);
    let count = 0;
    while (requests.tryTake()) count++;
    return count;
  };
  assert.deepEqual([granted('us-east-1'), granted('ca-west-1')], [5_000, 1_250]);
});
