import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { serveEndpoints } from '../endpoints/testing/endpoints.ts';
import { at, CloudWatchBed, DURATION, metricQuery, pointsOf, RECORDS } from './testing/cloudwatch.ts';

const PROTOCOLS = {
  'AWS JSON': {},
  CBOR: { protocol: AwsSmithyRpcV2CborProtocol },
  Query: { protocol: AwsQueryProtocol },
};

for (const [name, protocol] of Object.entries(PROTOCOLS)) {
  test(`the stock client lists, reads and pages metrics over ${name}, and sees refusals by their names`, async (t) => {
    const bed = new CloudWatchBed();
    await bed.record(RECORDS, [
      [1, 5],
      [70, 2],
    ]);
    await bed.record(DURATION, [[71, 12.5]]);
    const { client, log } = await serveEndpoints(t, { cloudwatch: bed.actions });
    const cloudwatch = new CloudWatchClient({ ...client, ...protocol });
    t.after(() => cloudwatch.destroy());

    const { Metrics } = await cloudwatch.send(new ListMetricsCommand({ Namespace: 'Local/Kinesis' }));
    assert.deepEqual(Metrics, [
      {
        Namespace: 'Local/Kinesis',
        MetricName: 'IncomingRecords',
        Dimensions: [{ Name: 'StreamName', Value: 's' }],
      },
    ]);

    const range = { StartTime: at(0), EndTime: at(600) };
    const pages = paginateGetMetricData(
      { client: cloudwatch },
      { ...range, MetricDataQueries: [metricQuery(RECORDS)], MaxDatapoints: 1 },
    );
    const points: [number, number][] = [];
    for await (const { MetricDataResults } of pages) points.push(...MetricDataResults!.flatMap(pointsOf));
    assert.deepEqual(points, [
      [60, 2],
      [0, 5],
    ]);

    await assert.rejects(
      cloudwatch.send(
        new GetMetricDataCommand({ ...range, MetricDataQueries: [metricQuery(RECORDS)], NextToken: 'x' }),
      ),
      { name: 'InvalidNextToken' },
    );
    await assert.rejects(
      cloudwatch.send(
        new GetMetricDataCommand({ ...range, MetricDataQueries: [metricQuery(RECORDS, { stat: 'tm99' })] }),
      ),
      { name: 'ValidationException', message: /tm99/ },
    );
    assert.deepEqual(log, []);
  });
}
