/** Writes a history into a directory, or the reports of one that is there: each file whole or not at all. */
import { join } from 'node:path';
import { readSaved } from '../saved-data.ts';
import { writeWhole } from '../write.ts';
import type { History } from './history.ts';
import { renderHistoryPage } from './page.ts';
import { parseHistory } from './schema.ts';
import { renderHistorySummary } from './summary.ts';

/** Writes history.json, index.html and summary.md, over earlier ones. Returns their paths. */
export async function writeHistory(directory: string, history: History): Promise<string[]> {
  const data = await writeWhole(directory, 'history.json', `${JSON.stringify(history, null, 2)}\n`);
  return [data, ...(await writeRendered(directory, history))];
}

/**
 * Writes index.html and summary.md again from the directory's history.json. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is no readable history.json
 */
export async function writeHistoryReports(directory: string): Promise<string[]> {
  return writeRendered(directory, await readSaved(join(directory, 'history.json'), parseHistory));
}

function writeRendered(directory: string, history: History): Promise<string[]> {
  const rendered = { 'index.html': renderHistoryPage(history), 'summary.md': renderHistorySummary(history) };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}
