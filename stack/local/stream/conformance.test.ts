/**
 * One list of behaviours, several implementations: the local stage over a socket, the npm package kinesis-local, and AWS if
 * it is asked for. Where an implementation deviates that is declared here with a reason, and a declaration that is no
 * longer true fails.
 *
 * For AWS: BENCH_CONFORMANCE_KINESIS=aws and BENCH_CONFORMANCE_STREAM, the name of a provisioned stream with two shards
 * that nobody else uses, with the region and credentials the SDK finds. It registers two consumers and removes them, and
 * writes about forty records.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { seededRandom } from '../../../bench/core/random.ts';
import { systemClock } from '../../../bench/edge/clock.ts';
import { awsEndpoints } from '../endpoints/endpoints.ts';
import { listenOnePort } from '../endpoints/one-port.ts';
import { testResource } from '../mapping/mapping-test-bed.ts';
import { MetricStore } from '../metrics.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { BEHAVIOURS } from './conformance-fixture.ts';
import { Kinesis } from './kinesis.ts';
import { kinesisActions } from './kinesis-actions.ts';
import { startKinesisLocal } from './kinesis-local-fixture.ts';

interface Opened {
  readonly client: KinesisClient;
  readonly streamName: string;
  readonly close: () => Promise<void>;
}

interface Implementation {
  readonly name: string;
  /** Null runs it; a text is why not. */
  readonly skipped: string | null;
  readonly open: () => Promise<Opened>;
  /** Behaviours it does not have, each with the reason. */
  readonly deviations: Readonly<Record<string, string>>;
}

const STREAM = 'conformance';

function clientFor(endpoint: string, isHttp2: boolean): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    maxAttempts: 1,
    ...(isHttp2 ? {} : { requestHandler: new NodeHttpHandler() }),
  });
}

/** The local stage's Kinesis behind its endpoints, on real time. HTTP/2, as the SDK has it of itself. */
async function openOurs(): Promise<Opened> {
  const account = { region: 'us-east-1', accountId: '123456789012' };
  const clock = systemClock;
  const metrics = new MetricStore({ clock, periodMs: 1_000 });
  const shared = { ...account, clock, metrics, random: seededRandom(1), profile: IDEAL_PROFILE };
  const kinesis = new Kinesis(shared);
  const arn = `arn:aws:kinesis:${account.region}:${account.accountId}:stream/${STREAM}`;
  const resource = testResource('AWS::Kinesis::Stream', STREAM, { ShardCount: 2 });
  kinesis.addStream({ ...resource, attributes: { Arn: arn } });
  const unforeseen: string[] = [];
  const handle = awsEndpoints({
    services: { kinesis: kinesisActions({ ...shared, kinesis }) },
    log: (text) => unforeseen.push(text),
  });
  const port = await listenOnePort({
    port: 0,
    onRequest: (request, response) => void handle(request, response),
  });
  const client = clientFor(`http://127.0.0.1:${port.port}`, true);
  const close = async () => {
    client.destroy();
    await port.close();
    kinesis.close();
    assert.deepEqual(unforeseen, [], 'no action failed in a way it should not');
  };
  return { client, streamName: STREAM, close };
}

async function openKinesisLocal(): Promise<Opened> {
  const { endpoint, close } = await startKinesisLocal(STREAM, 2);
  const client = clientFor(endpoint, false);
  return {
    client,
    streamName: STREAM,
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

async function openAws(): Promise<Opened> {
  const client = new KinesisClient({});
  const streamName = process.env.BENCH_CONFORMANCE_STREAM ?? '';
  return { client, streamName, close: async () => client.destroy() };
}

const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: 'the local stage', skipped: null, open: openOurs, deviations: {} },
  { name: 'kinesis-local', skipped: null, open: openKinesisLocal, deviations: {} },
  {
    name: 'AWS',
    skipped: process.env.BENCH_CONFORMANCE_KINESIS === 'aws' ? null : 'BENCH_CONFORMANCE_KINESIS is not aws',
    open: openAws,
    deviations: {},
  },
];

for (const { name, skipped, open, deviations } of IMPLEMENTATIONS) {
  describe(`${name} as Kinesis`, { skip: skipped ?? false }, () => {
    let opened: Opened;
    before(async () => {
      opened = await open();
    });
    after(() => opened?.close());

    for (const [behaviour, check] of Object.entries(BEHAVIOURS)) {
      const reason = deviations[behaviour];
      if (reason === undefined) test(behaviour, () => check(opened));
      else
        test(`differs: ${behaviour}, for ${reason}`, async () => {
          await assert.rejects(check(opened), undefined, 'it no longer deviates: take the declaration out');
        });
    }

    test('every declared deviation is of a behaviour there is', () => {
      assert.deepEqual(
        Object.keys(deviations).filter((behaviour) => BEHAVIOURS[behaviour] === undefined),
        [],
      );
    });
  });
}
