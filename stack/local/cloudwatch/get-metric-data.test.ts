import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GetMetricDataInput, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import {
  at,
  CloudWatchBed,
  DURATION,
  metricQuery,
  pointsOf,
  RECORDS,
  refusal,
} from './testing/cloudwatch.ts';

describe('GetMetricData of metrics', () => {
  test('answers whole minutes of AWS namespaces in every statistic, and leaves empty minutes out', async () => {
    const bed = new CloudWatchBed();
    await bed.record(DURATION, [
      [0, 10],
      [1, 20],
      [59, 60],
      [61, 5],
      [200, 7],
    ]);
    const of = (stat: string) => bed.points([metricQuery(DURATION, { stat })]);
    const minutes = (first: number, second: number) => [
      [0, first],
      [60, second],
      [180, second === 1 ? 1 : 7],
    ];
    assert.deepEqual(of('Sum'), minutes(90, 5));
    assert.deepEqual(of('Average'), minutes(30, 5));
    assert.deepEqual(of('Minimum'), minutes(10, 5));
    assert.deepEqual(of('Maximum'), minutes(60, 5));
    assert.deepEqual(of('SampleCount'), minutes(3, 1));
    const median = of('p50')[0]![1];
    assert.ok(Math.abs(median - 20) <= 20 / 256, `${median} is about 20`);
    assert.deepEqual(of('p100'), minutes(60, 5));
    assert.deepEqual(of('p99.99').length, 3);
  });

  test('rounds the start down to the minute, excludes the end, and answers newest first unless told', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [
      [30, 1],
      [90, 2],
      [150, 4],
      [179, 8],
      [180, 16],
    ]);
    const { MetricDataResults } = bed.data([metricQuery(RECORDS)], {
      StartTime: at(75),
      EndTime: at(180),
      ScanBy: undefined,
    });
    assert.deepEqual(pointsOf(MetricDataResults![0]!), [
      [120, 12],
      [60, 2],
    ]);
    assert.equal(MetricDataResults![0]!.Label, 'IncomingRecords');
    assert.equal(MetricDataResults![0]!.StatusCode, 'Complete');
    // A minute that begins before the end is whole.
    assert.deepEqual(bed.points([metricQuery(RECORDS)], { StartTime: at(120), EndTime: at(121) }), [
      [120, 12],
    ]);
  });

  test('counts longer periods from the start, with the minutes that begin before the end', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [
      [60, 1],
      [120, 2],
      [180, 4],
      [240, 8],
    ]);
    const window = { StartTime: at(60), EndTime: at(240) };
    assert.deepEqual(bed.points([metricQuery(RECORDS, { period: 120 })], window), [
      [60, 3],
      [180, 4],
    ]);
  });

  test('has seconds under its own namespace only; AWS has its minute at the start of the minute', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [
      [3, 1],
      [4, 2],
      [12, 4],
      [70, 8],
    ]);
    const of = (period: number, local: boolean, input: Partial<GetMetricDataInput> = {}) =>
      bed.points([metricQuery(RECORDS, { period, local })], input);
    assert.deepEqual(of(1, true), [
      [3, 1],
      [4, 2],
      [12, 4],
      [70, 8],
    ]);
    assert.deepEqual(of(5, true, { StartTime: at(2) }), [
      [0, 3],
      [10, 4],
      [70, 8],
    ]);
    assert.deepEqual(of(60, true, { EndTime: at(4) }), [[0, 1]]);
    const minutes = [
      [0, 7],
      [60, 8],
    ];
    assert.deepEqual(of(60, true), minutes);
    assert.deepEqual(of(60, false), minutes);
    assert.deepEqual(of(10, false), minutes);
    assert.deepEqual(of(10, false, { StartTime: at(15) }), [[60, 8]]);
  });

  test('has no short periods for a start of more than three hours ago', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [[10_000, 1]]);
    const ask = (period: number, start: number) =>
      bed.points([metricQuery(RECORDS, { period, local: true })], {
        StartTime: at(start),
        EndTime: at(10_001),
      });
    assert.deepEqual(ask(1, 0), [[10_000, 1]]);
    await bed.clock.advance(1_000_000);
    assert.deepEqual(ask(1, 0), []);
    assert.deepEqual(ask(1, 9_000), [[10_000, 1]]);
    assert.deepEqual(ask(60, 0), [[9_960, 1]]);
  });

  test('has no values before 1970, and says so without ado', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [[0, 1]]);
    const StartTime = new Date(-8_232_000_000_000);
    assert.equal(bed.points([metricQuery(RECORDS)], { StartTime }).length, 1);
  });

  test('has nothing for another unit, other dimensions or an unknown metric', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [[0, 1]]);
    const query = metricQuery(RECORDS);
    const inUnit = (Unit: 'Count' | 'Bytes') => ({ ...query, MetricStat: { ...query.MetricStat!, Unit } });
    assert.deepEqual(bed.points([inUnit('Count')]), [[0, 1]]);
    assert.deepEqual(bed.points([inUnit('Bytes')]), []);
    assert.deepEqual(bed.points([metricQuery({ ...RECORDS, dimensions: {} })]), []);
    assert.deepEqual(bed.points([metricQuery({ ...RECORDS, name: 'Other' })]), []);
  });

  test('answers what a metric counts for under its other dimensions', async () => {
    const bed = new CloudWatchBed();
    const perResource = { ...DURATION, dimensions: { FunctionName: 'f', Resource: 'f:live' } };
    bed.store.alias(DURATION, perResource);
    await bed.record(DURATION, [[0, 5]]);
    assert.deepEqual(bed.points([metricQuery(perResource)]), [[0, 5]]);
  });

  test('says of a percentile that is not known how many periods have values', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [[0, 1]]);
    const [result] = bed.data([metricQuery(RECORDS, { stat: 'p99' })]).MetricDataResults!;
    assert.deepEqual(result!.Values, []);
    assert.equal(result!.StatusCode, 'PartialData');
    assert.match(result!.Messages![0]!.Value!, /^1 periods have values of which p99 is not known/);
  });

  test('pages at MaxDatapoints, in both directions, and every datapoint comes once', async () => {
    const bed = new CloudWatchBed();
    await bed.record(
      RECORDS,
      [0, 1, 2, 3, 4].map((minute) => [minute * 60, minute]),
    );
    await bed.record(DURATION, [[241, 9]]);
    const nothing = metricQuery({ ...RECORDS, name: 'Other' }, { id: 'm0' });
    const queries = [nothing, metricQuery(RECORDS), metricQuery(DURATION, { id: 'm2' })];
    for (const ScanBy of ['TimestampAscending', 'TimestampDescending'] as const) {
      const got = new Map<string, [number, number][]>();
      const codes: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = bed.data(queries, { MaxDatapoints: 2, ScanBy, NextToken });
        for (const result of page.MetricDataResults!) {
          codes.push(`${result.Id} ${result.StatusCode}`);
          got.set(result.Id!, [...(got.get(result.Id!) ?? []), ...pointsOf(result)]);
        }
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      for (const query of queries)
        assert.deepEqual(got.get(query.Id!), bed.points([query], { ScanBy }), `${query.Id} ${ScanBy}`);
      assert.deepEqual(codes, [
        'm0 Complete',
        'm1 PartialData',
        'm1 PartialData',
        'm1 Complete',
        'm2 Complete',
      ]);
    }
  });

  test('refuses a token that is not of the request', async () => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [
      [0, 1],
      [60, 1],
    ]);
    const { NextToken } = bed.data([metricQuery(RECORDS)], { MaxDatapoints: 1 });
    const invalid = refusal('InvalidNextToken', 'NextToken');
    assert.throws(() => bed.data([metricQuery(RECORDS)], { MaxDatapoints: 2, NextToken }), invalid);
    assert.throws(() => bed.data([metricQuery(RECORDS)], { NextToken: 'x' }), invalid);
  });
});

