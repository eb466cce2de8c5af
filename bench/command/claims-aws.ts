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
import { localCredentials, PATIENCE } from '../../stack/aws/clients.ts';
import type { ResourceType } from '../../stack/template/resource-type.ts';
import { EVENT_SOURCE_MAPPING } from '../../stack/template/resources/event-source-mapping.ts';
import { FUNCTION } from '../../stack/template/resources/function.ts';
import { STREAM } from '../../stack/template/resources/stream.ts';
import {
  type Asking,
  FUNCTION_SERIES,
  MAPPING_SERIES,
  type MappingCounts,
  type MappingSeries,
  type Minutes,
  mappingCountsOf,
} from '../judge/claims/mapping-counts.ts';
import type { StageFacts } from '../model/result.ts';
import { warnOfOldNode } from '../node/node-version.ts';

/** What every client of a stage is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly requestHandler: typeof PATIENCE;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A local stage, whether our own or served by another process, listens where its API does. */
export function clientSettings({ kind, url, region }: StageFacts): ClientSettings {
  warnOfOldNode();
  const place = { region: region ?? 'us-east-1', requestHandler: PATIENCE };
  if (kind !== 'local') return place;
  return { ...place, endpoint: new URL(url.replace(/^ws/, 'http')).origin, credentials: localCredentials() };
}

/** The endpoint of `@connections`: the address of the API with another scheme. */
export function connectionsEndpoint({ url }: StageFacts): string {
  return url.replace(/^ws/, 'http');
}

/** Physical names by logical ids, of one type of resource. */
export async function namesOf(
  facts: StageFacts,
  { type }: ResourceType,
): Promise<ReadonlyMap<string, string>> {
  const client = new CloudFormationClient(clientSettings(facts));
  const found: StackResourceSummary[] = [];
  let token: string | undefined;
  do {
    const command = new ListStackResourcesCommand({
      StackName: facts.stackId ?? facts.name,
      NextToken: token,
    });
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

/** Metrics come within three minutes, and a mapping tries again within one. */
const QUIET_AWS_MS = 240_000;

/** The longest back-off of a local mapping. */
const QUIET_MS = 10_000;

const MINUTE_S = 60;
const MINUTE_MS = 60_000;

/** What the stream and the mappings of the reference stack counted in the whole minutes that cover the time. */
export async function recordCounts(
  facts: StageFacts,
  { startEpochMs, endEpochMs }: { readonly startEpochMs: number; readonly endEpochMs: number },
): Promise<RecordCounts> {
  const mappings = await namesOf(facts, EVENT_SOURCE_MAPPING);
  const functions = await namesOf(facts, FUNCTION);
  const streams = await namesOf(facts, STREAM);
  const [stream] = streams.values();
  if (stream === undefined) return { incoming: null, echo: null, audit: null };
  const read = minutesReader(facts, { startEpochMs, endEpochMs });
  const asked = { atEpochMs: endEpochMs, quietMs: facts.kind === 'aws' ? QUIET_AWS_MS : QUIET_MS };
  const [incoming, echo, audit] = await Promise.all([
    read('AWS/Kinesis', 'IncomingRecords', 'StreamName', stream),
    mappingCounts('echo', mappings.get('EchoMapping'), functions.get('EchoFunction'), read, asked),
    mappingCounts('audit', mappings.get('AuditMapping'), functions.get('AuditFunction'), read, asked),
  ]);
  const isPublished = incoming !== null && incoming.size > 0;
  return { incoming: isPublished ? [...incoming.values()].reduce((a, b) => a + b) : null, echo, audit };
}

type Read = (namespace: string, name: string, dimension: string, value: string) => Promise<Minutes>;

async function mappingCounts(
  service: string,
  uuid: string | undefined,
  functionName: string | undefined,
  read: Read,
  asked: Asking,
): Promise<MappingCounts | null> {
  if (uuid === undefined || functionName === undefined) return null;
  const series = await Promise.all([
    ...MAPPING_SERIES.map(
      async (name) => [name, await read('AWS/Lambda', name, 'EventSourceMappingUUID', uuid)] as const,
    ),
    ...FUNCTION_SERIES.map(
      async (name) => [name, await read('AWS/Lambda', name, 'FunctionName', functionName)] as const,
    ),
  ]);
  return mappingCountsOf(service, Object.fromEntries(series) as MappingSeries, asked);
}

/** Null for what CloudWatch gives only a part of. */
function minutesReader(
  facts: StageFacts,
  { startEpochMs, endEpochMs }: { readonly startEpochMs: number; readonly endEpochMs: number },
): Read {
  const client = new CloudWatchClient(clientSettings(facts));
  const StartTime = new Date(Math.floor(startEpochMs / MINUTE_MS) * MINUTE_MS);
  const EndTime = new Date(Math.ceil(endEpochMs / MINUTE_MS) * MINUTE_MS);
  return async (Namespace, MetricName, Name, Value) => {
    const Metric = { Namespace, MetricName, Dimensions: [{ Name, Value }] };
    const MetricStat = { Metric, Period: MINUTE_S, Stat: 'Sum' };
    const MetricDataQueries = [{ Id: 'sum', MetricStat }];
    const answer = await client.send(new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }));
    const { Timestamps = [], Values = [], StatusCode } = answer.MetricDataResults?.[0] ?? {};
    if (StatusCode !== undefined && StatusCode !== 'Complete') return null;
    return new Map(Timestamps.map((timestamp, index) => [timestamp.getTime(), Values[index] ?? 0]));
  };
}
