/**
 * Seeds of the swarm that are run with the tests, each with what it is kept for: one that failed, for what was wrong; and
 * some that reach corners which few others do. A seed means the same as long as the swarm draws the same cases: who
 * changes swarm-plan.ts looks for new ones with `npm run swarm`.
 */
export interface Regression {
  readonly seed: number;
  readonly keptFor: string;
}

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 18,
    keptFor: 'reordered at ingest, while a shard throttles and connections are killed; indeterminate',
  },
  { seed: 54, keptFor: 'reordered at ingest beside half-open connections, under churn' },
  {
    seed: 69,
    keptFor: 'duplicated at ingest and at delivery by faults that must leave each other’s messages alone',
  },
  { seed: 74, keptFor: 'dropped at ingest, and streams that begin again by reconnecting' },
  { seed: 113, keptFor: 'duplicated by a function that crashes after it has posted' },
  { seed: 125, keptFor: 'reordered at delivery, counted alike by injector, ledger and brute force' },
  { seed: 40, keptFor: 'an invocation that runs into its time limit and is retried' },
  {
    seed: 2093,
    keptFor:
      'a last connection on which nothing was sent: the oracle took another’s end for the end of the run',
  },
  { seed: 2630, keptFor: 'a shard’s quota in bytes: every put that it refuses is known by an error frame' },
];
