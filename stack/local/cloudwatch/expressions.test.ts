import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CloudWatchBed, DURATION, metricQuery, pointsOf, RECORDS } from './cloudwatch-fixture.ts';

function written(points: readonly (readonly [number, number])[]): string {
  return points.map(([second, value]) => `${second}=${value}`).join(' ');
}

describe('metric math', () => {
  const bed = new CloudWatchBed();
  const empty = metricQuery({ ...RECORDS, name: 'Other' }, { id: 'none' });
  const metrics = [metricQuery(RECORDS, { id: 'm1' }), metricQuery(DURATION, { id: 'm2' }), empty];
  const window = { EndTime: new Date(Date.UTC(2023, 10, 14, 22, 5)) };

  before(async () => {
    await bed.record(RECORDS, [
      [60, 10],
      [180, 30],
    ]);
    bed.store.meter(DURATION).record(4);
    await bed.record(DURATION, [[240, 8]]);
  });

  const evaluate = (Expression: string) => bed.points([...metrics, { Id: 'e1', Expression }], window);
  const results = (Expression: string) =>
    bed.data([...metrics, { Id: 'e1', Expression, Label: 'L' }], window).MetricDataResults!.slice(3);

  /** What each gives, as `second=value`. */
  const TABLE: Readonly<Record<string, string>> = {
    'm1 * 2 + 1': '60=21 180=61',
    '1 + 2 * m1': '60=21 180=61',
    '(1 + 2) * m1': '60=30 180=90',
    'm1 - 10 - 5': '60=-5 180=15',
    '900 / m1 / 3': '60=30 180=10',
    '-m1 * -2': '60=20 180=60',
    '- (m1 - 1.5e1)': '60=5 180=-15',
    // A missing value counts as 0 …
    'm1 + m2': '60=10 180=34 240=8',
    'm1 - m2': '60=10 180=26 240=-8',
    // … and a division by 0 drops the datapoint.
    'm1 / m2': '180=7.5 240=0',
    'm1 / 0': '',
    'SUM([m1, m2])': '60=10 180=34 240=8',
    'SUM(METRICS())': '60=10 180=34 240=8',
    'SUM(METRICS("1"))': '60=10 180=30',
    "SUM([METRICS('1'), METRICS('2')])": '60=10 180=34 240=8',
    'SUM(METRICS("zzz"))': '',
    'SUM(METRICS("zzz")) + m1': '60=10 180=30',
    'AVG([m1, m2])': '60=5 180=17 240=4',
    'AVG([m1, m2] / 2)': '60=2.5 180=8.5 240=2',
    'SUM(60 / [m1, m2])': '60=6 180=17 240=7.5',
    // Of one series, SUM and AVG are scalars.
    'm1 / SUM(m1)': '60=0.25 180=0.75',
    'm1 - AVG(m1)': '60=-10 180=10',
    'm1 + AVG(none)': '',
    'm1 + SUM(none)': '60=10 180=30',
    'FILL(m1, 0)': '0=0 60=10 120=0 180=30 240=0',
    'FILL(m1, -1 * 2)': '0=-2 60=10 120=-2 180=30 240=-2',
    'FILL(m1, REPEAT)': '60=10 120=10 180=30 240=30',
    'FILL(m1, LINEAR)': '60=10 120=20 180=30',
    'FILL(m1, m2)': '60=10 180=30 240=8',
    'FILL(none, 3)': '0=3 60=3 120=3 180=3 240=3',
    'FILL(m1, 0) + FILL(m2, 0)': '0=0 60=10 120=0 180=34 240=8',
    'SUM(FILL([m1, m2], 1))': '0=2 60=11 120=2 180=34 240=9',
  };
  for (const [expression, expected] of Object.entries(TABLE)) {
    test(expression, () => assert.equal(written(evaluate(expression)), expected));
  }

  test('an array gives one result per series, under one id, labelled with both labels', () => {
    const found = results('METRICS() * 2').map((result) => [result.Id, result.Label, pointsOf(result)]);
    assert.deepEqual(found, [
      [
        'e1',
        'L IncomingRecords',
        [
          [60, 20],
          [180, 60],
        ],
      ],
      [
        'e1',
        'L Duration',
        [
          [180, 8],
          [240, 16],
        ],
      ],
      ['e1', 'L Other', []],
    ]);
  });

  test('tells when datapoints were dropped', () => {
    assert.equal(results('m1 / m2')[0]!.Messages![0]!.Code, 'ArithmeticError');
    assert.equal(results('m1 + m2')[0]!.Messages, undefined);
  });

  test('expressions use each other in any order, and metrics that are not returned', () => {
    const queries = [
      { Id: 'e2', Expression: 'e1 / 2' },
      { Id: 'e1', Expression: 'm1 * 10', ReturnData: false },
      { ...metrics[0]!, ReturnData: false },
    ];
    const { MetricDataResults } = bed.data(queries, window);
    assert.deepEqual(
      MetricDataResults!.map(({ Id, Label }) => [Id, Label]),
      [['e2', 'e2']],
    );
    assert.deepEqual(pointsOf(MetricDataResults![0]!), [
      [60, 50],
      [180, 150],
    ]);
  });

  test('has one page only, and says what is missing from it', () => {
    const queries = [metrics[0]!, { Id: 'e1', Expression: 'm1 * 2' }];
    const answer = bed.data(queries, { ...window, MaxDatapoints: 3 });
    assert.deepEqual(
      answer.MetricDataResults!.map(({ StatusCode }) => StatusCode),
      ['Complete', 'PartialData'],
    );
    assert.deepEqual(pointsOf(answer.MetricDataResults![1]!), [[60, 20]]);
    assert.equal(answer.NextToken, undefined);
    assert.match(answer.Messages![0]!.Value!, /^1 datapoints beyond 3 are missing/);
  });
});
