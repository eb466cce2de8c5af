/**
 * SweepResult: what a sweep did and found, as plain versioned data (sweep.json). It is saved after every run, so it is also
 * what an interrupted sweep goes on from; reports and other people's scripts read it and nothing else. Changes are
 * additions, or the schema number moves. Times are milliseconds and rates per second unless a name says otherwise.
 */
import type { Plan } from '../plan.ts';
import type { PricesOf } from '../prices-text.ts';
import type { RunResult, ValidityVerdict } from '../result.ts';
import type { StackHome } from '../stage-name.ts';

/** A setting that is varied: a parameter of the template, or a setting of the plan. */
export interface Variation {
  readonly name: string;
  readonly kind: 'parameter' | 'plan';
  readonly values: readonly string[];
}

/** Where a sweep is made: on local stages, on stacks of its own, or on any server by its URL. */
export type SweepPlace = 'local' | 'aws' | 'url';

/** What makes a sweep this sweep: a resumed one must agree with it. */
export interface SweepDefinition {
  readonly name: string;
  /** Without the varied settings. */
  readonly plan: Plan;
  readonly place: SweepPlace;
  /** Beginning of the names of its stacks; null where it makes none. */
  readonly stackPrefix: string | null;
  readonly vary: readonly Variation[];
  readonly repeats: number;
  readonly orderSeed: number;
  /** Expressions as of --threshold. */
  readonly goals: readonly string[];
}

/** What a finished run came to. */
export interface SweepFigures extends Partial<PricesOf> {
  readonly verdict: ValidityVerdict;
  readonly response: Percentiles;
  readonly service: Percentiles;
  readonly offeredPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly delivered: number;
  readonly lost: number;
  readonly lossRatio: number;
  readonly reordered: number;
  readonly reorderedRatio: number;
  /** US dollars at list prices; null where the stage has no prices. */
  readonly costUsd: number | null;
  readonly perMillionRoundTripsUsd: number | null;
  readonly perMonthUsd: number | null;
  readonly goals: RunResult['thresholds'];
}

export interface Percentiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

/** One run of a cell, done or failed. What is not in the list was not made, or was cut and is to be made again. */
export type SweepRun = {
  /** From 1. */
  readonly repeat: number;
  readonly startedAt: string;
  readonly tookMs: number;
} & (
  | {
      readonly status: 'done';
      /** The run's directory, relative to that of the sweep. */
      readonly directory: string;
      readonly figures: SweepFigures;
    }
  | { readonly status: 'failed'; readonly error: string }
);

export type DoneRun = SweepRun & { readonly status: 'done' };

export interface SweepCell {
  /** Its directory's name below `cells/`. */
  readonly id: string;
  /** The varied settings by name, in the order of the grid. */
  readonly settings: Readonly<Record<string, string>>;
  readonly plan: Plan;
  readonly runs: readonly SweepRun[];
}

/** The cheapest cell in which all goals hold in every repeat. */
export interface Recommendation {
  /** Null when there is none. */
  readonly cell: string | null;
  readonly sentence: string;
  /** Cells in which all goals hold in every repeat, cheapest first. */
  readonly holding: readonly string[];
}

export interface SweepResult extends SweepDefinition {
  readonly schema: 1;
  readonly kind: 'sweep';
  readonly id: string;
  readonly startedAt: string;
  /** When it was saved last. */
  readonly endedAt: string;
  /** True while runs are missing; a run that failed is not. */
  readonly partial: boolean;
  readonly environment: RunResult['environment'];
  /** Of the first run; null before there is one. */
  readonly stage: RunResult['stage'] | null;
  readonly cells: readonly SweepCell[];
  /** Names of stacks that were made, or were about to be, and are not known to be gone. */
  readonly stacks: readonly string[];
  /** ARNs of those stacks, by name, as soon as AWS has told them: a name may become somebody else's. */
  readonly stackIds?: Readonly<Record<string, string>>;
  /** Account and region of the stacks; left out before it makes any. */
  readonly home?: StackHome;
  /** Resources that outlived their stacks, since the template's DeletionPolicy keeps them; left out when there are none. */
  readonly leftOver?: readonly string[];
  /** What it cost by the count so far, stacks between runs included, and what it was estimated to; null where nothing is billed. */
  readonly cost: ({ readonly spentUsd: number; readonly estimatedUsd: number } & Partial<PricesOf>) | null;
  readonly recommendation: Recommendation;
}
