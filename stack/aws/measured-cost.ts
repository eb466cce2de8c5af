/**
 * What a run that was made cost at list prices: from the messages, arrivals and connections that were counted, and from the
 * invocations and durations that the stage's metrics have. What was not counted is assumed, and a note says so. The run of a
 * local stage is priced as the same run on AWS, which is what a person who chooses settings wants to know.
 *
 * The figures per month and per million round trips are of the measured load going on: what messages cost by the message,
 * connections and shards by the hour. They leave out what only a short run has, such as opening and warm-up.
 */
import type { MetricSeries, RunCost, RunResult } from '../../bench/model/result.ts';
import { prefixedId } from '../pipeline.ts';
import {
  begunItems,
  type CostItem,
  costItem,
  dollars,
  estimateOf,
  standingItems,
  unknownNotes,
} from './cost.ts';
import type { RegionPrices } from './prices.ts';
import {
  assumedInvocations,
  type Invocations,
  LAMBDA_ASSUMED,
  METRIC_READS,
  messageItems,
  NO_FREE_TIERS,
  NOT_ESTIMATED,
  readerItems,
  recordBytesOf,
  streamItems,
  type Traffic,
  tierNote,
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
  const usage: Usage = { sent: sentIn(run, counted), counted, lambda };
  const byMessage = usageItems(run, shape, usage, prices);
  const connections = costItem(
    'WebSocket connections',
    counted.connectionMinutes,
    prices.rates.webSocketConnectionMinute,
  );
  const standing = standingItems(shape, prices, counted.hours);
  const isBilled = run.stage.kind === 'aws';
  const notes = notesOf(run, shape, {
    prices,
    begunUsd: sum(begunItems([{ shape, ms: counted.hours * SECONDS_PER_HOUR * 1000 }], prices)),
    isBilled,
    isAssumed: lambda.some(({ isAssumed }) => isAssumed),
  });
  const items = [...byMessage, connections, ...standing, ...readings(run, prices)];
  const perMonth = monthOf(run, shape, usage, prices);
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

/** Everything that is billed by the message. */
interface Usage {
  /** Messages that the gateway took, those that it throttled included. */
  readonly sent: number;
  readonly counted: Counted;
  readonly lambda: readonly Used[];
}

function sentIn({ messages }: Run, { messages: records }: Counted): number {
  return Math.max(records, messages.sent + messages.warmup.sent);
}

function usageItems({ plan }: Run, shape: StackShape, usage: Usage, prices: RegionPrices): CostItem[] {
  const { sent, counted, lambda } = usage;
  return [
    ...messageItems(plan, sent, counted.arrivals, prices),
    ...streamItems(shape, counted, prices),
    ...lambda.flatMap(({ reader, used }) => readerItems(reader, used, prices)),
  ];
}

/** The same going on so many times as long. */
function multiplied({ sent, counted, lambda }: Usage, factor: number): Usage {
  return {
    sent: sent * factor,
    counted: {
      ...counted,
      messages: counted.messages * factor,
      arrivals: counted.arrivals * factor,
    },
    lambda: lambda.map(({ used, ...rest }) => ({
      ...rest,
      used: { invocations: used.invocations * factor, seconds: used.seconds * factor },
    })),
  };
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
  // Each invocation is billed by the millisecond that it began; of a period only the mean is known.
  const milliseconds = duration.timestamps.map(
    (at, index) => (times.get(at) ?? 0) * Math.ceil(duration.values[index] ?? 0),
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

/** The measured load for a month: what was priced, as many times as it takes for what is sent in a month, each unit at its tier. */
function monthOf(run: Run, shape: StackShape, usage: Usage, prices: RegionPrices): number {
  const { throughput, connections } = run;
  const sent = throughput.sentPerSecond * SECONDS_PER_HOUR * HOURS_PER_MONTH;
  const byMessage =
    usage.sent === 0 ? [] : usageItems(run, shape, multiplied(usage, sent / usage.sent), prices);
  const connected = costItem(
    'WebSocket connections',
    connections.opened * HOURS_PER_MONTH * 60,
    prices.rates.webSocketConnectionMinute,
  );
  return sum(byMessage) + connected.cost + sum(standingItems(shape, prices, HOURS_PER_MONTH));
}

function perMillion(perMonth: number, deliveredPerSecond: number): number | null {
  const delivered = deliveredPerSecond * SECONDS_PER_HOUR * HOURS_PER_MONTH;
  return delivered === 0 ? null : (perMonth / delivered) * 1e6;
}

interface NoteFacts {
  readonly prices: RegionPrices;
  readonly begunUsd: number;
  readonly isBilled: boolean;
  readonly isAssumed: boolean;
}

function notesOf(
  { stage, metrics }: Run,
  shape: StackShape,
  { prices, begunUsd, isBilled, isAssumed }: NoteFacts,
): string[] {
  const source = metrics?.source === 'cloudwatch' ? 'CloudWatch' : 'the stage’s own metrics';
  return [
    ...(isBilled
      ? []
      : [`nothing was billed: this is what the same run would cost on AWS (${stage.region ?? 'us-east-1'})`]),
    NO_FREE_TIERS,
    tierNote(prices),
    isAssumed
      ? LAMBDA_ASSUMED
      : `invocations and their durations are those of ${source}, the mean of each period rounded up to the millisecond`,
    `shards are counted for the length of the run; AWS bills every hour that one begins: ${dollars(begunUsd)} where the stack stands for this run alone`,
    NOT_ESTIMATED,
    ...unknownNotes(shape),
  ];
}
