/**
 * The partial result of one worker: who it is, when it was, and its share of the run as sums that add. Versioned plain
 * data; a file of it is all that a merge needs, so a run can be merged long after its machines are gone.
 */

import type { RunResult } from '../../model/result.ts';
import type { SparseHistogram } from '../histogram.ts';
import type { RunRecord } from '../record.ts';
import type { SharePart } from '../share.ts';
import type { ClockOffset } from './clock-bound.ts';

/** Which share of which run. Parts merge when all but the index agree. */
export interface PartialIdentity {
  /** In every message: 16 hexadecimal digits. */
  readonly runId: string;
  /** SHA-256 of the resolved plan. */
  readonly planHash: string;
  readonly index: number;
  readonly of: number;
  /** The agreed start of the schedule, UTC milliseconds. */
  readonly startMs: number;
}

/** When the worker did what, by its own clock: UTC milliseconds. */
export interface PartialTimes {
  readonly startedMs: number;
  /** All of its connections had been opened, or given up. */
  readonly readyMs: number;
  /** How long after the agreed start it was ready; 0 when it was in time. Its schedule is not moved by it. */
  readonly latenessMs: number;
  readonly trafficEndedMs: number;
  readonly measuredMs: number;
}

/** Version of the file; others are refused by name. */
export const PARTIAL_SCHEMA = 2;

export interface FleetPartial<H = SparseHistogram> {
  readonly schema: typeof PARTIAL_SCHEMA;
  readonly kind: 'fleet partial';
  readonly identity: PartialIdentity;
  /** The resolved plan in the form of a plan file; with the names of its headers it is what the hash is of. */
  readonly plan: Readonly<Record<string, unknown>>;
  readonly headerNames: readonly string[];
  readonly host: string;
  readonly environment: RunResult['environment'];
  readonly clock: ClockOffset | null;
  readonly times: PartialTimes;
  readonly run: Pick<
    RunRecord,
    'interruption' | 'stage' | 'probes' | 'stageChange' | 'sharesMachine' | 'hostBusy'
  > & {
    readonly stealShare: number | null;
    /** Of the probes, those that had not come back; left out of older files. */
    readonly unansweredProbes?: number | undefined;
    /** Dials of probes that a quota of new connections refused; left out where there were none. */
    readonly throttledProbes?: number | undefined;
  };
  /** Read from a file, its histograms are packed still. */
  readonly part: SharePart<H>;
}

/** Name of a worker's partial in the store, without what tells it from another attempt's. */
export function partialName(index: number, attempt?: string): string {
  const suffix = attempt === undefined ? '' : `.${attempt}`;
  return `worker-${String(index).padStart(5, '0')}${suffix}.json.gz`;
}

/** Whether a file of the store is a partial by its name. */
export function isPartialName(name: string): boolean {
  return /^worker-\d{5}(\.[\w-]+)?\.json(\.gz)?$/.test(name);
}
