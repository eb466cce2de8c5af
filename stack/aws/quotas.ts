/**
 * The account's quotas against a stack and a plan. Service Quotas knows what the account was given; where it may not be
 * asked, the defaults stand in. Each finding is a warning, one sentence with the figure and the page it is from.
 */
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { type Plan, STACK_CONNECTS_PER_SECOND } from '../../bench/model/plan.ts';
import {
  CONCURRENT_EXECUTIONS,
  CONNECTS_PER_SECOND,
  CONSUMERS_PER_STREAM,
  requestQuotaIn,
  SERVICE_QUOTAS,
  shardQuotaIn,
  WEBSOCKET_LIMITS,
} from '../default-quotas.ts';
import type { Account } from './account.ts';
import { allOf } from './clients.ts';
import { meanRatePerSecond, recordBytesOf } from './run-cost.ts';
import type { StackShape, StreamShape } from './stack-shape.ts';
import { StageError } from './stage-error.ts';

const WEBSOCKET_PAGE =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html';
const API_PAGE = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html';
const KINESIS_PAGE = 'https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html';
const LAMBDA_PAGE = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';

/** Above this share of a quota the next to connect, or a moment's jitter, meets it. */
const NEAR_QUOTA = 0.9;
const { frameBytes: FRAME_BYTES } = WEBSOCKET_LIMITS;
const CONNECTION_SECONDS = WEBSOCKET_LIMITS.lifetimeMs / 1000;
const IDLE_SECONDS = WEBSOCKET_LIMITS.idleMs / 1000;
const SHARD_RECORDS_PER_SECOND = 1000;
const SHARD_BYTES_PER_SECOND = 1_000_000;
const ON_DEMAND_RECORDS_PER_SECOND = 4000;
const ON_DEMAND_BYTES_PER_SECOND = 4_000_000;

/** Quotas that the stack itself would hit in an account that has nothing else. */
export function stackQuotaWarnings(
  shape: StackShape,
  region: string,
  quotas: AccountQuotas = defaultQuotas(region),
): string[] {
  const shards = shape.streams.reduce((sum, stream) => sum + (stream.shards ?? 0), 0);
  const executions = shape.readers.reduce((sum, { stream, parallelization }) => {
    const read = shape.streams.find(({ logicalId }) => logicalId === stream);
    return sum + (read?.shards ?? 0) * parallelization;
  }, 0);
  return [
    ...warnIf(
      shards > quotas.shards.value,
      `${figure(shards)} shards exceed ${quotas.shards.are} of ${figure(quotas.shards.value)} in ${region}: ${KINESIS_PAGE}`,
    ),
    ...shape.streams.flatMap(({ logicalId, fanOutConsumers }) =>
      warnIf(
        fanOutConsumers > CONSUMERS_PER_STREAM,
        `${fanOutConsumers} fan-out consumers of ${logicalId} exceed the default quota of ${CONSUMERS_PER_STREAM} a stream: ${KINESIS_PAGE}`,
      ),
    ),
    ...warnIf(
      executions > quotas.executions.value,
      `the mappings can run ${figure(executions)} functions at once, and ${quotas.executions.are} is ${figure(quotas.executions.value)} concurrent executions an account (new accounts can have less): ${LAMBDA_PAGE}`,
    ),
  ];
}

/** A stage of which only the gateway is known. */
const UNKNOWN_SHAPE: StackShape = { streams: [], readers: [], stageRatePerSecond: null };

/** Quotas that a plan would hit on a stack of the shape; of the gateway alone where nothing is known of the stack. */
export function planQuotaWarnings(plan: Plan, shape: StackShape | null, quotas: AccountQuotas): string[] {
  const rate = plan.load.kind === 'open' ? plan.load.ratePerSecond : meanRatePerSecond(plan);
  return [
    ...connectWarnings(plan, quotas),
    ...gatewayWarnings(plan, shape ?? UNKNOWN_SHAPE, rate, quotas),
    ...connectionWarnings(plan, rate),
    ...(shape ?? UNKNOWN_SHAPE).streams.flatMap((stream) => streamWarnings(plan, stream, rate)),
  ];
}

