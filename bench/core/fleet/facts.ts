/**
 * fleet.json: what a merged run knows of its workers beside result.json. Plain versioned data; changes are additions, or
 * the schema number moves. Times are milliseconds.
 */
import type { RunCost } from '../result.ts';
import type { ClockOffset } from './clock-bound.ts';
import type { MissingShare } from './worker-share.ts';

/** What became of a file that was offered as a partial. Only `merged` ones are in the sums. */
export type FileVerdict =
  | 'merged'
  /** The very bytes of one that was merged. */
  | 'duplicate'
  /** Another report of an index that was merged already: the share was driven twice. */
  | 'conflict'
  /** Of another run, plan, number of workers or start. */
  | 'foreign'
  /** Damaged, of a newer version, or no partial at all. */
  | 'unreadable'
  /** Its counts contradict each other, or its share of the plan. */
  | 'unbalanced';

export interface FileJudgement {
  readonly name: string;
  readonly verdict: FileVerdict;
  /** A clause that says why; empty when merged. */
  readonly reason: string;
}

/** What workers are compared by. A percentile with fewer than 10 samples beyond it is null, as is all at count 0. */
export interface WorkerTimes {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** One worker, by its own partial. */
export interface WorkerFacts {
  readonly index: number;
  readonly host: string;
  readonly cpus: string;
  readonly connections: {
    readonly requested: number;
    readonly opened: number;
    readonly failed: number;
    readonly closedEarly: number;
  };
  readonly messages: {
    readonly scheduled: number;
    readonly sent: number;
    readonly delivered: number;
    readonly lost: number;
    readonly reordered: number;
    readonly duplicated: number;
  };
  readonly response: WorkerTimes;
  readonly sendLag: WorkerTimes;
  /** How long after the agreed start it was ready. */
  readonly latenessMs: number;
  readonly clock: ClockOffset | null;
  readonly utilizationMean: number | null;
  readonly loopDelayMaxMs: number;
  readonly gcMaxMs: number;
  readonly interruption: string | null;
}

export interface FleetFacts {
  readonly schema: 1;
  readonly kind: 'fleet';
  readonly runId: string;
  readonly planHash: string;
  /** Workers that the run was divided among. */
  readonly of: number;
  /** The agreed start of the schedule, ISO 8601 UTC. */
  readonly startAt: string;
  /** Indices without a partial in the sums. */
  readonly missing: readonly number[];
  /** What the missing ones would have done; null when none is missing. */
  readonly missingShare: MissingShare | null;
  /** The most that two workers' clocks can differ; null when that is not known. No latency depends on it. */
  readonly clockSpreadMs: number | null;
  /** The least by which the two clocks furthest apart differ; 0 where they may agree. Left out of older files. */
  readonly clocksApartMs?: number;
  /** Versions that the workers ran, each once: program, commit and Node. Left out of older files. */
  readonly programs?: readonly string[];
  /** Files that were not merged, and why. */
  readonly rejected: readonly FileJudgement[];
  /** By index. */
  readonly workers: readonly WorkerFacts[];
  /** How the workers were run; left out by a merge that does not know. */
  readonly engine?: {
    readonly name: string;
    readonly job: string;
    /** The workers' AWS region; left out where nobody knows it. */
    readonly region?: string;
  };
  /** What the workers' machines cost by list prices; left out where they have none that is known, and of older files. */
  readonly cost?: FleetCost;
}

/** As of a run, of the workers alone. */
export interface FleetCost
  extends Pick<RunCost, 'currency' | 'total' | 'items' | 'pricesAsOf' | 'pricesRegion'> {
  /** What each ran on. */
  readonly machine: string;
  readonly workers: number;
  /** How long each was there at the most: from when they were submitted until all had ended. */
  readonly lifeMs: number;
}
