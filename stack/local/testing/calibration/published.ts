/**
 * The measurement that profile `aws` is calibrated to, and how close the local stage must come to it. Source: "Serverless
 * Messaging: Latency Compared", bitesizedserverless.com, 2022: 1,024 messages per service in eu-west-1, from just before a
 * producer function's put to the start of the consumer function, so PutRecord and the invocation are part of it. The
 * rate of the messages and the number of shards are not told.
 */

export const PUBLISHED_SOURCE = '"Serverless Messaging: Latency Compared", bitesizedserverless.com, 2022';

/** Messages behind each published percentile. */
export const PUBLISHED_MESSAGES = 1_024;

/** How the consumer reads: pushed to by enhanced fan-out, or polling with the shared iterator. */
export const CONSUMERS = ['fanOut', 'polling'] as const;
export type Consumer = (typeof CONSUMERS)[number];

/** The published percentiles. */
export const PERCENTILES = [10, 50, 90, 99] as const;
export type Percentile = (typeof PERCENTILES)[number];

/** Milliseconds from put to function. */
export const PUBLISHED_MS: Readonly<Record<Consumer, Readonly<Record<Percentile, number>>>> = {
  fanOut: { 10: 28.8, 50: 49.4, 90: 67.5, 99: 109 },
  polling: { 10: 267, 50: 627, 90: 965, 99: 1_580 },
};
