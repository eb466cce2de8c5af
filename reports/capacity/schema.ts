/** Reads capacity.json. Unknown versions are refused, so that an old tool never misreads a new result. */
import { CAPACITY_RESULT, type CapacityResult } from '../../bench/judge/capacity.ts';
import { parseData } from '../saved-data.ts';

/**
 * Parses the text of a capacity.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseCapacityResult(json: string): CapacityResult {
  return parseData(CAPACITY_RESULT, json, 'the result of a capacity search');
}
