import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GetMetricStatisticsInput } from '@aws-sdk/client-cloudwatch';
import { at, CloudWatchBed, DURATION, RECORDS, refusal } from './cloudwatch-fixture.ts';

const REQUEST: GetMetricStatisticsInput = {
  Namespace: 'AWS/Lambda',
  MetricName: 'Duration',
  Dimensions: [{ Name: 'FunctionName', Value: 'f' }],
  StartTime: at(0),
  EndTime: at(600),
  Period: 60,
  Statistics: ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'],
};

async function filled(): Promise<CloudWatchBed> {
  const bed = new CloudWatchBed();
  await bed.record(DURATION, [
    [1, 2],
    [2, 4],
    [130, 7],
  ]);
  await bed.record(RECORDS, [[131, 1]]);
  return bed;
}

describe('GetMetricStatistics', () => {
  test('answers all statistics of a period in one datapoint, with its unit', async () => {
    const bed = await filled();
    const seven = { Average: 7, Sum: 7, Minimum: 7, Maximum: 7, SampleCount: 1 };
    assert.deepEqual(bed.statistics(REQUEST), {
      Label: 'Duration',
      Datapoints: [
        {
          Timestamp: at(0),
          Unit: 'Milliseconds',
          Sum: 6,
          Average: 3,
          Minimum: 2,
          Maximum: 4,
          SampleCount: 2,
        },
        { Timestamp: at(120), Unit: 'Milliseconds', ...seven },
      ],
    });
  });

  test('answers percentiles as extended statistics', async () => {
    const bed = await filled();
    const asked = { ...REQUEST, Statistics: undefined, ExtendedStatistics: ['p0', 'p100'], Period: 300 };
    assert.deepEqual(bed.statistics(asked).Datapoints, [
      { Timestamp: at(0), Unit: 'Milliseconds', ExtendedStatistics: { p0: 2, p100: 7 } },
    ]);
  });

  test('has nothing for an unknown metric or another unit', async () => {
    const bed = await filled();
    assert.deepEqual(bed.statistics({ ...REQUEST, Dimensions: [] }).Datapoints, []);
    assert.deepEqual(bed.statistics({ ...REQUEST, Unit: 'Seconds' }).Datapoints, []);
  });

  const refusals: readonly [string, Partial<GetMetricStatisticsInput>, string, string][] = [
    [
      'a missing name',
      { MetricName: undefined },
      'MissingParameter',
      'The parameter MetricName is required.',
    ],
    ['a missing period', { Period: undefined }, 'MissingParameter', 'The parameter Period is required.'],
    ['a period of 90 s', { Period: 90 }, 'InvalidParameterValue', 'The value 90 for parameter Period'],
    ['no time at all', { EndTime: at(0) }, 'InvalidParameterCombination', 'StartTime must be less than'],
    ['no statistic', { Statistics: [] }, 'InvalidParameterCombination', 'must be given'],
    ['both kinds', { ExtendedStatistics: ['p50'] }, 'InvalidParameterCombination', 'cannot be used together'],
    [
      'a statistic that is none',
      { Statistics: ['Median' as 'Sum'] },
      'InvalidParameterValue',
      'The value Median for parameter Statistics.member.1',
    ],
    [
      'an extended statistic that is no percentile',
      { Statistics: [], ExtendedStatistics: ['p50', 'tm99'] },
      'InvalidParameterValue',
      'The value tm99 for parameter ExtendedStatistics.member.2',
    ],
    [
      'more than 1,440 datapoints',
      { EndTime: at(86_460) },
      'InvalidParameterCombination',
      'You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    ],
    [
      'a percentile that is not known',
      {
        Namespace: 'AWS/Kinesis',
        MetricName: 'IncomingRecords',
        Dimensions: [{ Name: 'StreamName', Value: 's' }],
        Statistics: [],
        ExtendedStatistics: ['p50'],
      },
      'InvalidParameterCombination',
      '1 periods have values of which p50 is not known',
    ],
  ];
  for (const [what, change, code, text] of refusals) {
    test(`refuses ${what}`, async () => {
      const bed = await filled();
      assert.throws(() => bed.statistics({ ...REQUEST, ...change }), refusal(code, text));
    });
  }

  test('takes exactly 1,440 datapoints', async () => {
    const bed = await filled();
    assert.equal(bed.statistics({ ...REQUEST, EndTime: at(86_400) }).Datapoints!.length, 2);
  });
});
