/** How many connections it takes to reach every shard: partition keys are connection ids, and Kinesis hashes them evenly. */

/** The chance that is accepted of missing a shard. */
const MISS = 1e-6;

/**
 * So many connections that each of the shards hears one with a chance of a million to one. A shard with the smallest share
 * of the hash keys is missed with (1 − share)^connections, and there are as many shards to miss.
 */
export function connectionsToReach(shards: number, smallestShare = 1 / shards): number {
  if (shards <= 1) return 1;
  return Math.ceil(Math.log(MISS / shards) / Math.log(1 - smallestShare));
}
