/**
 * GetMetricStatistics: statistics of one metric (GetMetricStatistics API reference). Unlike GetMetricData its model names
 * its errors: a parameter that is missing, has a bad value, or does not go with another.
 */
import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../endpoints/action.ts';
import type { Percentile, Statistic } from '../metrics.ts';
import type { MetricName, MetricReader } from './metric-reader.ts';
import { isPeriod, type Window } from './period.ts';
import { parsePercentile, STATISTICS } from './statistic.ts';

/** Datapoints in one answer (GetMetricStatistics API reference). */
const DATAPOINTS = 1_440;

/** A statistic asked for, and where its value goes in a datapoint. */
interface Column {
  readonly text: string;
  readonly statistic: Statistic | Percentile;
  put(datapoint: Datapoint, value: number): void;
}

export function getMetricStatistics(
  reader: MetricReader,
  input: GetMetricStatisticsInput,
): GetMetricStatisticsOutput {
  requireAll(input);
  const window = windowOf(input);
  const columns = columnsOf(input);
  checkSize(window);
  const { Namespace, MetricName, Dimensions, Unit } = input;
  const metric: MetricName = { namespace: Namespace!, name: MetricName!, dimensions: Dimensions ?? [] };
  const unit = reader.find(metric)?.unit;
  if (unit === undefined || (Unit !== undefined && Unit !== unit))
    return { Label: MetricName, Datapoints: [] };
  const datapoints = new Map<number, Datapoint>();
  for (const column of columns) {
    const { timestamps, values, unknown } = reader.read(metric, column.statistic, window);
    if (unknown > 0) throw statisticUnknown(column, unknown);
    for (const [index, timestamp] of timestamps.entries()) {
      const datapoint = datapoints.get(timestamp) ?? { Timestamp: new Date(timestamp), Unit: unit };
      column.put(datapoint, values[index]!);
      datapoints.set(timestamp, datapoint);
    }
  }
  return { Label: MetricName, Datapoints: [...datapoints.values()] };
}

const REQUIRED = ['Namespace', 'MetricName', 'StartTime', 'EndTime', 'Period'] as const;

function requireAll(input: GetMetricStatisticsInput): void {
  const missing = REQUIRED.filter((name) => input[name] === undefined || input[name] === '');
  if (missing.length > 0)
    throw new AwsError(
      'MissingParameter',
      missing.map((name) => `The parameter ${name} is required.`).join('\n'),
    );
}

function windowOf({ StartTime, EndTime, Period }: GetMetricStatisticsInput): Window {
  const window = {
    startEpochMs: StartTime!.getTime(),
    endEpochMs: EndTime!.getTime(),
    periodSeconds: Period!,
  };
  if (!isPeriod(window.periodSeconds))
    throw invalid(
      `The value ${Period} for parameter Period must be 1, 5, 10, 20, 30, 60 or any multiple of 60.`,
    );
  if (window.startEpochMs >= window.endEpochMs)
    throw badCombination('The parameter StartTime must be less than the parameter EndTime.');
  return window;
}

function columnsOf(input: GetMetricStatisticsInput): Column[] {
  const { Statistics = [], ExtendedStatistics = [] } = input;
  if (Statistics.length + ExtendedStatistics.length === 0)
    throw badCombination('One of the parameters Statistics and ExtendedStatistics must be given.');
  if (Statistics.length > 0 && ExtendedStatistics.length > 0)
    throw badCombination('The parameters Statistics and ExtendedStatistics cannot be used together.');
  return [...Statistics.map(plainColumn), ...ExtendedStatistics.map(percentileColumn)];
}

function plainColumn(text: string, index: number): Column {
  const statistic = STATISTICS.find((known) => known === text);
  if (statistic === undefined)
    throw invalid(`The value ${text} for parameter Statistics.member.${index + 1} is not a valid statistic.`);
  return {
    text,
    statistic,
    put: (datapoint, value) => {
      datapoint[statistic] = value;
    },
  };
}

function percentileColumn(text: string, index: number): Column {
  const statistic = parsePercentile(text);
  if (statistic === null)
    throw invalid(
      `The value ${text} for parameter ExtendedStatistics.member.${index + 1} is not a percentile, p0.0 to p100.`,
    );
  return {
    text,
    statistic,
    put: (datapoint, value) => {
      datapoint.ExtendedStatistics = { ...datapoint.ExtendedStatistics, [text]: value };
    },
  };
}

/** Counts periods, not values: AWS refuses before it looks whether there are any. */
function checkSize({ startEpochMs, endEpochMs, periodSeconds }: Window): void {
  const requested = Math.ceil((endEpochMs - startEpochMs) / (periodSeconds * 1_000));
  if (requested <= DATAPOINTS) return;
  throw badCombination(
    `You have requested up to ${requested} datapoints, which exceeds the limit of ${DATAPOINTS}. ` +
      'You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
  );
}

/** The answer has no room for saying that something is missing from it, so it is refused. */
function statisticUnknown({ text }: Column, periods: number): AwsError {
  return badCombination(`${periods} periods have values of which ${text} is not known to the local stage.`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

function badCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}
