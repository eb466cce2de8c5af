/** Writes a comparison into a directory, or the reports of one that is there: each file whole or not at all. */
import { join } from 'node:path';
import { readSaved } from '../saved-data.ts';
import { writeWhole } from '../write.ts';
import type { Comparison } from './comparison.ts';
import { renderComparisonPage } from './page.ts';
import { parseComparison } from './schema.ts';
import { renderComparisonSummary } from './summary.ts';

/** Writes comparison.json, index.html and summary.md, over earlier ones. Returns their paths. */
export async function writeComparison(directory: string, comparison: Comparison): Promise<string[]> {
  const data = await writeWhole(directory, 'comparison.json', `${JSON.stringify(comparison, null, 2)}\n`);
  return [data, ...(await writeRendered(directory, comparison))];
}

/**
 * Writes index.html and summary.md again from the directory's comparison.json. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable comparison.json
 */
export async function writeComparisonReports(directory: string): Promise<string[]> {
  return writeRendered(directory, await readSaved(join(directory, 'comparison.json'), parseComparison));
}

function writeRendered(directory: string, comparison: Comparison): Promise<string[]> {
  const rendered = {
    'index.html': renderComparisonPage(comparison),
    'summary.md': renderComparisonSummary(comparison),
  };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}
