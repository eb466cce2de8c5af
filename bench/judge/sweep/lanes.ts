/**
 * Which run a stack is given next. A stack's shards are not changed (UpdateShardCount halves or doubles, and takes minutes),
 * so a stack serves the runs of one group: those whose cells agree in what must not change. Blocks are kept apart: a run of
 * a later block is begun only when no earlier one is left that this lane could take. Pure.
 */

import type { SweepCell } from '../../model/sweep.ts';
import type { Slot } from './order.ts';

/**
 * Parameters that a stack keeps for life. Kinesis allows ten changes of the shard count in 24 hours, to at most twice and at
 * least half of it (UpdateShardCount, Amazon Kinesis Data Streams API reference), and two changes of the mode a day.
 */
const KEPT_FOR_LIFE = ['ShardCount', 'StreamMode'];

/** What the stack of a cell must be made for. */
export function groupOf({ plan }: Pick<SweepCell, 'plan'>): string {
  return JSON.stringify(KEPT_FOR_LIFE.map((name) => plan.parameters[name] ?? null));
}

export interface LaneView {
  readonly pending: readonly Slot[];
  /** Group of a slot's cell. */
  readonly groupAt: (cell: number) => string;
  /** Of this lane's stack; null without one. */
  readonly own: string | null;
  /** Of the other lanes' stacks. */
  readonly taken: ReadonlySet<string>;
}

/** The slot for a lane, its own group's before others'; null when all that is left is for other lanes. */
export function nextSlot({ pending, groupAt, own, taken }: LaneView): Slot | null {
  const open = pending.filter(({ cell }) => !taken.has(groupAt(cell)));
  const block = Math.min(...open.map(({ repeat }) => repeat));
  const inBlock = open.filter(({ repeat }) => repeat === block);
  return inBlock.find(({ cell }) => groupAt(cell) === own) ?? inBlock[0] ?? null;
}
