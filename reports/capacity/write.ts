/** Reads capacity.json and writes the reports of a search into its directory, each file whole or not at all. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnreadableResult } from '../schema.ts';
import { writeWhole } from '../write.ts';
import { renderCapacityPage } from './page.ts';
import { parseCapacityResult } from './schema.ts';
import { renderCapacitySummary } from './summary.ts';

/**
 * Writes index.html and summary.md, over earlier ones. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable capacity.json
 */
export async function writeCapacityReports(directory: string): Promise<string[]> {
  const place = join(directory, 'capacity.json');
  const result = parseCapacityResult(await textOf(place));
  const rendered = { 'index.html': renderCapacityPage(result), 'summary.md': renderCapacitySummary(result) };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));

  async function textOf(path: string): Promise<string> {
    return readFile(path, 'utf8').catch((error: Error) => {
      throw new UnreadableResult(`${path} can't be read: ${error.message}`);
    });
  }
}
