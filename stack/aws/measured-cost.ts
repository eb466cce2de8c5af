/**
 * What a run that was made cost at list prices: from the messages, arrivals and connections that were counted, and from the
 * invocations and durations that the stage's metrics have. What was not counted is assumed, and a note says so. The run of a
 * local stage is priced as the same run on AWS, which is what a person who chooses settings wants to know.
 *
 * The figures per month and per million round trips are of the measured load going on: what messages cost by the message,
 * connections and shards by the hour. They leave out what only a short run has, such as opening and warm-up.
 */
import type { MetricSeries, RunCost, RunResult } from '../../bench/core/result.ts';
import { prefixedId } from '../metric-table.ts';
import { type CostItem, costItem, estimateOf, standingItems, unknownNotes } from './cost.ts';
import type { RegionPrices } from './prices.ts';
import {
  assumedInvocations,
  GIB,
  type Invocations,
  LAMBDA_ASSUMED,
  MESSAGE_UNIT_BYTES,
  METRIC_READS,
  NO_FREE_TIERS,
  NOT_ESTIMATED,
  readerItems,
  recordBytesOf,
  streamItems,
  type Traffic,
} from './run-cost.ts';
import type { StackShape } from './stack-shape.ts';

/** Hours of a month, as AWS's own calculator has them. */
const HOURS_PER_MONTH = 730;
const SECONDS_PER_HOUR = 3600;

/** What a cost is worked out from. */
type Run = Pick<
  RunResult,
  | 'plan'
  | 'stage'
  | 'messages'
  | 'connections'
  | 'throughput'
  | 'metrics'
  | 'traffic'
  | 'startedAt'
  | 'endedAt'
>;

export interface MeasuredCostOptions {
  readonly run: Run;
  readonly shape: StackShape;
  readonly prices: RegionPrices;
}

/** Counts that are billed. */
interface Counted extends Traffic {
  readonly arrivals: number;
  readonly connectionMinutes: number;
}

/** The cost of a run on a stack of the shape. */
export function measuredCost({ run, shape, prices }: MeasuredCostOptions): RunCost {
  const counted = countedIn(run);
  const lambda = lambdaOf(run, shape, counted);
  const byMessage = [
    ...messageItems(run, counted, prices),
    ...streamItems(shape, counted, prices),
    ...lambda.flatMap(({ reader, used }) => readerItems(reader, used, prices)),
  ];
  const connections = costItem(
    'WebSocket connections',
    counted.connectionMinutes,
    prices.rates.webSocketConnectionMinute,
  );
  const standing = standingItems(shape, prices, counted.hours);
  const isBilled = run.stage.kind === 'aws';
  const notes = notesOf(run, shape, { isBilled, isAssumed: lambda.some(({ isAssumed }) => isAssumed) });
  const items = [...byMessage, connections, ...standing, ...readings(run, prices)];
  const perMonth = monthOf(run, shape, { prices, messagesUsd: sum(byMessage), messages: counted.messages });
  return {
    ...estimateOf(items, prices, notes),
    basis: isBilled ? 'billed' : 'as on AWS',
    perMonth,
    perMillionRoundTrips: perMillion(perMonth, run.throughput.deliveredPerSecond),
  };
}

function countedIn({ plan, messages, connections, metrics, traffic, startedAt, endedAt }: Run): Counted {
  const { warmup } = messages;
  const fromMs = traffic?.startEpochMs ?? Date.parse(startedAt);
  const untilMs = traffic?.endEpochMs ?? Date.parse(endedAt);
  const hours = Math.max(0, untilMs - fromMs) / 1000 / SECONDS_PER_HOUR;
  // Connections open evenly, so while they open half of them are there on average.
  const openingHours = connections.opened / plan.connectRatePerSecond / SECONDS_PER_HOUR;
  const unexpected = [messages.unexpected, warmup.unexpected].flatMap((kinds) => Object.values(kinds));
  return {
    messages: traffic?.expectedRecords ?? messages.sent + warmup.sent,
    arrivals:
      messages.delivered +
      messages.duplicated +
      warmup.delivered +
      warmup.duplicated +
      unexpected.reduce((total, count) => total + count, 0),
    hours,
    sendingSeconds: (plan.warmupMs + plan.durationMs) / 1000,
    recordBytes: measuredRecordBytes(metrics) ?? recordBytesOf(plan),
    connectionMinutes: connections.opened * Math.max(0, hours - openingHours / 2) * 60,
  };
}

/** Mean size of a record by the stream's own metrics. */
function measuredRecordBytes(metrics: Run['metrics']): number | null {
  const [bytes, records] = ['incomingBytes', 'incomingRecords'].map((id) => total(seriesOf(metrics, id)));
  return bytes && records ? bytes / records : null;
}

