/** Reads capacity.json and writes the reports of a search into its directory, each file whole or not at all. */
import { join } from 'node:path';
import { readSaved } from '../saved-data.ts';
import { writeWhole } from '../write.ts';
import { renderCapacityPage } from './page.ts';
import { parseCapacityResult } from './schema.ts';
import { renderCapacitySummary } from './summary.ts';

/**
 * Writes index.html and summary.md, over earlier ones. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable capacity.json
 */
export async function writeCapacityReports(directory: string): Promise<string[]> {
  const result = await readSaved(join(directory, 'capacity.json'), parseCapacityResult);
  const rendered = { 'index.html': renderCapacityPage(result), 'summary.md': renderCapacitySummary(result) };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}
