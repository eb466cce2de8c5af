/**
 * A fault plan: what is to go wrong on the way, where, when and how often. Plain data, parsed once at the edge; the local
 * stage carries it out, and what became of it is part of the run's result. Times are milliseconds since the start of
 * measurement, so a plan means the same with any warm-up.
 */

import { z } from 'zod';
import { amount, count, maybe, saved, text } from './saved.ts';

/** Where a fault strikes, and what can be done there. */
export const FAULT_ACTIONS = {
  /** A message on its way from the gateway into the stream. */
  ingest: ['drop', 'duplicate', 'delay', 'reorder'],
  /** An answer on its way from the gateway to the client. */
  delivery: ['drop', 'duplicate', 'delay', 'reorder'],
  /** A put that a shard refuses with ProvisionedThroughputExceededException. */
  shard: ['throttle'],
  /** An invocation. `error`: throws; `slow`: takes longer; `crash`: its process ends; `timeout`: runs into its limit. */
  function: ['error', 'slow', 'crash', 'timeout'],
  /** A post to a connection that is answered with an HTTP error instead of being delivered. */
  callback: ['error'],
  /** A client's connection. `kill`: it is reset; `half-open`: it stays open and carries nothing in either direction. */
  connection: ['kill', 'half-open'],
  /** The whole gateway takes in nothing and sends out nothing; what waits then goes at once, in order. */
  gateway: ['stall'],
} as const;

export type FaultSite = keyof typeof FAULT_ACTIONS;
export type FaultAction = (typeof FAULT_ACTIONS)[FaultSite][number];

/** A fault as plans and results hold it. */
export const FAULT = saved({
  /** Unique in its plan. */
  name: text,
  where: z.enum(Object.keys(FAULT_ACTIONS) as [FaultSite, ...FaultSite[]]),
  do: z.enum([...new Set(Object.values(FAULT_ACTIONS).flat())] as [FaultAction, ...FaultAction[]]),
  /** Since the start of measurement. */
  atMs: amount,
  /** Null: to the end of the run. */
  forMs: maybe,
  /** Chance of each message, put, invocation, post or connection to be struck, 0 to 1. */
  ratio: amount,
  /** Connections struck per second, in place of `ratio`; null where it does not apply. */
  ratePerSecond: maybe,
  /** How long a struck message or invocation is held up, or how long a reordered one waits at most. */
  delayMs: amount,
  /** Logical id of the function, or null for all. */
  functionId: text.nullable(),
  /** Index of the shard in the order of the stream's shards, or null for all. */
  shard: count.nullable(),
  /** Of `function` `error`: whether the function's work is done before it fails, or not done at all. */
  when: z.enum(['before', 'after']),
  /** HTTP status of a failed callback. */
  status: count,
});

export type Fault = Readonly<z.output<typeof FAULT>>;

/** A fault on everything, from the start to the end of the run: what a fault is where it says nothing else. */
export const PLAIN_FAULT = {
  atMs: 0,
  forMs: null,
  ratio: 1,
  ratePerSecond: null,
  delayMs: 0,
  functionId: null,
  shard: null,
  when: 'before',
  status: 500,
} as const satisfies Omit<Fault, 'name' | 'where' | 'do'>;

export const FAULT_PLAN = saved({ faults: z.array(FAULT).readonly() });

export type FaultPlan = Readonly<z.output<typeof FAULT_PLAN>>;

/** What was done to messages, in the ledger's words. `touched` counts what was struck; the rest what must be seen of it. */
export interface FaultCounts {
  touched: number;
  lost: number;
  duplicated: number;
  reordered: number;
}

/**
 * What a fault did. What its strikes do to messages is null where that is the stage's to decide, by its retries and its
 * settings, and not the fault's. Results of earlier versions have 0 there.
 */
export const FAULT_TALLY = saved({
  touched: count,
  lost: count.nullable(),
  duplicated: count.nullable(),
  reordered: count.nullable(),
});

export type FaultTally = z.output<typeof FAULT_TALLY>;

/** Where a strike decides by itself what becomes of a message. */
const DECIDING: readonly FaultSite[] = ['ingest', 'delivery'];

/** Whether strikes of a fault decide by themselves what becomes of messages. */
export function decidesMessages({ where }: Pick<Fault, 'where'>): boolean {
  return DECIDING.includes(where);
}

/** Counts of nothing. */
export function emptyFaultCounts(): FaultCounts {
  return { touched: 0, lost: 0, duplicated: 0, reordered: 0 };
}

/** The tally of a fault that has struck nothing. */
export function emptyFaultTally(fault: Pick<Fault, 'where'>): FaultTally {
  return decidesMessages(fault)
    ? emptyFaultCounts()
    : { touched: 0, lost: null, duplicated: null, reordered: null };
}

/** Whether the fault is at work at a time since the start of measurement. */
export function isActive({ atMs, forMs }: Fault, sinceStartMs: number): boolean {
  return sinceStartMs >= atMs && (forMs === null || sinceStartMs < atMs + forMs);
}
