/**
 * What a sweep on AWS will cost: its runs by their plans, and its stacks for all the time that they stand, which is mostly
 * between runs and billed by the hour that is begun. Free tiers are ignored, so it costs no more than this unless runs take
 * longer than expected.
 */
import { begunItems, type Stood } from '../../stack/aws/cost.ts';
import { pricesOf, type RegionPrices, readPrices } from '../../stack/aws/prices.ts';
import { usageItems } from '../../stack/aws/run-cost.ts';
import { type StackShape, shapeOf } from '../../stack/aws/stack-shape.ts';
import type { Template } from '../../stack/aws/template.ts';
import { groupOf, nextSlot } from '../judge/sweep/lanes.ts';
import type { Slot } from '../judge/sweep/order.ts';
import { runTookMs } from '../judge/sweep/progress.ts';
import type { Plan } from '../model/plan.ts';
import type { SweepCell } from '../model/sweep.ts';

type Cell = Pick<SweepCell, 'plan'>;

export interface Budget {
  readonly prices: RegionPrices;
  /** Of the stack that the plan is run on. */
  shapeOf(plan: Plan): StackShape;
  /** What the hours cost that a stack began in its life. */
  lifeUsd(life: readonly Stood[]): number;
  /** What the pending runs and their stacks will cost, with so many stacks at a time. */
  pendingUsd(cells: readonly Cell[], pending: readonly Slot[], parallel: number): number;
}

/** The budget of stacks of the template in the region. */
export function budgetOf(template: Template, region: string, pricesPath: string | null): Budget {
  const prices = pricesOf(readPrices(pricesPath ?? undefined), region);
  const shapeAt = (plan: Plan) => shapeOf(template, plan.parameters);
  const lifeUsd = (life: readonly Stood[]) => sumOf(begunItems(life, prices));
  return {
    prices,
    shapeOf: shapeAt,
    lifeUsd,
    pendingUsd(cells, pending, parallel) {
      const runsUsd = pending.map(({ cell }) => {
        const { plan } = cells[cell]!;
        return sumOf(usageItems(plan, shapeAt(plan), prices));
      });
      const lives = livesOf(cells, pending, parallel).map((slots) =>
        slots.map(({ plan, ms }) => ({ shape: shapeAt(plan), ms })),
      );
      return [...runsUsd, ...lives.map(lifeUsd)].reduce((sum, usd) => sum + usd, 0);
    },
  };
}

function sumOf(items: readonly { readonly cost: number }[]): number {
  return items.reduce((sum, { cost }) => sum + cost, 0);
}

interface LaneAhead {
  readonly lives: { plan: Plan; ms: number }[][];
  group: string | null;
  freeAtMs: number;
}

/**
 * The stacks that the lanes will make, each with the runs that it serves and how long they take: the lane that is free first
 * takes the next, as it will be. While it waits for the driver, the others' runs are its time too.
 */
function livesOf(
  cells: readonly Cell[],
  all: readonly Slot[],
  parallel: number,
): readonly { plan: Plan; ms: number }[][] {
  const pending = [...all];
  const lanes = Array.from({ length: parallel }, (): LaneAhead => ({ lives: [], group: null, freeAtMs: 0 }));
  const groupAt = (cell: number) => groupOf(cells[cell]!);
  const longestMs = Math.max(0, ...all.map(({ cell }) => runTookMs(cells[cell]!.plan, 'driven')));
  const open = new Set(lanes);
  while (open.size > 0) {
    const lane = [...open].reduce((first, other) => (other.freeAtMs < first.freeAtMs ? other : first));
    const taken = new Set(lanes.flatMap(({ group }) => (group === null ? [] : [group])));
    if (lane.group !== null) taken.delete(lane.group);
    const slot = nextSlot({ pending, groupAt, own: lane.group, taken });
    if (slot === null) {
      open.delete(lane);
      continue;
    }
    pending.splice(pending.indexOf(slot), 1);
    const { plan } = cells[slot.cell]!;
    const ms = runTookMs(plan, 'stack') + (parallel - 1) * longestMs;
    if (lane.group !== groupAt(slot.cell)) lane.lives.push([]);
    lane.lives.at(-1)!.push({ plan, ms });
    lane.group = groupAt(slot.cell);
    lane.freeAtMs += ms;
  }
  return lanes.flatMap(({ lives }) => lives);
}
