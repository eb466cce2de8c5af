/** Reads claims.json. Unknown versions are refused, so that an old tool never misreads a new result. */
import { CLAIMS_RESULT, type ClaimsResult } from '../../bench/model/claim.ts';
import { parseData } from '../saved-data.ts';

/**
 * Parses the text of a claims.json.
 * @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields
 */
export function parseClaimsResult(json: string): ClaimsResult {
  return parseData(CLAIMS_RESULT, json, 'the result of the claims');
}
