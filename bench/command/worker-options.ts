/** What `bench worker` was asked, checked: every problem at once. */

import type { AgreedStart } from '../fleet/agreed-start.ts';
import { arrayTask } from '../fleet/engine.ts';
import type { WorkerShare } from '../measure/fleet/worker-share.ts';
import { parseDuration } from '../model/duration.ts';
import { assertNone } from '../model/failure.ts';
import { DURATION, flag, type Given, neededFlag, TEXT, typed, wholeFrom } from './flags.ts';

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

/** A time without a zone would be another moment on each machine. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const START = typed(
  'time',
  `a time with a zone, such as 2030-01-01T12:00:00Z, nor '${TOLD}'`,
  (text): AgreedStart | null => {
    if (text === TOLD) return { kind: 'told' };
    const startMs = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(startMs) ? null : { kind: 'at', startMs };
  },
);

const RUN_ID = typed('hexadecimal', '16 hexadecimal digits, the same for all workers', (text) =>
  /^[0-9a-f]{16}$/.test(text) ? text : null,
);

export const WORKER_FLAGS = {
  plan: neededFlag(
    'must be given; see --help',
    TEXT,
    'bundled plan, or a YAML or JSON file, or its file:// or s3:// URI',
  ),
  index: flag(
    wholeFrom(0, MAX_WORKERS - 1),
    "which worker this is, from 0 (default: the array index of the engine's environment)",
  ),
  of: flag(wholeFrom(1, MAX_WORKERS), 'how many workers there are (default: as the engine says)'),
  startAt: neededFlag(
    'say when the schedule starts, such as 2030-01-01T12:00:00Z, the same for all workers',
    START,
    `when the schedule starts, such as 2030-01-01T12:00:00Z; '${TOLD}' waits for 'bench fleet run' to say`,
  ),
  patience: flag(
    DURATION,
    'how long to wait for the start before giving up (default: 11m for one that is told, else 24h)',
  ),
  out: neededFlag('must be given; see --help', TEXT, 'directory or s3:// URI that takes the partial result'),
  runId: flag(RUN_ID, '16 hexadecimal digits, the same for all workers (default: by plan and start)'),
};

/** The options. Throws {@link ConfigurationError}. */
export function parseWorker(
  { flags, problems: found }: Given<typeof WORKER_FLAGS>,
  environment: Readonly<Record<string, string | undefined>>,
): WorkerOptions {
  const problems = [...found];
  const task = arrayTask(environment);
  const index = flags.index ?? wholeOf(task.index);
  const of = flags.of ?? wholeOf(task.of);
  const start = flags.startAt;
  if (of === null || of < 1 || of > MAX_WORKERS)
    problems.push(`of: say how many workers there are with --of, 1 to ${MAX_WORKERS}`);
  if (index === null || (of !== null && index >= of))
    problems.push('index: say which worker this is with --index, from 0 to one below --of');
  if (start?.kind === 'told' && flags.runId === null)
    problems.push(`run-id: is needed with --start-at ${TOLD}`);
  assertNone(problems);
  const patienceMs = start.kind === 'at' ? GIVEN_START_MS : workerPatienceMs(parseDuration(FLEET_PATIENCE)!);
  return {
    share: { index: index!, of: of! },
    start,
    runId: flags.runId,
    patienceMs: flags.patience ?? patienceMs,
  };
}

function wholeOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;
}
