/**
 * What a run will cost at list prices. Messages, connections and bytes follow from the plan; what Lambda does follows from
 * assumptions, which are named constants here and notes in the estimate. It is meant to be right to the tenth of a dollar
 * that decides whether to start a run, not to the cent of the bill.
 */
import { type Plan, STACK_OVERHEAD_MS } from '../../bench/model/plan.ts';
import {
  begunItems,
  begunNote,
  type CostEstimate,
  type CostItem,
  costItem,
  estimateOf,
  unknownNotes,
} from './cost.ts';
import type { RegionPrices } from './prices.ts';
import type { ReaderShape, StackShape } from './stack-shape.ts';

const HOUR_MS = 3_600_000;
const KIB = 1024;
/** Bytes of a gigabyte as the price lists mean it. */
const GIB = KIB ** 3;
const MESSAGE_UNIT_BYTES = 32 * KIB;
const PUT_UNIT_BYTES = 25 * KIB;

/** The reference stack's envelope around the base64 of a body: keys, ids and time, and the partition key. */
const ENVELOPE_BYTES = 128;

/** What the reference service adds to an echo of which a trace is asked: stamps and ids of fixed width but for a few digits. */
export const TRACE_BYTES = 309;

/** A ramp rises from a tenth of its rate, so it sends 55 % of what the final rate would. */
const RAMP_MEAN_SHARE = 0.55;
/** A closed loop sends when answers come; this is the calibrated profile's round trip. */
const CLOSED_LOOP_ROUND_TRIP_MS = 100;
/** Billed time of an invocation apart from posting, and of one post to a connection. No published figures exist. */
const INVOCATION_MS = 5;
const POST_MS = 10;
/** Series that a run asks CloudWatch for, and how often until they stand still. */
const METRIC_SERIES = 40;
export const METRIC_READS = 5;

export const NO_FREE_TIERS = 'free tiers and discounts are ignored';
export const TIERS_APPLIED =
  'prices of higher tiers are applied as if this were all that the account is billed for';
export const NO_TIERS = 'the price table has no higher tiers: everything is at the price of the first';
export const NOT_ESTIMATED =
  'not estimated: logs, failure queues, cold starts, and metrics of event source mappings';
export const LAMBDA_ASSUMED = `Lambda is billed on the assumption that an invocation takes ${INVOCATION_MS} ms and ${POST_MS} ms for each round of posts`;

export interface RunsCostOptions {
  /** One after the other, on one stack. */
  readonly runs: readonly Plan[];
  readonly shape: StackShape;
  readonly prices: RegionPrices;
  /** Time that the stack stands for them beyond what runs take by themselves, ms. */
  readonly waitsMs?: number;
}

/** Traffic, planned or measured, in numbers that are billed. */
export interface Traffic {
  readonly messages: number;
  readonly hours: number;
  readonly sendingSeconds: number;
  readonly recordBytes: number;
}

/** How long a stack stands for a run: while it is probed, driven and asked for metrics. */
export function standsForMs(plan: Plan): number {
  return trafficOf(plan).hours * HOUR_MS + STACK_OVERHEAD_MS;
}

/** What a run costs by what it sends, wherever it sends it: everything but what stands there anyway. */
export function usageItems(plan: Plan, shape: StackShape, prices: RegionPrices): CostItem[] {
  const traffic = trafficOf(plan);
  return [
    ...gatewayItems(plan, traffic, prices),
    ...streamItems(shape, traffic, prices),
    ...lambdaItems(shape, traffic, prices),
    costItem('CloudWatch metrics', METRIC_SERIES * METRIC_READS, prices.rates.metricRequested),
  ];
}

/** Estimates runs against a stack of the shape, with the hours that its shards begin while it stands for them. */
export function runsCost({ runs, shape, prices, waitsMs = 0 }: RunsCostOptions): CostEstimate {
  const standsMs = runs.reduce((sum, plan) => sum + standsForMs(plan), waitsMs);
  const closedLoop = runs.some(({ load }) => load.kind === 'closed')
    ? [
        `a closed loop sends as fast as it is answered: a round trip of ${CLOSED_LOOP_ROUND_TRIP_MS} ms is assumed`,
      ]
    : [];
  const items = [
    ...runs.flatMap((plan) => usageItems(plan, shape, prices)),
    ...begunItems([{ shape, ms: standsMs }], prices),
  ];
  return estimateOf(summedUp(items), prices, [
    NO_FREE_TIERS,
    tierNote(prices),
    begunNote(standsMs),
    LAMBDA_ASSUMED,
    NOT_ESTIMATED,
    ...closedLoop,
    ...unknownNotes(shape),
  ]);
}

/** Items of one label as one, in the order of the first. */
function summedUp(items: readonly CostItem[]): CostItem[] {
  const byLabel = new Map<string, CostItem>();
  for (const item of items) {
    const { quantity = 0, cost = 0 } = byLabel.get(item.label) ?? {};
    byLabel.set(item.label, { ...item, quantity: quantity + item.quantity, cost: cost + item.cost });
  }
  return [...byLabel.values()];
}

/** Messages per second that a plan sends on average, warm-up included. */
export function meanRatePerSecond({ load, connections }: Plan): number {
  if (load.kind === 'closed') return (connections * load.inFlight * 1000) / CLOSED_LOOP_ROUND_TRIP_MS;
  return load.arrival === 'ramp' ? load.ratePerSecond * RAMP_MEAN_SHARE : load.ratePerSecond;
}

/** Bytes of an echo: of a traced one with the stamps. */
export function echoBytesOf({ payloadBytes, trace }: Plan): number {
  return payloadBytes + (trace ? TRACE_BYTES : 0);
}

