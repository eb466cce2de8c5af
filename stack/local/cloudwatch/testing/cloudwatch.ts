/** What the tests of CloudWatch's actions share: a store on a clock that stands still, and the actions over it. */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { AwsError } from '../../errors.ts';
import type { MetricIdentity } from '../../ports.ts';
import { TestClock } from '../../testing/test-clock.ts';
import { cloudWatchActions } from '../actions.ts';
import { MetricStore } from '../metrics.ts';

/** A whole hour: 2023-11-14T22:00:00Z. */
export const HOUR_MS = Date.UTC(2023, 10, 14, 22);

export const ACCOUNT_ID = '123456789012';

export const RECORDS: MetricIdentity = {
  namespace: 'AWS/Kinesis',
  name: 'IncomingRecords',
  dimensions: { StreamName: 's' },
  unit: 'Count',
};

export const DURATION: MetricIdentity = {
  namespace: 'AWS/Lambda',
  name: 'Duration',
  dimensions: { FunctionName: 'f' },
  unit: 'Milliseconds',
};

const CONTEXT = { requestId: 'r', signal: new AbortController().signal };

export class CloudWatchBed {
  readonly clock = new TestClock(HOUR_MS);
  readonly store = new MetricStore({ clock: this.clock, periodMs: 1_000 });
  readonly actions = cloudWatchActions({
    store: this.store,
    clock: this.clock,

    accountId: ACCOUNT_ID,
  });

  /** Records each value at its second after the hour; seconds must ascend. */
  async record(identity: MetricIdentity, values: readonly (readonly [second: number, value: number])[]) {
    const meter = this.store.meter(identity);
    for (const [second, value] of values) {
      await this.clock.advance(second * 1_000 - this.clock.now());
      meter.record(value);
    }
  }

  /** Asks for the first ten minutes of the hour, oldest first, unless told otherwise. */
  data(queries: readonly MetricDataQuery[], input: Partial<GetMetricDataInput> = {}): GetMetricDataOutput {
    const request: GetMetricDataInput = {
      MetricDataQueries: [...queries],
      StartTime: at(0),
      EndTime: at(600),
      ScanBy: 'TimestampAscending',
      ...input,
    };
    return this.actions.GetMetricData!(request, CONTEXT) as GetMetricDataOutput;
  }

  /** The seconds after the hour and the values of the only result. */
  points(queries: readonly MetricDataQuery[], input: Partial<GetMetricDataInput> = {}): [number, number][] {
    return pointsOf(this.data(queries, input).MetricDataResults!.at(-1)!);
  }

  list(input: ListMetricsInput = {}): ListMetricsOutput {
    return this.actions.ListMetrics!(input, CONTEXT) as ListMetricsOutput;
  }
}

/** That many seconds after the hour. */
export function at(second: number): Date {
  return new Date(HOUR_MS + second * 1_000);
}

export function pointsOf(result: {
  Timestamps?: Date[] | undefined;
  Values?: number[] | undefined;
}): [number, number][] {
  return result.Timestamps!.map((time, index) => [
    (time.getTime() - HOUR_MS) / 1_000,
    result.Values![index]!,
  ]);
}

export interface MetricQueryOptions {
  readonly id?: string;
  readonly stat?: string;
  readonly period?: number;
  /** Under the stage's own namespace. */
  readonly local?: boolean;
}

export function metricQuery(
  { namespace, name, dimensions }: MetricIdentity,
  { id = 'm1', stat = 'Sum', period = 60, local = false }: MetricQueryOptions = {},
): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: local ? namespace.replace('AWS/', 'Local/') : namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: period,
      Stat: stat,
    },
  };
}

/** For assert.throws: an error of that code whose message contains the text. */
export function refusal(code: string, text: string) {
  return (error: AwsError): boolean => error.code === code && error.message.includes(text);
}
