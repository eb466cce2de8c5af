/** What of a fault plan can't be had on a stage: functions and shards that it does not have. */
import type { FaultPlan } from '../../../bench/core/fault.ts';
import type { ResolvedStack } from '../../template/resolved.ts';

/** Functions that the plan names and the stack has not, each a sentence. */
export function unknownFunctions({ faults }: FaultPlan, { resources }: ResolvedStack): string[] {
  const known = resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map(({ logicalId }) => logicalId);
  return faults.flatMap(({ name, functionId }, index) =>
    functionId === null || known.includes(functionId)
      ? []
      : [
          `faults.${index}.function: the template has no function '${functionId}' for '${name}'; it has ${known.join(', ') || 'none'}`,
        ],
  );
}

/** Shards that the plan names and no stream has, each a sentence. `shards` is how many the largest stream has. */
export function unknownShards({ faults }: FaultPlan, shards: number): string[] {
  return faults.flatMap(({ name, shard }, index) =>
    shard === null || shard < shards
      ? []
      : [
          `faults.${index}.shard: there is no shard ${shard} for '${name}'; the stream's shards are 0 to ${shards - 1}`,
        ],
  );
}
