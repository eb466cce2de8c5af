/** What the driver's process and the local stage's process say to each other. Plain data over Node's IPC channel. */
import type { FaultPlan, FaultTally } from '../../bench/core/fault.ts';
import type { Dispatch, ProfileName } from '../../bench/core/plan.ts';
import type { StageMetrics } from '../../bench/core/result.ts';

/** Everything a stage's process needs to start. */
export interface StageRequest {
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  readonly dispatch: Dispatch;
  readonly seed: number;
  /** 0 takes any free port. */
  readonly port: number;
  readonly faults: FaultPlan | null;
  /** Origins that may connect. */
  readonly allowedOrigins: readonly string[];
}

/** What a started stage says of itself. */
export interface StageAnswer {
  readonly url: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Said to the stage. */
export type StageCommand =
  | { readonly kind: 'start'; readonly request: StageRequest }
  | {
      readonly kind: 'metrics';
      readonly id: number;
      readonly startEpochMs: number;
      readonly endEpochMs: number;
      /** The stage's health is judged from here: starting functions fills any machine for a while. */
      readonly measuredFromEpochMs: number;
    }
  /** Measurement starts then, UTC milliseconds. */
  | { readonly kind: 'measuring'; readonly fromEpochMs: number }
  /** What did the faults do? */
  | { readonly kind: 'faults'; readonly id: number }
  | { readonly kind: 'stop' };

/** Said by the stage. */
export type StageReport =
  | { readonly kind: 'started'; readonly answer: StageAnswer }
  /** Problems of the configuration, each with its remedy; empty when something else failed. */
  | { readonly kind: 'failed'; readonly problems: readonly string[]; readonly message: string }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: StageMetrics }
  | { readonly kind: 'faults'; readonly id: number; readonly tallies: readonly FaultTally[] }
  /** A question could not be answered. */
  | { readonly kind: 'questionFailed'; readonly id: number; readonly message: string }
  | { readonly kind: 'log'; readonly line: string };
