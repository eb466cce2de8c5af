/** Reads claims.json and writes the reports of the claims into its directory, each file whole or not at all. */
import { join } from 'node:path';
import { readSaved } from '../saved-data.ts';
import { writeWhole } from '../write.ts';
import { renderClaimsPage } from './page.ts';
import { parseClaimsResult } from './schema.ts';
import { renderClaimsSummary } from './summary.ts';

/**
 * Writes index.html and summary.md, over earlier ones. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable claims.json
 */
export async function writeClaimsReports(directory: string): Promise<string[]> {
  const result = await readSaved(join(directory, 'claims.json'), parseClaimsResult);
  const rendered = { 'index.html': renderClaimsPage(result), 'summary.md': renderClaimsSummary(result) };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}