describe('GetMetricData refuses', () => {
  const bed = new CloudWatchBed();
  const query = metricQuery(RECORDS);
  const cases: readonly [string, readonly MetricDataQuery[], Partial<GetMetricDataInput>, string][] = [
    ['no queries', [], {}, 'The parameter MetricDataQueries is required.'],
    [
      'more than 500 queries',
      Array.from({ length: 501 }, (_, index) => ({ ...query, Id: `m${index}` })),
      {},
      'must not have a size greater than 500.',
    ],
    ['an id that begins with a capital', [{ ...query, Id: 'M1' }], {}, 'MetricDataQueries.member.1.Id'],
    ['an id twice', [query, query], {}, 'not unique: m1'],
    ['a query of nothing', [{ Id: 'm1' }], {}, 'MetricDataQueries.member.1.MetricStat is required'],
    ['a query of both', [{ ...query, Expression: 'm1' }], {}, 'Exactly one of'],
    [
      'metric math',
      [query, { Id: 'e1', Expression: 'm1 * 2' }],
      {},
      'Metric math is not supported by the local stage',
    ],
    ['a period of 45 s', [metricQuery(RECORDS, { period: 45 })], {}, 'must be 1, 5, 10, 20, 30, 60'],
    ['a period of 0', [metricQuery(RECORDS, { period: 0 })], {}, 'must be 1, 5, 10, 20, 30, 60'],
    [
      'an unknown statistic',
      [metricQuery(RECORDS, { stat: 'Median' })],
      {},
      'The value Median for parameter MetricDataQueries.member.1.MetricStat.Stat is not a valid statistic.',
    ],
    ['a percentile above 100', [metricQuery(RECORDS, { stat: 'p100.1' })], {}, 'is not a valid statistic'],
    ['a trimmed mean', [metricQuery(RECORDS, { stat: 'tm99' })], {}, 'tm99 for parameter'],
    [
      'a winsorized mean',
      [metricQuery(RECORDS, { stat: 'WM(10%:90%)' })],
      {},
      'not supported by the local stage',
    ],
    ['a metric without a name', [metricQuery({ ...RECORDS, name: '' })], {}, 'MetricName is required'],
    ['another account', [{ ...query, AccountId: '1' }], {}, 'AccountId'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what a dynamic label looks like
    ['a dynamic label', [{ ...query, Label: 'max ${MAX}' }], {}, 'Dynamic labels are not supported'],
    ['an end before the start', [query], { EndTime: at(-1) }, 'EndTime must be greater than StartTime'],
    ['an end at the start', [query], { EndTime: at(0) }, 'StartTime must not equal parameter EndTime'],
    ['no start', [query], { StartTime: undefined }, 'The parameter StartTime is required.'],
    ['too many datapoints', [query], { MaxDatapoints: 100_801 }, 'MaxDatapoints'],
  ];
  for (const [what, queries, input, text] of cases) {
    test(what, () => assert.throws(() => bed.data(queries, input), refusal('ValidationError', text)));
  }

  test('everything at once', () => {
    const broken = [metricQuery(RECORDS, { stat: 'x', period: 7 }), { Id: 'e1', Expression: 'm1' }];
    assert.throws(
      () => bed.data(broken, { EndTime: at(0) }),
      (error: Error) => error.message.split('\n').length === 4,
    );
  });
});
