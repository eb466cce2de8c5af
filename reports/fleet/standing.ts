/**
 * Where each worker of a fleet stands among its siblings. They drive one stage, so what one alone shows is its own, and is
 * named; what all show is the stage's, and is in the merged figures. A worker stands out by a metric when it is both several
 * times the median worker and further from it than the metric moves by itself.
 */
import type { FleetFacts, WorkerFacts, WorkerTimes } from '../../bench/model/fleet-facts.ts';

/** Among fewer there is no telling which of them is the odd one. */
const FEWEST = 3;

/** What workers are compared by. */
export interface FleetMetric {
  /** As the title of a drawing has it. */
  readonly title: string;
  /** As the head of a column has it; milliseconds. */
  readonly column: string;
  readonly of: (worker: WorkerFacts) => number | null;
  /** Above this many times the median ... */
  readonly factor: number;
  /** ... and this many milliseconds above it, a worker stands out. */
  readonly floorMs: number;
  /** What makes it great: a machine that stalls, a late start, whatever keeps the driver from sending, or anything on the way. */
  readonly cause: 'machine' | 'start' | 'driver' | 'any';
}

/** A percentile is steady, the greatest value of a run is not: it has to be further away to mean anything. */
const STEADY = 1.5;
const UNSTEADY = 3;

/** Timers and schedulers alone make workers differ by this much. */
const JITTER_MS = 1;

/** The driver's own bounds, of send lag and of loop delay, beyond which a run is not valid. */
const SEND_LAG_MS = 10;
const LOOP_DELAY_MS = 25;

/** A worker that was ready this much after the agreed start has caught up within its first second. */
const LATE_MS = 100;

/** The metrics that this fleet can be compared by, in the order that they are shown in. */
export function metricsOf({ workers }: Pick<FleetFacts, 'workers'>): FleetMetric[] {
  return [
    {
      ...{ title: 'response time, p50', column: 'p50', of: ({ response }) => response.p50 },
      ...{ factor: STEADY, floorMs: JITTER_MS, cause: 'any' },
    },
    tail(workers, 'response time', '', JITTER_MS, ({ response }) => response),
    tail(workers, 'send lag', 'lag ', SEND_LAG_MS, ({ sendLag }) => sendLag),
    {
      ...{ title: 'loop delay, longest', column: 'loop max', of: ({ loopDelayMaxMs }) => loopDelayMaxMs },
      ...{ factor: UNSTEADY, floorMs: LOOP_DELAY_MS, cause: 'machine' },
    },
    {
      ...{ title: 'late to the start', column: 'late', of: ({ latenessMs }) => latenessMs },
      ...{ factor: STEADY, floorMs: LATE_MS, cause: 'start' },
    },
  ];
}

/** The p99, or where one of the workers has too few samples for it, the longest of all. */
function tail(
  workers: readonly WorkerFacts[],
  name: string,
  columnPrefix: string,
  floorMs: number,
  timesOf: (worker: WorkerFacts) => WorkerTimes,
): FleetMetric {
  const cause = name === 'send lag' ? 'driver' : 'any';
  const isSupported = workers.every((worker) => timesOf(worker).count === 0 || timesOf(worker).p99 !== null);
  return isSupported
    ? {
        ...{ title: `${name}, p99`, column: `${columnPrefix}p99`, of: (worker) => timesOf(worker).p99 },
        ...{ factor: STEADY, floorMs, cause },
      }
    : {
        ...{ title: `${name}, longest`, column: `${columnPrefix}max`, of: (worker) => timesOf(worker).max },
        ...{ factor: UNSTEADY, floorMs, cause },
      };
}

/** A metric over all workers. */
export interface Comparison {
  readonly metric: FleetMetric;
  /** Workers that have a value, the greatest first. */
  readonly known: readonly WorkerFacts[];
  readonly median: number | null;
  /** The worker with the greatest value; null where nobody has one. */
  readonly greatest: WorkerFacts | null;
  /** Those that stand out, the furthest first. */
  readonly outliers: readonly WorkerFacts[];
}

/** A worker with all that it stands out by. */
export interface Standing {
  readonly worker: WorkerFacts;
  readonly outlying: readonly Comparison[];
}

/** The workers compared by each metric. */
export function comparisonsOf(fleet: Pick<FleetFacts, 'workers'>): Comparison[] {
  return metricsOf(fleet).map((metric) => {
    const value = (worker: WorkerFacts) => metric.of(worker) ?? Number.NEGATIVE_INFINITY;
    const known = fleet.workers
      .filter((worker) => metric.of(worker) !== null)
      .sort((left, right) => value(right) - value(left));
    const median = medianOf(known.map(value));
    const limit =
      median === null || known.length < FEWEST
        ? Number.POSITIVE_INFINITY
        : Math.max(median * metric.factor, median + metric.floorMs);
    const outliers = known.filter((worker) => value(worker) > limit);
    return { metric, known, median, greatest: known[0] ?? null, outliers };
  });
}

/** Of descending values. */
function medianOf(values: readonly number[]): number | null {
  const { length } = values;
  if (length === 0) return null;
  return (values[Math.floor((length - 1) / 2)]! + values[Math.ceil((length - 1) / 2)]!) / 2;
}

/** All workers, the one that stands out by most first: by how many metrics, and how far by the first of them. */
export function standingsOf(
  fleet: Pick<FleetFacts, 'workers'>,
  comparisons: readonly Comparison[],
): Standing[] {
  const places = new Map(fleet.workers.map((worker) => [worker, [] as Comparison[]]));
  for (const comparison of comparisons)
    for (const worker of comparison.outliers) places.get(worker)!.push(comparison);
  const standings = [...places].map(([worker, outlying]) => ({ worker, outlying }));
  return standings.sort(
    (left, right) =>
      right.outlying.length - left.outlying.length ||
      excess(right) - excess(left) ||
      tailMs(right) - tailMs(left) ||
      left.worker.index - right.worker.index,
  );
}

function excess({ worker, outlying: [first] }: Standing): number {
  return first === undefined ? 0 : (first.metric.of(worker) ?? 0) / Math.max(first.median ?? 0, JITTER_MS);
}

/** Among equals, the slowest first. */
function tailMs({ worker: { response } }: Standing): number {
  return response.p99 ?? response.max ?? 0;
}

/** Workers that were ready after the agreed start, the last of them first. */
export function lateWorkers({ workers }: Pick<FleetFacts, 'workers'>): WorkerFacts[] {
  return workers
    .filter(({ latenessMs }) => latenessMs > LATE_MS)
    .sort((left, right) => right.latenessMs - left.latenessMs);
}
