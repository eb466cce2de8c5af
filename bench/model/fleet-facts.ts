/**
 * fleet.json: what a merged run knows of its workers beside result.json. Plain versioned data; changes are additions, or
 * the schema number moves. Times are milliseconds.
 */
import { z } from 'zod';
import { RUN_COST } from './result.ts';
import { amount, count, maybe, saved, text } from './saved.ts';

/**
 * A file that was offered as a partial. Only `merged` ones are in the sums. `duplicate`: the very bytes of one that was merged;
 * `conflict`: another report of an index that was merged already, so the share was driven twice; `foreign`: of another run,
 * plan, number of workers or start; `unreadable`: damaged, of a newer version, or no partial at all; `unbalanced`: its counts
 * contradict each other, or its share of the plan.
 */
const FILE_JUDGEMENT = saved({
  name: text,
  verdict: z.enum(['merged', 'duplicate', 'conflict', 'foreign', 'unreadable', 'unbalanced']),
  /** A clause that says why; empty when merged. */
  reason: text,
});
export type FileJudgement = Readonly<z.output<typeof FILE_JUDGEMENT>>;

/** What workers are compared by. A percentile with fewer than 10 samples beyond it is null, as is all at count 0. */
const WORKER_TIMES = saved({ count, p50: maybe, p99: maybe, max: maybe });
export type WorkerTimes = Readonly<z.output<typeof WORKER_TIMES>>;

/** One worker, by its own partial. */
const WORKER_FACTS = saved({
  index: count,
  host: text,
  cpus: text,
  connections: saved({ requested: count, opened: count, failed: count, closedEarly: count }),
  messages: saved({
    ...{ scheduled: count, sent: count, delivered: count, lost: count },
    ...{ reordered: count, duplicated: count },
  }),
  response: WORKER_TIMES,
  sendLag: WORKER_TIMES,
  /** How long after the agreed start it was ready. */
  latenessMs: amount,
  clock: saved({ lowMs: amount, highMs: amount, probes: count }).nullable(),
  utilizationMean: maybe,
  loopDelayMaxMs: amount,
  gcMaxMs: amount,
  interruption: text.nullable(),
});
export type WorkerFacts = Readonly<z.output<typeof WORKER_FACTS>>;

/** As of a run, of the workers alone. */
const FLEET_COST = RUN_COST.pick({
  ...{ currency: true, total: true, items: true, pricesAsOf: true, pricesRegion: true },
}).extend({
  /** What each ran on. */
  machine: text,
  workers: count,
  /** How long each was there at the most: from when they were submitted until all had ended. */
  lifeMs: amount,
});
export type FleetCost = Readonly<z.output<typeof FLEET_COST>>;

export const FLEET_FACTS = saved({
  schema: z.literal(1),
  kind: z.literal('fleet'),
  runId: text,
  planHash: text,
  /** Workers that the run was divided among. */
  of: count,
  /** The agreed start of the schedule, ISO 8601 UTC. */
  startAt: text,
  /** Indices without a partial in the sums. */
  missing: z.array(count).readonly(),
  /** What the missing ones would have done; null when none is missing, and messages null in a closed loop, which schedules none. */
  missingShare: saved({
    ...{ connections: count, connectionsOfAll: count, messages: maybe, messagesOfAll: maybe },
  }).nullable(),
  /** The most that two workers' clocks can differ; null when that is not known. No latency depends on it. */
  clockSpreadMs: maybe,
  /** The least by which the two clocks furthest apart differ; 0 where they may agree. Left out of older files. */
  clocksApartMs: amount.exactOptional(),
  /** Versions that the workers ran, each once: program, commit and Node. Left out of older files. */
  programs: z.array(text).readonly().exactOptional(),
  /** Files that were not merged, and why. */
  rejected: z.array(FILE_JUDGEMENT).readonly(),
  /** By index. */
  workers: z.array(WORKER_FACTS).readonly(),
  /** How the workers were run, in which AWS region where that is known; left out by a merge that does not know. */
  engine: saved({ name: text, job: text, region: text.exactOptional() }).exactOptional(),
  /** What the workers' machines cost by list prices; left out where they have none that is known, and of older files. */
  cost: FLEET_COST.exactOptional(),
});
export type FleetFacts = Readonly<z.output<typeof FLEET_FACTS>>;
