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
import { seededRandom } from '../../../bench/measure/random.ts';
import { systemClock } from '../../../bench/node/clock.ts';
import { MetricStore } from '../cloudwatch/metrics.ts';
import { awsEndpoints } from '../endpoints/endpoints.ts';
import { listenOnePort } from '../endpoints/one-port.ts';
import { IDEAL_PROFILE } from '../profile.ts';
import { testResource } from '../testing/mapping-bed.ts';
import { Kinesis } from './kinesis.ts';
import { kinesisActions } from './kinesis-actions.ts';
import { READING, WRITING } from './testing/conformance-data.ts';
import { DESCRIBING, REFUSING } from './testing/conformance-description.ts';
import { startKinesisLocal } from './testing/kinesis-local.ts';

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
  /** Whether it may fail to start, on a machine where it cannot run; then its tests are skipped with the reason. */
  readonly isOptional?: boolean;
  /** Behaviours it does not have. */
  readonly deviations: Readonly<Record<string, Deviation>>;
}

interface Deviation {
  readonly reason: string;
  /** What the check then says, so that it is known to fail for the reason and for no other. */
  readonly shows: RegExp;
}

const STREAM = 'conformance';

/** By name, in the order they run in. */
const BEHAVIOURS = { ...WRITING, ...READING, ...DESCRIBING, ...REFUSING };

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

/** AWS answers what breaks the model of its API with ValidationException; Kinesis Mock has another code for it. */
const OTHER_CODE: Deviation = {
  reason: 'it calls what breaks the API’s model an InvalidArgumentException',
  shows: /'InvalidArgumentException'/,
};

const KINESIS_LOCAL: Readonly<Record<string, Deviation>> = {
  'ListStreams sums the stream up': { reason: 'it has no StreamSummaries', shows: /undefined/ },
  'a stream that does not exist is a ResourceNotFoundException that names it': {
    reason: 'the code is the same, the text its own',
    shows: /Stream arn .* not found/,
  },
  'what is no iterator is an InvalidArgumentException': {
    reason: 'it fails to decrypt the iterator and answers with an error of its runtime',
    shows: /'Unknown'/,
  },
  'a sequence number of nowhere is an InvalidArgumentException': {
    reason: 'it looks for the record and says ResourceNotFoundException',
    shows: /'ResourceNotFoundException'/,
  },
  'a partition key beyond 256 characters is a ValidationException': OTHER_CODE,
  'a record beyond 1 MiB is a ValidationException': OTHER_CODE,
  'a Limit beyond 10,000 is a ValidationException': OTHER_CODE,
  'PutRecords of no record or of 501 is a ValidationException': {
    reason: 'it takes a request without records',
    shows: /Missing expected rejection/,
  },
};

const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: 'the local stage', skipped: null, open: openOurs, deviations: {} },
  {
    name: 'kinesis-local',
    skipped: null,
    open: openKinesisLocal,
    isOptional: true,
    deviations: KINESIS_LOCAL,
  },
  {
    name: 'AWS',
    skipped: process.env.BENCH_CONFORMANCE_KINESIS === 'aws' ? null : 'BENCH_CONFORMANCE_KINESIS is not aws',
    open: openAws,
    deviations: {},
  },
];

/** Passes only while the deviation is there, and is the one that was declared. */
async function deviates(checking: Promise<void>, { shows }: Deviation): Promise<void> {
  const found = await checking.then(
    () => 'it no longer deviates: take the declaration out',
    (error: Error) => error.message,
  );
  assert.match(found, shows);
}

for (const { name, skipped, open, isOptional, deviations } of IMPLEMENTATIONS) {
  describe(`${name} as Kinesis`, { skip: skipped ?? false }, () => {
    let opened: Opened | null = null;
    let absence = '';
    before(async () => {
      try {
        opened = await open();
      } catch (error) {
        if (!isOptional) throw error;
        absence = String(error);
      }
    });
    after(() => opened?.close());

    for (const [behaviour, check] of Object.entries(BEHAVIOURS)) {
      const deviation = deviations[behaviour];
      const title = deviation ? `but not: ${behaviour} (${deviation.reason})` : behaviour;
      test(title, async (t) => {
        if (!opened) return t.skip(absence);
        const checking = check(opened);
        await (deviation ? deviates(checking, deviation) : checking);
      });
    }
  });
}

test('every declared deviation is of a behaviour that is checked', () => {
  for (const { deviations } of IMPLEMENTATIONS)
    for (const behaviour of Object.keys(deviations)) assert.ok(BEHAVIOURS[behaviour], behaviour);
});

test('a declared deviation that is none any more fails', async () => {
  await assert.rejects(deviates(Promise.resolve(), OTHER_CODE), /it no longer deviates/);
});
