/**
 * The setting to choose: the cheapest cell in which every goal held in every repeat. A goal that held on average and failed
 * in one repeat of three did not hold. A run that can't be trusted proves nothing, and neither does a cell with runs missing.
 */

import { doneRuns, type Recommendation, type SweepCell, type SweepDefinition } from '../../model/sweep.ts';
import { judgedLatency } from '../judged-latency.ts';

type Judged = Pick<SweepDefinition, 'goals' | 'repeats'> & { readonly cells: readonly SweepCell[] };

/** What a cell is worth as an answer. */
export type CellState = 'holds' | 'fails' | 'absent' | 'invalid' | 'incomplete';

/** Whether all goals hold in every repeat. A goal that failed decides, whatever else is missing. */
export function cellState(cell: SweepCell, repeats: number): CellState {
  const runs = doneRuns(cell);
  const trusted = runs.filter(({ figures }) => figures.verdict !== 'invalid');
  const unmet = trusted.flatMap(({ figures }) => figures.goals.filter(({ ok }) => !ok));
  if (unmet.length > 0) return unmet.some(({ value }) => value !== null) ? 'fails' : 'absent';
  if (trusted.length < runs.length) return 'invalid';
  return runs.length < repeats ? 'incomplete' : 'holds';
}

/** Mean cost of a cell per million round trips; null where any is not known. */
export function cellCostUsd(cell: SweepCell): number | null {
  const costs = doneRuns(cell).map(({ figures }) => figures.perMillionRoundTripsUsd);
  const known = costs.filter((cost) => cost !== null);
  if (known.length === 0 || known.length < costs.length) return null;
  return known.reduce((sum, cost) => sum + cost, 0) / known.length;
}

/** The recommendation by what there is so far. */
export function recommend(sweep: Judged): Recommendation {
  const { cells, goals, repeats } = sweep;
  if (goals.length === 0)
    return {
      cell: null,
      holding: [],
      sentence: 'No goals were stated (--goal), so no setting is recommended.',
    };
  const holding = cells
    .filter((cell) => cellState(cell, repeats) === 'holds')
    .sort(
      (left, right) =>
        order(costOrder(left), costOrder(right)) ||
        order(worstLatency(left, goals), worstLatency(right, goals)),
    );
  const ids = holding.map(({ id }) => id);
  const [best] = holding;
  if (best === undefined) return { cell: null, holding: ids, sentence: noneHolds(sweep) };
  return { cell: best.id, holding: ids, sentence: sentenceOf(best, holding, sweep) };
}

const order = (left: number, right: number): number => (left === right ? 0 : left < right ? -1 : 1);

const costOrder = (cell: SweepCell): number => cellCostUsd(cell) ?? Infinity;

/** Of two cells that cost the same the faster one is meant, by the latency that the goals are about. */
function worstLatency(cell: SweepCell, goals: readonly string[]): number {
  const { expression } = judgedLatency(goals);
  const latencies = doneRuns(cell).map(({ figures }) =>
    expression === null
      ? figures.response.p99
      : (figures.goals.find((goal) => goal.expression === expression)?.value ?? null),
  );
  return Math.max(...latencies.map((ms) => ms ?? Infinity));
}

function sentenceOf(
  best: SweepCell,
  holding: readonly SweepCell[],
  { cells, repeats, goals }: Judged,
): string {
  const cost = cellCostUsd(best);
  const price = cost === null ? 'of unknown cost' : `at $${cost.toFixed(2)} per million round trips`;
  const often = ['in its one repeat', 'in both repeats'][repeats - 1] ?? `in all ${repeats} repeats`;
  const rank = holding.length === 1 ? 'the only one' : `the cheapest of ${holding.length}`;
  const what = goals.length === 1 ? 'the goal holds' : `all ${goals.length} goals hold`;
  return `${settingsText(best)}, ${price}: ${rank} of ${cells.length} cells in which ${what} ${often}.${leftOut(cells, repeats)}`;
}

/** A cell that could not be judged may have been cheaper. */
function leftOut(cells: readonly SweepCell[], repeats: number): string {
  const { absent, invalid, incomplete } = statesOf(cells, repeats);
  const parts = [
    ...(absent === 0 ? [] : [`the value of a goal was absent in ${counted(absent)}`]),
    ...(invalid === 0 ? [] : [`${counted(invalid)} could not be judged, as runs were invalid`]),
    ...(incomplete === 0 ? [] : [`${counted(incomplete)} ${incomplete === 1 ? 'lacks' : 'lack'} runs`]),
  ];
  return parts.length === 0 ? '' : ` Not considered: ${parts.join('; ')}.`;
}

function noneHolds({ cells, repeats }: Judged): string {
  const { fails, absent, invalid, incomplete } = statesOf(cells, repeats);
  const parts = [
    ...(fails === 0 ? [] : [`a goal failed in ${counted(fails)}`]),
    ...(absent === 0 ? [] : [`the value of a goal was absent in ${counted(absent)}`]),
    ...(invalid === 0 ? [] : [`${counted(invalid)} had invalid runs`]),
    ...(incomplete === 0 ? [] : [`${counted(incomplete)} ${incomplete === 1 ? 'lacks' : 'lack'} runs`]),
  ];
  return `No cell of ${cells.length} can be recommended: ${parts.join(', ')}.`;
}

function counted(cells: number): string {
  return cells === 1 ? 'one cell' : `${cells} cells`;
}

function statesOf(cells: readonly SweepCell[], repeats: number): Record<CellState, number> {
  const counts = { holds: 0, fails: 0, absent: 0, invalid: 0, incomplete: 0 };
  for (const cell of cells) counts[cellState(cell, repeats)]++;
  return counts;
}

/** `ShardCount=2, BatchSize=100`. */
export function settingsText({ settings }: Pick<SweepCell, 'settings'>): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? 'the plan as it is' : parts.join(', ');
}
