/**
 * A Plan says everything about a run before it starts: what is driven, how hard, for how long. It is plain data with
 * no optional field: files and flags are parsed into it once, at the edge. Every time is milliseconds, every rate per
 * second, as the name says.
 */

import type { FaultPlan } from './fault.ts';

/** How intended times are spread: evenly, as a Poisson process, or evenly at a rate that rises linearly. */
export const ARRIVALS = ['constant', 'poisson', 'ramp'] as const;
export type Arrival = (typeof ARRIVALS)[number];

/** Latency profiles of the local stage. */
export const PROFILES = ['aws', 'ideal'] as const;
export type ProfileName = (typeof PROFILES)[number];

/** How the local gateway takes the messages of one connection: one after the other, or side by side. */
export const DISPATCHES = ['serial', 'concurrent'] as const;
export type Dispatch = (typeof DISPATCHES)[number];

/**
 * What wakes a driver's thread when a message is due: the event loop's timer, a thread that sleeps for it, or nothing
 * because the loop never sleeps. Precision against processor time; bench/README.md has the figures.
 */
export const PACINGS = ['timer', 'metronome', 'spin'] as const;
export type Pacing = (typeof PACINGS)[number];

/**
 * The offered load. `open`: messages are due when the schedule says, whatever happened to earlier ones. `closed`: each
 * connection keeps a number of messages outstanding and sends the next when one is answered.
 */
export type Load =
  | { readonly kind: 'open'; readonly ratePerSecond: number; readonly arrival: Arrival }
  | { readonly kind: 'closed'; readonly inFlight: number };

/**
 * Connections opened per second on a stack where nothing else is said: four fifths of API Gateway's quota, which is the
 * account's in a region and so shared with whatever else connects there. Elsewhere it is the quota itself, 500/s.
 */
export const STACK_CONNECTS_PER_SECOND = 400;

/** What a run on a stack takes beyond itself: changing and probing the stack, waiting for the next minute, and CloudWatch's delay. */
export const STACK_OVERHEAD_MS = 6 * 60_000;

export interface Plan {
  readonly name: string;
  /** `local`, a ws:// or wss:// URL, or the name or ARN of a CloudFormation stack. */
  readonly stage: string;
  /** AWS region of the stack; null leaves it to the environment. */
  readonly region: string | null;
  readonly connections: number;
  readonly connectRatePerSecond: number;
  /** Whether a connection that fails to open, or that the stage closes, is opened again as a new stream. */
  readonly reconnect: boolean;
  /** Connections that the driver closes and opens again as new streams, per second; 0 for none. */
  readonly churnPerSecond: number;
  /** Addresses of this machine that connections come from, in turn; empty leaves it to the system. */
  readonly localAddresses: readonly string[];
  readonly load: Load;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly drainMs: number;
  readonly payloadBytes: number;
  readonly trace: boolean;
  /** Template parameters of the local stage. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Path of the local stage's template; null for the reference stack. */
  readonly template: string | null;
  readonly profile: ProfileName;
  /** Of the local stage's gateway. AWS documents neither. */
  readonly dispatch: Dispatch;
  /** What goes wrong on the local stage; null for nothing. */
  readonly faults: FaultPlan | null;
  /** Names of the headers sent on connect. Their values are secrets and live outside the plan. */
  readonly headerNames: readonly string[];
  readonly thresholds: readonly string[];
  readonly threads: number;
  readonly pacing: Pacing;
  readonly seed: number;
}
