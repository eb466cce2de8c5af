/**
 * What the experiments ask of AWS beside the run: which mapping and stream are whose, what the mappings counted, and where the
 * connections' API is. A local stage serves the same endpoints on its own port, so there is one way to ask either.
 */
import {
  CloudFormationClient,
  ListStackResourcesCommand,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PATIENCE } from '../../stack/aws/clients.ts';
import type { MappingCounts } from '../core/claims/decoupled.ts';
import type { StageFacts } from '../core/result.ts';

/** What every client of a stage is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly requestHandler: typeof PATIENCE;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A local stage, whether our own or served by another process, listens where its API does. */
export function clientSettings({ kind, url, region }: StageFacts): ClientSettings {
  const place = { region: region ?? 'us-east-1', requestHandler: PATIENCE };
  if (kind !== 'local') return place;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { ...place, endpoint: new URL(url.replace(/^ws/, 'http')).origin, credentials };
}

/** The endpoint of `@connections`: the address of the API with another scheme. */
export function connectionsEndpoint({ url }: StageFacts): string {
  return url.replace(/^ws/, 'http');
}

/** Physical names by logical ids, of one type of resource. */
export async function namesOf(facts: StageFacts, type: string): Promise<ReadonlyMap<string, string>> {
  const client = new CloudFormationClient(clientSettings(facts));
  const found: StackResourceSummary[] = [];
  let token: string | undefined;
  do {
    const command = new ListStackResourcesCommand({ StackName: facts.name, NextToken: token });
    const { StackResourceSummaries, NextToken } = await client.send(command);
    found.push(...(StackResourceSummaries ?? []));
    token = NextToken;
  } while (token !== undefined);
  client.destroy();
  const ofType = found.filter(({ ResourceType }) => ResourceType === type);
  return new Map(
    ofType.map(({ LogicalResourceId, PhysicalResourceId }) => [
      LogicalResourceId ?? '',
      PhysicalResourceId ?? '',
    ]),
  );
}

export interface RecordCounts {
  /** Records that the stream took. */
  readonly incoming: number | null;
  readonly echo: MappingCounts | null;
  readonly audit: MappingCounts | null;
}

const MINUTE_S = 60;
const MINUTE_MS = 60_000;

/** What the stream and the mappings of the reference stack counted in the whole minutes that cover the time. */
export async function recordCounts(
  facts: StageFacts,
  { startEpochMs, endEpochMs }: { readonly startEpochMs: number; readonly endEpochMs: number },
): Promise<RecordCounts> {
  const mappings = await namesOf(facts, 'AWS::Lambda::EventSourceMapping');
  const streams = await namesOf(facts, 'AWS::Kinesis::Stream');
  const [stream] = streams.values();
  if (stream === undefined) return { incoming: null, echo: null, audit: null };
  const window = { startEpochMs, endEpochMs };
  const sum = summing(facts, window);
  const [incoming, echo, audit] = await Promise.all([
    sum('AWS/Kinesis', 'IncomingRecords', 'StreamName', stream),
    mappingCounts('echo', mappings.get('EchoMapping'), sum),
    mappingCounts('audit', mappings.get('AuditMapping'), sum),
  ]);
  return { incoming, echo, audit };
}

type Sum = (namespace: string, name: string, dimension: string, value: string) => Promise<number>;

async function mappingCounts(
  service: string,
  uuid: string | undefined,
  sum: Sum,
): Promise<MappingCounts | null> {
  if (uuid === undefined) return null;
  const count = (name: string) => sum('AWS/Lambda', name, 'EventSourceMappingUUID', uuid);
  const [invoked, failed, dropped] = await Promise.all([
    count('InvokedEventCount'),
    count('FailedInvokeEventCount'),
    count('DroppedEventCount'),
  ]);
  return { service, processed: invoked - failed, failed, dropped };
}

function summing(
  facts: StageFacts,
  { startEpochMs, endEpochMs }: { readonly startEpochMs: number; readonly endEpochMs: number },
): Sum {
  const client = new CloudWatchClient(clientSettings(facts));
  const StartTime = new Date(Math.floor(startEpochMs / MINUTE_MS) * MINUTE_MS);
  const EndTime = new Date(Math.ceil(endEpochMs / MINUTE_MS) * MINUTE_MS);
  return async (Namespace, MetricName, Name, Value) => {
    const Metric = { Namespace, MetricName, Dimensions: [{ Name, Value }] };
    const MetricStat = { Metric, Period: MINUTE_S, Stat: 'Sum' };
    const MetricDataQueries = [{ Id: 'sum', MetricStat }];
    const answer = await client.send(new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }));
    return (answer.MetricDataResults?.[0]?.Values ?? []).reduce((total, value) => total + value, 0);
  };
}