function messageItems(
  { plan, messages }: Run,
  { arrivals, messages: records }: Counted,
  { rates }: RegionPrices,
): CostItem[] {
  const units = Math.ceil(plan.payloadBytes / MESSAGE_UNIT_BYTES);
  const sent = Math.max(records, messages.sent + messages.warmup.sent);
  return [
    costItem('WebSocket messages, both ways', (sent + arrivals) * units, rates.webSocketMessage),
    costItem('Data transfer out', (arrivals * plan.payloadBytes) / GIB, rates.internetGigabyteOut),
  ];
}

/** Only CloudWatch is billed for, but so it would be of a run priced as on AWS. */
function readings({ metrics }: Run, { rates }: RegionPrices): CostItem[] {
  const series = metrics?.series.length ?? 0;
  return [costItem('CloudWatch metrics', series * METRIC_READS, rates.metricRequested)];
}

interface Used {
  readonly reader: StackShape['readers'][number];
  readonly used: Invocations;
  readonly isAssumed: boolean;
}

function lambdaOf(run: Run, shape: StackShape, traffic: Traffic): Used[] {
  const primary = primaryFunction(run, shape);
  return shape.readers.map((reader) => {
    const measured =
      reader.functionId === null ? null : invocationsIn(run.metrics, reader.functionId, primary);
    return {
      reader,
      used: measured ?? assumedInvocations(reader, shape, traffic),
      isAssumed: measured === null,
    };
  });
}

/** The function whose series have plain names: the pipeline's first, or the only one without series of its own name. */
function primaryFunction({ stage, metrics }: Run, { readers }: StackShape): string | null {
  const known = stage.pipeline?.functions[0]?.logicalId;
  if (known !== undefined) return known;
  const plain = readers
    .map(({ functionId }) => functionId)
    .filter((id) => id !== null && seriesOf(metrics, prefixedId(id, 'invocations')) === undefined);
  return plain.length === 1 ? (plain[0] ?? null) : null;
}

function invocationsIn(
  metrics: Run['metrics'],
  functionId: string,
  primary: string | null,
): Invocations | null {
  const prefix = functionId === primary ? '' : functionId;
  const invocations = seriesOf(metrics, prefixedId(prefix, 'invocations'));
  const duration = seriesOf(metrics, prefixedId(prefix, 'duration'));
  if (invocations === undefined || duration === undefined) return null;
  const times = new Map(invocations.timestamps.map((at, index) => [at, invocations.values[index] ?? 0]));
  const milliseconds = duration.timestamps.map(
    (at, index) => (times.get(at) ?? 0) * (duration.values[index] ?? 0),
  );
  return {
    invocations: total(invocations) ?? 0,
    seconds: milliseconds.reduce((all, ms) => all + ms, 0) / 1000,
  };
}

function seriesOf(metrics: Run['metrics'], id: string): MetricSeries | undefined {
  return metrics?.series.find((series) => series.id === id);
}

function total(series: MetricSeries | undefined): number | null {
  return series === undefined ? null : series.values.reduce((all, value) => all + value, 0);
}

const sum = (items: readonly CostItem[]): number => items.reduce((all, { cost }) => all + cost, 0);

interface MonthOptions {
  readonly prices: RegionPrices;
  /** What messages cost in the run, and how many they were. */
  readonly messagesUsd: number;
  readonly messages: number;
}

function monthOf(
  { throughput, connections }: Run,
  shape: StackShape,
  { prices, messagesUsd, messages }: MonthOptions,
): number {
  const perMessage = messages === 0 ? 0 : messagesUsd / messages;
  const connected = costItem(
    'WebSocket connections',
    connections.opened * HOURS_PER_MONTH * 60,
    prices.rates.webSocketConnectionMinute,
  );
  return (
    perMessage * throughput.sentPerSecond * SECONDS_PER_HOUR * HOURS_PER_MONTH +
    connected.cost +
    sum(standingItems(shape, prices, HOURS_PER_MONTH))
  );
}

function perMillion(perMonth: number, deliveredPerSecond: number): number | null {
  const delivered = deliveredPerSecond * SECONDS_PER_HOUR * HOURS_PER_MONTH;
  return delivered === 0 ? null : (perMonth / delivered) * 1e6;
}

function notesOf(
  { stage, metrics }: Run,
  shape: StackShape,
  { isBilled, isAssumed }: { isBilled: boolean; isAssumed: boolean },
): string[] {
  const source = metrics?.source === 'cloudwatch' ? 'CloudWatch' : 'the stage’s own metrics';
  return [
    ...(isBilled
      ? []
      : [`nothing was billed: this is what the same run would cost on AWS (${stage.region ?? 'us-east-1'})`]),
    NO_FREE_TIERS,
    isAssumed ? LAMBDA_ASSUMED : `invocations and their durations are those of ${source}`,
    'shards are counted for the length of the run; AWS bills every hour that one began',
    NOT_ESTIMATED,
    ...unknownNotes(shape),
  ];
}