function connectWarnings(
  { connectRatePerSecond }: Plan,
  { connectsPerSecond: { value, are } }: AccountQuotas,
): string[] {
  const rate = `${figure(connectRatePerSecond)} new connections/s`;
  const quota = `${are} of ${figure(value)}/s an account and region`;
  if (connectRatePerSecond > value)
    return [`${rate} exceed ${quota}, so some will be refused with HTTP 429: ${WEBSOCKET_PAGE}`];
  return warnIf(
    connectRatePerSecond > NEAR_QUOTA * value,
    `${rate} are above 90 % of ${quota}, so some may be refused with HTTP 429 and tried again; --connect-rate ${STACK_CONNECTS_PER_SECOND}/s keeps a distance: ${WEBSOCKET_PAGE}`,
  );
}

function gatewayWarnings(
  { payloadBytes }: Plan,
  { stageRatePerSecond }: StackShape,
  rate: number,
  { requestsPerSecond: { value, are } }: AccountQuotas,
): string[] {
  return [
    ...warnIf(
      2 * rate > value,
      `${figure(rate)} messages/s with their echoes take ${figure(2 * rate)} requests/s, and ${are} is ${figure(value)}/s an account and region for messages and callbacks together: ${API_PAGE}`,
    ),
    ...warnIf(
      stageRatePerSecond !== null && rate > stageRatePerSecond,
      `${figure(rate)} messages/s exceed the stage's own limit of ${figure(stageRatePerSecond ?? 0)}/s (parameter ThrottlingRateLimit): ${API_PAGE}`,
    ),
    ...warnIf(
      payloadBytes > FRAME_BYTES,
      `messages of ${figure(payloadBytes)} bytes are sent as one frame, and API Gateway closes a connection that sends a frame above ${figure(FRAME_BYTES)} bytes: ${WEBSOCKET_PAGE}`,
    ),
  ];
}

function connectionWarnings(plan: Plan, rate: number): string[] {
  const seconds =
    (plan.warmupMs + plan.durationMs + plan.drainMs) / 1000 + plan.connections / plan.connectRatePerSecond;
  const gapSeconds = plan.connections / rate;
  const openingSeconds = plan.connections / plan.connectRatePerSecond;
  return [
    ...warnIf(
      seconds > CONNECTION_SECONDS,
      `the run takes ${figure(seconds / 60)} minutes, and API Gateway ends every connection after ${CONNECTION_SECONDS / 60}: ${WEBSOCKET_PAGE}`,
    ),
    ...warnIf(
      openingSeconds > IDLE_SECONDS,
      `opening takes ${figure(openingSeconds)} s, and API Gateway ends a connection that is idle for ${IDLE_SECONDS} s, so the first would be gone before the last are open: ${WEBSOCKET_PAGE}`,
    ),
    ...warnIf(
      gapSeconds > IDLE_SECONDS,
      `a connection sends every ${figure(gapSeconds)} s, and API Gateway ends one that is idle for ${IDLE_SECONDS} s: ${WEBSOCKET_PAGE}`,
    ),
  ];
}

function streamWarnings(plan: Plan, stream: StreamShape, rate: number): string[] {
  const bytes = recordBytesOf(plan);
  if (stream.mode === 'ON_DEMAND') return onDemandWarnings(stream, rate, bytes);
  if (stream.shards === null) return [];
  const records = rate * busiestShare(plan.connections, stream.shards);
  const subject = `the busiest of ${stream.shards} shards of ${stream.logicalId} is likely to get`;
  return [
    ...warnIf(
      records > SHARD_RECORDS_PER_SECOND,
      `${subject} ${figure(records)} records/s, and a shard takes ${figure(SHARD_RECORDS_PER_SECOND)}: ${KINESIS_PAGE}`,
    ),
    ...warnIf(
      records * bytes > SHARD_BYTES_PER_SECOND,
      `${subject} ${figure((records * bytes) / 1e6)} MB/s (records of ${figure(bytes)} bytes), and a shard takes 1 MB/s: ${KINESIS_PAGE}`,
    ),
  ];
}

/**
 * Share of the messages that the busiest shard is likely to get: a connection's shard is a matter of chance, so shares
 * spread around 1/shards as a binomial's do; two standard deviations above cover most cases.
 */
function busiestShare(connections: number, shards: number): number {
  const mean = 1 / shards;
  return Math.min(1, mean + 2 * Math.sqrt((mean * (1 - mean)) / connections));
}

