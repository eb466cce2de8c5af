/**
 * Quotas that an account can have raised, by their defaults. The local stage follows them and the warnings before a run are
 * about them, so they are stated once.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html ("Amazon API Gateway quotas") and
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html,
 * read in November 2026.
 */

/** New WebSocket connections a second, of an account in a Region. */
export const CONNECTS_PER_SECOND = 500;

/** Requests of an account in a Region, messages and callbacks together: a token bucket. */
const REQUESTS = { perSecond: 10_000, burst: 5_000 } as const;
const FEWER_REQUESTS = { perSecond: 2_500, burst: 1_250 } as const;

/** Cape Town, Milan, Jakarta, UAE, Hyderabad, Melbourne, Spain, Zurich, Tel Aviv, Calgary, Malaysia, Thailand, Mexico. */
const FEWER_IN = new Set([
  'af-south-1',
  'eu-south-1',
  'ap-southeast-3',
  'me-central-1',
  'ap-south-2',
  'ap-southeast-4',
  'eu-south-2',
  'eu-central-2',
  'il-central-1',
  'ca-west-1',
  'ap-southeast-5',
  'ap-southeast-7',
  'mx-central-1',
]);

/** The default quota of requests in a Region. */
export function requestQuotaIn(region: string): { readonly perSecond: number; readonly burst: number } {
  return FEWER_IN.has(region) ? FEWER_REQUESTS : REQUESTS;
}

/** Limits of a WebSocket connection, which no account can have raised. */
export const WEBSOCKET_LIMITS = {
  frameBytes: 32 * 1024,
  idleMs: 10 * 60_000,
  lifetimeMs: 2 * 3_600_000,
} as const;

/** Functions that an account runs at once by default: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const CONCURRENT_EXECUTIONS = 1_000;

/** Registered consumers of a stream ("Quotas and limits", Kinesis Data Streams; on-demand Advantage has 50). */
export const CONSUMERS_PER_STREAM = 20;

/** Shards of an account: https://docs.aws.amazon.com/general/latest/gr/ak.html ("Service quotas"), read in November 2026. */
const SHARDS: Readonly<Record<number, readonly string[]>> = {
  20000: ['us-east-1', 'us-west-2', 'eu-west-1'],
  6000: [
    ...['us-east-2', 'ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'eu-central-1'],
    'eu-west-3',
  ],
};
const FEWEST_SHARDS = 1_000;

/** Shards of an account in a Region by default. */
export function shardQuotaIn(region: string): number {
  const found = Object.entries(SHARDS).find(([, regions]) => regions.includes(region));
  return found === undefined ? FEWEST_SHARDS : Number(found[0]);
}

/**
 * What Service Quotas calls them. They are looked up by name: a code that is wrong would be that of something else. The codes
 * are those of the links in AWS's tables of quotas (the pages above), and of the API's answers for the burst.
 */
export const SERVICE_QUOTAS = {
  requestsPerSecond: { service: 'apigateway', name: 'Throttle rate', code: 'L-8A5B8E43' },
  requestBurst: { service: 'apigateway', name: 'Throttle burst rate', code: 'L-CDF5615A' },
  connectsPerSecond: { service: 'apigateway', name: 'WebSocket new connections rate', code: 'L-9ED1E49A' },
  executions: { service: 'lambda', name: 'Concurrent executions', code: 'L-B99A9384' },
  shards: { service: 'kinesis', name: 'Shards per Region', code: 'L-0918CF54' },
} as const;
