/** Writes a comparison into a directory: the data, the page and the summary, each whole or not at all. */
import { writeWhole } from '../write.ts';
import type { Comparison } from './comparison.ts';
import { renderComparisonPage } from './page.ts';
import { renderComparisonSummary } from './summary.ts';

/** Writes comparison.json, index.html and summary.md, over earlier ones. Returns their paths. */
export function writeComparison(directory: string, comparison: Comparison): Promise<string[]> {
  const rendered = {
    'comparison.json': `${JSON.stringify(comparison, null, 2)}\n`,
    'index.html': renderComparisonPage(comparison),
    'summary.md': renderComparisonSummary(comparison),
  };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}