function onDemandWarnings({ logicalId }: StreamShape, rate: number, bytes: number): string[] {
  return warnIf(
    rate > ON_DEMAND_RECORDS_PER_SECOND || rate * bytes > ON_DEMAND_BYTES_PER_SECOND,
    `${figure(rate)} records/s of ${figure(bytes)} bytes exceed the 4,000 records/s or 4 MB/s that a new on-demand stream (${logicalId}) starts with: ${KINESIS_PAGE}`,
  );
}

function warnIf(isHit: boolean, sentence: string): string[] {
  return isHit ? [sentence] : [];
}

function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });
}

export interface Quota {
  readonly value: number;
  /** What the figure is called. */
  readonly are: "the account's quota" | 'the default quota';
}

export interface AccountQuotas {
  /** New WebSocket connections. */
  readonly connectsPerSecond: Quota;
  /** Messages and callbacks together. */
  readonly requestsPerSecond: Quota;
  /** Functions at once. */
  readonly executions: Quota;
  /** Of all streams. */
  readonly shards: Quota;
  /** Which of them are defaults and why, a sentence; null where the account told all, or nobody was to ask. */
  readonly note: string | null;
}

/** Only wording depends on the reply, so it is not waited for long. */
const QUOTA_ATTEMPTS = 2;

type QuotaName = Exclude<keyof AccountQuotas, 'note'>;
const NAMES = [
  'connectsPerSecond',
  'requestsPerSecond',
  'executions',
  'shards',
] as const satisfies QuotaName[];

/** What an account of the region has that was given nothing else. */
export function defaultQuotas(region: string, note: string | null = null): AccountQuotas {
  const byDefault = (value: number): Quota => ({ value, are: 'the default quota' });
  return {
    connectsPerSecond: byDefault(CONNECTS_PER_SECOND),
    requestsPerSecond: byDefault(requestQuotaIn(region).perSecond),
    executions: byDefault(CONCURRENT_EXECUTIONS),
    shards: byDefault(shardQuotaIn(region)),
    note,
  };
}

/** The account's quotas. Never rejects for what AWS or the network says: then they are the defaults, with a word. */
export async function accountQuotas(account: Account): Promise<AccountQuotas> {
  const services = [...new Set(NAMES.map((name) => SERVICE_QUOTAS[name].service))];
  const reasons = new Set<string>();
  const answers = await Promise.all(
    services.map((service) =>
      quotasOf(account, service).catch((error: unknown) => {
        if (!(error instanceof StageError)) throw error;
        reasons.add(error.message);
        return [];
      }),
    ),
  );
  const told = new Map(answers.flat());
  const keyOf = (name: QuotaName) => keyed(SERVICE_QUOTAS[name].service, SERVICE_QUOTAS[name].name);
  const found = NAMES.filter((name) => told.has(keyOf(name)));
  const known = found.map((name) => [name, { value: told.get(keyOf(name))!, are: "the account's quota" }]);
  const missing = NAMES.filter((name) => !found.includes(name));
  return {
    ...defaultQuotas(account.region, noteOn(account.region, missing, reasons)),
    ...Object.fromEntries(known),
  };
}

function noteOn(region: string, missing: readonly QuotaName[], reasons: ReadonlySet<string>): string | null {
  if (missing.length === 0) return null;
  const why = reasons.size === 0 ? 'Service Quotas does not name them' : [...reasons].join('; ');
  const which =
    missing.length === NAMES.length
      ? ''
      : ` for ${missing.map((name) => SERVICE_QUOTAS[name].name).join(', ')}`;
  return `default quotas of ${region} are assumed${which}: ${why}`;
}

/** Names are looked for whatever their case. */
function keyed(service: string, name: string): string {
  return `${service} ${name.toLowerCase()}`;
}

/** By name. Quotas that were never raised are among them, at their defaults. */
async function quotasOf(
  account: Account,
  ServiceCode: string,
): Promise<(readonly [name: string, value: number])[]> {
  const client = account.client(ServiceQuotasClient, account.region, QUOTA_ATTEMPTS);
  const pages = paginateListServiceQuotas({ client, pageSize: 100 }, { ServiceCode });
  const quotas = await allOf(pages, ({ Quotas }) => Quotas);
  return quotas.flatMap(({ QuotaName, Value }) =>
    QuotaName === undefined || Value === undefined ? [] : [[keyed(ServiceCode, QuotaName), Value] as const],
  );
}
