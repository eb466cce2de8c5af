/** From what a pipeline says of its mappings and shards to what must be waited for before it is driven. Pure. */

/** What a stage that is asked whether it is ready answers. */
export type ReadinessState =
  /** Something has to happen first: `what` is a clause; it takes `forMs`, or nobody knows how long. */
  | { readonly waitFor: { readonly what: string; readonly forMs: number | null } }
  | { readonly waitFor: null; readonly demand: ReadinessDemand };

/** Who must answer. */
export interface ReadinessDemand {
  /** Name of the service that echoes, for messages. */
  readonly service: string;
  /** Ids of the shards that take records. Empty where they are not known. */
  readonly shards: readonly string[];
  /** The smallest share of the partition keys that one of them has, 0 to 1. */
  readonly smallestShare: number;
}

/** A mapping as Lambda tells of it. */
export interface MappingCondition {
  readonly logicalId: string;
  /** Lambda's word; null where it could not be asked. */
  readonly state: string | null;
  /** When it was last changed, UTC milliseconds; null where that is not known. */
  readonly modifiedEpochMs: number | null;
  /** How long after that what it reads is not certain. */
  readonly settlingMs: number;
}

/** A shard that takes records, with the share of the partition keys that it has, 0 to 1. */
export interface ShardShare {
  readonly id: string;
  readonly share: number;
}

export interface PipelineCondition {
  /** Name of the service that echoes. */
  readonly service: string;
  readonly mappings: readonly MappingCondition[];
  readonly shards: readonly ShardShare[];
}

/** States that end by themselves; a mapping that somebody disabled is not waited for. */
const PASSING: readonly string[] = ['Creating', 'Enabling', 'Updating', 'Disabling'];

/** What must be waited for; without anything, who must answer. */
export function readinessStateOf(
  { service, mappings, shards }: PipelineCondition,
  nowEpochMs: number,
): ReadinessState {
  const changing = mappings.find(({ state }) => state !== null && PASSING.includes(state));
  if (changing !== undefined)
    return { waitFor: { what: `mapping ${changing.logicalId} is ${changing.state}`, forMs: null } };
  const [longest] = mappings
    .map((mapping) => ({ ...mapping, leftMs: leftMsOf(mapping, nowEpochMs) }))
    .filter(({ leftMs }) => leftMs > 0)
    .sort((one, other) => other.leftMs - one.leftMs);
  if (longest !== undefined) {
    const what = `mapping ${longest.logicalId} was made or changed less than ${longest.settlingMs / 1000} s ago, and may not read yet, or stop`;
    return { waitFor: { what, forMs: longest.leftMs } };
  }
  const smallestShare = Math.min(1, ...shards.map(({ share }) => share));
  return { waitFor: null, demand: { service, shards: shards.map(({ id }) => id), smallestShare } };
}

/** Never longer than the settling itself, whatever the clocks say. */
function leftMsOf({ modifiedEpochMs, settlingMs, state }: MappingCondition, nowEpochMs: number): number {
  if (modifiedEpochMs === null || state === 'Disabled') return 0;
  return Math.min(settlingMs, modifiedEpochMs + settlingMs - nowEpochMs);
}

/** `EchoFunction` is the service `echo`. */
export function serviceOf(logicalId: string): string {
  return logicalId.replace(/(?<=.)(Function|Mapping)$/, '').toLowerCase();
}
