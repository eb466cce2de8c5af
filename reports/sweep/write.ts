/** Reads sweep.json and writes the reports of a sweep into its directory, each file whole or not at all. */
import { join } from 'node:path';
import { readSaved } from '../saved-data.ts';
import { writeWhole } from '../write.ts';
import { renderSweepPage } from './page.ts';
import { parseSweepResult } from './schema.ts';
import { renderSweepSummary } from './summary.ts';

/**
 * Writes index.html and summary.md, over earlier ones. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable sweep.json
 */
export async function writeSweepReports(directory: string): Promise<string[]> {
  const result = await readSaved(join(directory, 'sweep.json'), parseSweepResult);
  const rendered = { 'index.html': renderSweepPage(result), 'summary.md': renderSweepSummary(result) };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}
