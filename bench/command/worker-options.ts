/** What `bench worker` was asked, checked: every problem at once. */

import type { AgreedStart } from '../fleet/agreed-start.ts';
import { arrayPlace } from '../fleet/array-place.ts';
import type { WorkerShare } from '../measure/fleet/worker-share.ts';
import { parseDuration } from '../model/duration.ts';
import { assertNone } from '../model/failure.ts';

/** As the command line has them. */
export interface WorkerArguments {
  /** Name of a bundled plan, or path or URI of a plan file. */
  readonly plan: string;
  readonly index: string | undefined;
  readonly of: string | undefined;
  readonly startAt: string | undefined;
  /** A duration. */
  readonly patience?: string | undefined;
  readonly runId: string | undefined;
  /** Directory or URI of the store. */
  readonly out: string;
}

export interface WorkerOptions {
  readonly share: WorkerShare;
  readonly start: AgreedStart;
  /** Null leaves it to the plan and the start, which all workers know. */
  readonly runId: string | null;
  /** How long it waits for the start. */
  readonly patienceMs: number;
}

/** Of `fleet run`, which waits so long for its workers to come. */
export const FLEET_PATIENCE = '10m';

/** What a worker is given beyond that: the command's last look, and telling. */
const TELLING_MS = 60_000;

/** A start that somebody chose may be further away, but not so far that a year would be paid for a wrong digit. */
const GIVEN_START_MS = 24 * 3_600_000;

/** How long a worker waits for a command of that patience: longer than it, since the worker comes later. */
export function workerPatienceMs(fleetPatienceMs: number): number {
  return fleetPatienceMs + TELLING_MS;
}

/** An array job of AWS Batch has at most 10,000 tasks (AWS Batch user guide, service quotas); others fewer. */
export const MAX_WORKERS = 10_000;

/** Word for a start that the fleet's command tells through the store. */
export const TOLD = 'told';

/** The options. Throws {@link ConfigurationError}. */
export function parseWorker(
  given: WorkerArguments,
  environment: Readonly<Record<string, string | undefined>>,
): WorkerOptions {
  const problems: string[] = [];
  const place = arrayPlace(environment);
  const index = wholeOf(given.index ?? place.index);
  const of = wholeOf(given.of ?? place.of);
  if (of === null || of < 1 || of > MAX_WORKERS)
    problems.push(`of: say how many workers there are with --of, 1 to ${MAX_WORKERS}`);
  if (index === null || (of !== null && index >= of))
    problems.push('index: say which worker this is with --index, from 0 to one below --of');
  const start = startOf(given.startAt);
  if (start === null)
    problems.push(
      given.startAt === undefined
        ? `start-at: say when the schedule starts, such as 2030-01-01T12:00:00Z, the same for all workers`
        : `start-at: '${given.startAt}' is no time with a zone, such as 2030-01-01T12:00:00Z, nor '${TOLD}'`,
    );
  if (given.runId !== undefined && !/^[0-9a-f]{16}$/.test(given.runId))
    problems.push('run-id: must be 16 hexadecimal digits, the same for all workers');
  if (start?.kind === 'told' && given.runId === undefined)
    problems.push(`run-id: is needed with --start-at ${TOLD}`);
  const patienceMs = patienceOf(given.patience, start);
  if (patienceMs === null)
    problems.push(`patience: '${given.patience}' is not a duration such as ${FLEET_PATIENCE}`);
  assertNone(problems);
  return {
    share: { index: index!, of: of! },
    start: start!,
    runId: given.runId ?? null,
    patienceMs: patienceMs!,
  };
}

function patienceOf(given: string | undefined, start: AgreedStart | null): number | null {
  if (given !== undefined) return parseDuration(given);
  return start?.kind === 'at' ? GIVEN_START_MS : workerPatienceMs(parseDuration(FLEET_PATIENCE)!);
}

function wholeOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** A time without a zone would be another moment on each machine. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

function startOf(text: string | undefined): AgreedStart | null {
  if (text === TOLD) return { kind: 'told' };
  if (text === undefined || !ISO_TIME.test(text) || Number.isNaN(Date.parse(text))) return null;
  return { kind: 'at', startMs: Date.parse(text) };
}
