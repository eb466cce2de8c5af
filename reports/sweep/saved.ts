/** Reads sweep.json, and says which of its runs are gone. A sweep goes on from this file, so its grid has to be whole. */
import { join } from 'node:path';
import { cellsOf } from '../../bench/judge/sweep/grid.ts';
import { doneRuns, SWEEP_RESULT, type SweepResult } from '../../bench/model/sweep.ts';
import { sweptRunProblem } from '../../bench/node/swept-run.ts';
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

/** Directories of finished runs that are not there, or are other runs: their figures are known from sweep.json alone. */
export function absentRuns(directory: string, { cells }: SweepResult): string[] {
  const absent = cells.flatMap(doneRuns).filter((run) => {
    return sweptRunProblem(join(directory, run.directory, 'result.json'), run.figures) !== null;
  });
  return absent.map((run) => run.directory);
}

/** Runs named in a sentence; of more the rest is counted. */
const MAX_NAMED = 5;

/** That runs are not where sweep.json says; null when all are. */
export function absentText(absent: readonly string[]): string | null {
  if (absent.length === 0) return null;
  const more = absent.length > MAX_NAMED ? ` and ${absent.length - MAX_NAMED} more` : '';
  return `Not in this directory any more, or changed: ${absent.slice(0, MAX_NAMED).join(', ')}${more}. Their figures are those of sweep.json; resuming the sweep makes them again.`;
}
