/**
 * The files that are inlined into a page: style sheets, our scripts and Chart.js. They are read once and made safe to inline:
 * no source-map comment (it would make the browser look for a file) and no closing script tag.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Html, trusted } from './inline.ts';

const known = new Map<string, Html>();

const CHART_LIBRARY = 'chart.umd.min.js';

/** In the order in which they run. */
export const SCRIPTS = [
  CHART_LIBRARY,
  'client/charts.client.js',
  'client/drawing.client.js',
  'client/save.client.js',
];

/** A style sheet or script by its path from here, as markup; from disk on the first call. */
export function asset(path: string): Html {
  const markup = known.get(path) ?? trusted(readAsset(path));
  known.set(path, markup);
  return markup;
}

function readAsset(path: string): string {
  const base = path === CHART_LIBRARY ? import.meta.resolve('chart.js') : import.meta.url;
  const text = readFileSync(fileURLToPath(new URL(path, base)), 'utf8');
  if (path.endsWith('.css')) return text;
  const script = text.replace(/^\/\/# sourceMappingURL=.*$/gm, '');
  if (/<\/script|<!--/i.test(script))
    throw new Error(`${path} can't be inlined: it would end its own script.`);
  return script;
}
