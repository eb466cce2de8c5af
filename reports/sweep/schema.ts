/** Reads sweep.json. A sweep goes on from this file, so that its grid is whole is checked too; unknown versions are refused. */
import { cellsOf } from '../../bench/judge/sweep/grid.ts';
import { SWEEP_RESULT, type SweepResult } from '../../bench/model/sweep.ts';
import { parseData } from '../saved-data.ts';

const WHOLE_SWEEP = SWEEP_RESULT.check(({ value, issues }) => {
  for (const message of gridProblems(value))
    issues.push({ code: 'custom', path: ['cells'], message, input: value.cells });
});

type Grid = Pick<SweepResult, 'vary' | 'cells' | 'repeats'>;

/** What of its grid the sweep has not, or has twice. */
function gridProblems({ vary, cells, repeats }: Grid): string[] {
  const planned = cellsOf(vary).map(({ id }) => id);
  const there = cells.map(({ id }) => id);
  const missing = planned.filter((id) => !there.includes(id));
  const foreign = there.filter((id, index) => !planned.includes(id) || there.indexOf(id) !== index);
  const odd = cells.filter(({ runs }) => {
    const own = runs.map(({ repeat }) => repeat);
    return new Set(own).size < own.length || own.some((repeat) => repeat > repeats);
  });
  return [
    ...(missing.length === 0
      ? []
      : [`${missing.join(', ')} of the grid ${missing.length === 1 ? 'is' : 'are'} missing`]),
    ...(foreign.length === 0 ? [] : [`${foreign.join(', ')} not of the grid, or there twice`]),
    ...(odd.length === 0 ? [] : [`${odd.map(({ id }) => id).join(', ')} with repeats that were not planned`]),
  ];
}

/**
 * Parses the text of a sweep.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseSweepResult(json: string): SweepResult {
  return parseData(WHOLE_SWEEP, json, 'the result of a sweep');
}
