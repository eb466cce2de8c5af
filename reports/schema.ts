/**
 * Reads result.json back, because a run directory may come from another machine, another version or an editor. All of it is
 * checked. Unknown fields are kept (version 1 only ever grows); unknown versions are refused by number, so that an old tool
 * never misreads a new result.
 */
import { RUN_RESULT, type RunResult } from '../bench/model/result.ts';
import { parseData } from './saved-data.ts';

/**
 * Parses the text of a result.json.
 * @throws UnreadableResult for truncated or broken JSON, another program's file, another schema version, wrong fields
 */
export function parseResult(json: string): RunResult {
  return parseData(RUN_RESULT, json, 'the result of a run');
}
