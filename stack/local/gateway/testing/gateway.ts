/** What the gateway's tests share: a small API as a resolved stack, a stream that records, counters that can be read. */

import type { Json, ResolvedResource, ResolvedStack } from '../../../template/value.ts';
import { AwsError } from '../../errors.ts';
import type { KinesisWriter, Meter, MetricIdentity, MetricRegistry, PutRecordInput } from '../../ports.ts';

function resource(
  type: string,
  logicalId: string,
  properties: { readonly [key: string]: Json },
): ResolvedResource {
  return {
    logicalId,
    type: `AWS::ApiGatewayV2::${type}`,
    physicalId: `${logicalId}1`,
    attributes: { ApiEndpoint: 'wss://Api1.execute-api.us-east-1.amazonaws.com' },
    properties,
  };
}

const TEMPLATE = `{
  "StreamName": "events",
  "PartitionKey": "$context.connectionId",
  "Data": "$util.base64Encode($input.body)"
}`;

/** Properties to add or replace, by logical id; null leaves the resource out. */
export type Overrides = Readonly<Record<string, { readonly [key: string]: Json } | null>>;

/** A stack with an API `Api1`, a stage `v1` and a `$default` route that puts the raw body into a stream. */
export function apiStack(overrides: Overrides = {}, more: readonly ResolvedResource[] = []): ResolvedStack {
  const base = [
    resource('Api', 'Api', { Name: 'n', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '\\$default' }),
    resource('Integration', 'Put', {
      ApiId: 'Api1',
      IntegrationType: 'AWS',
      IntegrationMethod: 'POST',
      IntegrationUri: 'arn:aws:apigateway:us-east-1:kinesis:action/PutRecord',
      RequestTemplates: { default: TEMPLATE },
      TemplateSelectionExpression: 'default',
      PassthroughBehavior: 'NEVER',
    }),
    resource('Route', 'Default', { ApiId: 'Api1', RouteKey: '$default', Target: 'integrations/Put1' }),
    resource('Stage', 'Stage', { ApiId: 'Api1', StageName: 'v1' }),
  ];
  const resources = base.flatMap((one) => {
    const override = overrides[one.logicalId];
    return override === null ? [] : [{ ...one, properties: { ...one.properties, ...override } }];
  });
  return {
    stackName: 'test',
    stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/test/1',
    region: 'us-east-1',
    accountId: '123456789012',
    parameters: {},
    resources: [...resources, ...more],
    outputs: {},
    outputDescriptions: {},
  };
}

/** A further route to the same integration. */
export function routeTo(key: string): ResolvedResource {
  return resource('Route', `Route${key}`, { ApiId: 'Api1', RouteKey: key, Target: 'integrations/Put1' });
}

export type PutResult = Awaited<ReturnType<KinesisWriter['putRecord']>>;

export const PUT_OK: PutResult = {
  ok: true,
  value: { ShardId: 'shardId-000000000000', SequenceNumber: '1' },
};

/** A stream that keeps what was put, answering as it is told. */
export class RecordingKinesis implements KinesisWriter {
  readonly puts: PutRecordInput[] = [];
  answer: (input: PutRecordInput) => Promise<PutResult> = () => Promise.resolve(PUT_OK);

  putRecord(input: PutRecordInput): Promise<PutResult> {
    this.puts.push(input);
    return this.answer(input);
  }

  /** The data of every put, as text. */
  get texts(): string[] {
    return this.puts.map((put) => Buffer.from(put.Data as string, 'base64').toString());
  }
}

export const PUT_REFUSED = new AwsError('ProvisionedThroughputExceededException', 'Rate exceeded for shard');

/** Counts what is recorded: by metric name, and `ROUTE name` for one of a route, the number of records and their sum. */
export class CountingMetrics implements MetricRegistry {
  readonly sums: Record<string, number> = {};
  readonly counts: Record<string, number> = {};

  meter({ name, dimensions }: MetricIdentity): Meter {
    const { Route } = dimensions;
    const key = Route === undefined ? name : `${Route} ${name}`;
    return {
      record: (value) => {
        this.sums[key] = (this.sums[key] ?? 0) + value;
        this.counts[key] = (this.counts[key] ?? 0) + 1;
      },
    };
  }
}
