/** Reading CloudWatch against a scripted one that pages, falters and publishes under other names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GetMetricDataInput, GetMetricDataOutput, StatusCode } from '@aws-sdk/client-cloudwatch';
import { type CloudWatchQuestions, PERIOD_MS, StackMetrics } from './stack-metrics.ts';
import { PIPELINE } from './testing/pipeline.ts';

const START = 28_333_334 * PERIOD_MS;
const WINDOW = { startEpochMs: START, endEpochMs: START + 3 * PERIOD_MS };

/** Values per minute of the window by `Name stat dimension=value…`; undefined is no value. */
type Published = Readonly<Record<string, readonly (number | undefined)[]>>;

interface Script {
  readonly published: Published;
  /** Values on a page. */
  readonly pageSize?: number;
  /** Status of a metric's answer at its nth asking. */
  readonly status?: (name: string, asking: number) => StatusCode;
  readonly listed?: readonly Readonly<Record<string, string>>[];
}

class ScriptedCloudWatch implements CloudWatchQuestions {
  readonly calls: GetMetricDataInput[] = [];
  listings = 0;
  readonly #script: Script;
  readonly #askings = new Map<string, number>();

  constructor(script: Script) {
    this.#script = script;
  }

  async getMetricData(input: GetMetricDataInput): Promise<GetMetricDataOutput> {
    this.calls.push(input);
    const { pageSize = 100, status = () => 'Complete' as const } = this.#script;
    const page = Number(input.NextToken ?? 0);
    const results = (input.MetricDataQueries ?? []).map((query) => {
      const { Metric, Stat } = query.MetricStat!;
      const dimensions = Metric!.Dimensions!.map(({ Name, Value }) => `${Name}=${Value}`);
      const key = [Metric!.MetricName, Stat, ...dimensions].join(' ');
      if (page === 0) this.#askings.set(key, (this.#askings.get(key) ?? 0) + 1);
      const points = (this.#script.published[key] ?? [])
        .map((value, minute) => ({ value, at: new Date(START + minute * PERIOD_MS) }))
        .filter((point) => point.value !== undefined);
      const shown = points.slice(page * pageSize, (page + 1) * pageSize);
      const isLast = points.length <= (page + 1) * pageSize;
      return {
        Id: query.Id!,
        Timestamps: shown.map(({ at }) => at),
        Values: shown.map(({ value }) => value!),
        StatusCode: isLast ? status(Metric!.MetricName!, this.#askings.get(key)!) : ('PartialData' as const),
        isLast,
      };
    });
    const isDone = results.every(({ isLast }) => isLast);
    return {
      MetricDataResults: results.map(({ isLast: _, ...result }) => result),
      ...(isDone ? {} : { NextToken: String(page + 1) }),
    };
  }

  async listMetrics() {
    this.listings += 1;
    return {
      Metrics: (this.#script.listed ?? []).map((dimensions) => ({
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
    };
  }
}

const HEALTHY: Published = {
  'MessageCount Sum ApiId=abc123 Stage=v1': [40, 200, undefined],
  'IncomingRecords Sum StreamName=events': [20, 100, 3],
  'WriteProvisionedThroughputExceeded Sum StreamName=events': [undefined, 2, undefined],
  'PutRecord.Latency Average StreamName=events': [undefined, 12.5, undefined],
  'Duration p99 FunctionName=echo-fn': [8, 9, undefined],
};

async function readFrom(script: Script) {
  const cloudWatch = new ScriptedCloudWatch(script);
  const stack = new StackMetrics({ cloudWatch, pipeline: PIPELINE, source: 'cloudwatch' });
  const metrics = await stack.read(WINDOW);
  const series = new Map(metrics.series.map((one) => [one.id, one]));
  return { cloudWatch, stack, metrics, series };
}

test('one call brings everything, in whole minutes', async () => {
  const { cloudWatch, metrics, series } = await readFrom({ published: HEALTHY });
  assert.equal(cloudWatch.calls.length, 1);
  const [call] = cloudWatch.calls;
  assert.deepEqual([call!.StartTime?.getTime(), call!.EndTime?.getTime()], Object.values(WINDOW));
  assert.ok(call!.MetricDataQueries!.every(({ MetricStat }) => MetricStat!.Period === 60));
  assert.ok(call!.MetricDataQueries!.every(({ Id }) => /^[a-z]\w*$/.test(Id!)));
  assert.deepEqual(
    [metrics.source, metrics.periodMs, metrics.incomingRecords, metrics.problems],
    ['cloudwatch', 60_000, 123, undefined],
  );
  assert.deepEqual(series.get('durationP99')?.values, [8, 9]);
  assert.deepEqual(metrics.window, WINDOW);
});

test('a count is zero where its source published nothing but others did; a latency is absent there', async () => {
  const { series } = await readFrom({ published: HEALTHY });
  assert.deepEqual(series.get('writeThrottles')?.values, [0, 2, 0]);
  assert.deepEqual(series.get('messageCount')?.values, [40, 200, 0]);
  assert.deepEqual(series.get('clientErrors')?.values, [0, 0, 0]);
  assert.deepEqual(series.get('putRecordLatency')?.values, [12.5]);
  assert.deepEqual(series.get('putRecordLatency')?.timestamps, [START + PERIOD_MS]);
});

test('a source that published nothing has no series: zero would be a guess', async () => {
  const { series } = await readFrom({ published: HEALTHY });
  assert.ok(!series.has('auditFunctionErrors'), 'nothing is known of the audit function');
  assert.ok(!series.has('millisBehindLatest'), 'nor of the consumer');
});

test('connections that nobody counts are not zero connections, and nothing is missing without them', async () => {
  const { metrics, series } = await readFrom({ published: HEALTHY });
  assert.deepEqual([series.has('connectCount'), metrics.problems], [false, undefined]);
  const counted = { ...HEALTHY, 'ConnectCount Sum ApiId=abc123 Stage=v1': [undefined, 8] };
  assert.deepEqual((await readFrom({ published: counted })).series.get('connectCount')?.values, [0, 8, 0]);
});

test('minutes that no metric has come to yet are not filled', async () => {
  const young = { 'IncomingRecords Sum StreamName=events': [20] };
  const { series, metrics } = await readFrom({ published: young });
  assert.deepEqual(series.get('writeThrottles')?.values, [0]);
  assert.equal(metrics.incomingRecords, 20);
});

test('no record published is not known, rather than none', async () => {
  const { metrics } = await readFrom({ published: {} });
  assert.deepEqual([metrics.incomingRecords, metrics.series], [null, []]);
});

test('pages add up', async () => {
  const { cloudWatch, series } = await readFrom({ published: HEALTHY, pageSize: 1 });
  assert.deepEqual(series.get('incomingRecords')?.values, [20, 100, 3]);
  assert.equal(cloudWatch.calls.length, 3);
});

test('what came back unfinished is asked for again, and only that', async () => {
  const status = (name: string, asking: number) =>
    name === 'IncomingRecords' && asking === 1
      ? 'InternalError'
      : name === 'Duration' && asking < 3
        ? 'PartialData'
        : 'Complete';
  const { cloudWatch, metrics } = await readFrom({ published: HEALTHY, status });
  const sizes = cloudWatch.calls.map(({ MetricDataQueries }) => MetricDataQueries!.length);
  assert.deepEqual(sizes.slice(1), [1 + 8, 8]);
  assert.equal(metrics.problems, undefined);
});

test('what stays unfinished is named', async () => {
  const status = (name: string) => (name === 'IteratorAge' ? ('PartialData' as const) : 'Complete');
  const { metrics } = await readFrom({ published: HEALTHY, status });
  assert.deepEqual(metrics.problems, ['CloudWatch gave only part of iteratorAge, auditFunctionIteratorAge']);
});

test('an API that publishes under other dimensions is found, once', async () => {
  const { 'MessageCount Sum ApiId=abc123 Stage=v1': _, ...rest } = HEALTHY;
  const published = { ...rest, 'MessageCount Sum ApiId=abc123': [1, 2, 3] };
  const listed = [{ ApiId: 'abc123', Stage: 'v1', Route: '$default' }, { ApiId: 'abc123' }];
  const { cloudWatch, stack, series } = await readFrom({ published, listed });
  assert.deepEqual(series.get('messageCount')?.values, [1, 2, 3]);
  await stack.read(WINDOW);
  assert.equal(cloudWatch.listings, 1);
});

test('an API that published nothing at all is looked for, and then absent', async () => {
  const { 'MessageCount Sum ApiId=abc123 Stage=v1': _, ...published } = HEALTHY;
  const { cloudWatch, series } = await readFrom({ published });
  assert.equal(cloudWatch.listings, 1);
  assert.ok(!series.has('messageCount'), 'no series');
});
