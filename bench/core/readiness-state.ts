/** From what a pipeline says of its mappings and shards to what must be waited for before it is driven. Pure. */
import type { ReadinessState } from '../ports.ts';

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