/** Messages as the gateway meters them, and what it sends out, for so many there and back. */
export function messageItems(plan: Plan, sent: number, echoes: number, { rates }: RegionPrices): CostItem[] {
  const unitsOf = (bytes: number): number => Math.ceil(bytes / MESSAGE_UNIT_BYTES);
  const echoBytes = echoBytesOf(plan);
  const units = sent * unitsOf(plan.payloadBytes) + echoes * unitsOf(echoBytes);
  return [
    costItem('WebSocket messages, both ways', units, rates.webSocketMessage),
    costItem('Data transfer out', (echoes * echoBytes) / GIB, rates.internetGigabyteOut),
  ];
}

/** What has to be known of the prices of higher tiers. */
export function tierNote({ rates }: RegionPrices): string {
  return Object.values(rates).some(({ tiers }) => tiers.length > 0) ? TIERS_APPLIED : NO_TIERS;
}

/** Bytes of a record in the stream, with its partition key. */
export function recordBytesOf({ payloadBytes }: Plan): number {
  return 4 * Math.ceil(payloadBytes / 3) + ENVELOPE_BYTES;
}

function trafficOf(plan: Plan): Traffic {
  const sendingSeconds = (plan.warmupMs + plan.durationMs) / 1000;
  const openingSeconds = plan.connections / plan.connectRatePerSecond;
  return {
    messages: meanRatePerSecond(plan) * sendingSeconds,
    hours: (openingSeconds + sendingSeconds + plan.drainMs / 1000) / 3600,
    sendingSeconds,
    recordBytes: recordBytesOf(plan),
  };
}

function gatewayItems(plan: Plan, { messages, hours }: Traffic, prices: RegionPrices): CostItem[] {
  // Connections open evenly, so while they open half of them are there on average.
  const openingHours = plan.connections / plan.connectRatePerSecond / 3600;
  const minutes = plan.connections * (hours - openingHours / 2) * 60;
  return [
    ...messageItems(plan, messages, messages, prices),
    costItem('WebSocket connections', minutes, prices.rates.webSocketConnectionMinute),
  ];
}

/** Writes to the streams and what their readers are billed for. */
export function streamItems(
  shape: StackShape,
  { messages, recordBytes }: Traffic,
  { rates }: RegionPrices,
): CostItem[] {
  return shape.streams.flatMap(({ logicalId, mode, fanOutConsumers }) => {
    const pollers = shape.readers.filter(({ stream, isFanOut }) => stream === logicalId && !isFanOut).length;
    if (mode === 'PROVISIONED') {
      const gigabytes = (messages * recordBytes) / GIB;
      return [
        costItem('Kinesis writes', messages * Math.ceil(recordBytes / PUT_UNIT_BYTES), rates.putUnit),
        costItem('Enhanced fan-out data', gigabytes * fanOutConsumers, rates.fanOutGigabyte),
      ];
    }
    const gigabytes = (messages * Math.ceil(recordBytes / KIB) * KIB) / GIB;
    return [
      costItem('Kinesis writes on demand', gigabytes, rates.onDemandGigabyteIn),
      costItem('Kinesis reads on demand', gigabytes * pollers, rates.onDemandGigabyteOut),
      costItem('Enhanced fan-out data on demand', gigabytes * fanOutConsumers, rates.onDemandFanOutGigabyte),
    ];
  });
}

function lambdaItems(shape: StackShape, traffic: Traffic, prices: RegionPrices): CostItem[] {
  return shape.readers.flatMap((reader) =>
    readerItems(reader, assumedInvocations(reader, shape, traffic), prices),
  );
}

/** Invocations of a function and the time they took together. */
export interface Invocations {
  readonly invocations: number;
  readonly seconds: number;
}

/** What a reader's function is billed for them. */
export function readerItems(
  { logicalId, architecture, memoryMb }: ReaderShape,
  { invocations, seconds }: Invocations,
  { rates }: RegionPrices,
): CostItem[] {
  const price = architecture === 'arm64' ? rates.lambdaArmGigabyteSecond : rates.lambdaX86GigabyteSecond;
  return [
    costItem(`Lambda requests, ${logicalId}`, invocations, rates.lambdaRequest),
    costItem(`Lambda time, ${logicalId}`, seconds * (memoryMb / KIB), price),
  ];
}

/** Invocations by the assumptions of this file. */
export function assumedInvocations(reader: ReaderShape, shape: StackShape, traffic: Traffic): Invocations {
  const shards = shape.streams.find(({ logicalId }) => logicalId === reader.stream)?.shards ?? 1;
  const { invocations, seconds } = invocationsOf(reader, shards, traffic);
  return { invocations, seconds: invocations * seconds };
}

/**
 * A lane (one shard, one of its concurrent invocations) gathers what arrives while its last invocation runs or its window
 * is open; a batch and the time it takes depend on each other, so the two are iterated to where they agree.
 */
function invocationsOf(
  { batchSize, windowSeconds, parallelization, postConcurrency }: ReaderShape,
  shards: number,
  { messages, sendingSeconds }: Traffic,
): { invocations: number; seconds: number } {
  const perLane = messages / sendingSeconds / (shards * parallelization);
  const secondsOf = (batch: number) => {
    const rounds = postConcurrency === null ? 0 : Math.ceil(batch / postConcurrency);
    return (INVOCATION_MS + rounds * POST_MS) / 1000;
  };
  let batch = 1;
  for (let step = 0; step < 20; step++) {
    batch = Math.min(batchSize, Math.max(1, perLane * Math.max(windowSeconds, secondsOf(batch))));
  }
  return { invocations: Math.ceil(messages / batch), seconds: secondsOf(batch) };
}
