/**
 * The files that are inlined into every report: the style sheet, our scripts and Chart.js. They are read once and
 * made safe to inline: no source-map comment (it would make the browser look for a file) and no closing script tag.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Html, trusted } from './html.ts';

/** What a page inlines. */
export interface Assets {
  readonly style: Html;
  readonly chartLibrary: Html;
  readonly chartScript: Html;
  readonly drawingScript: Html;
  readonly saveScript: Html;
}

let loaded: Assets | undefined;

/** The assets, read from disk on the first call. */
export function assets(): Assets {
  loaded ??= {
    style: trusted(textOf(new URL('report.css', import.meta.url))),
    chartLibrary: inlineScript(new URL('chart.umd.min.js', import.meta.resolve('chart.js'))),
    chartScript: inlineScript(new URL('charts.client.js', import.meta.url)),
    drawingScript: inlineScript(new URL('drawing.client.js', import.meta.url)),
    saveScript: inlineScript(new URL('save.client.js', import.meta.url)),
  };
  return loaded;
}

function inlineScript(url: URL): Html {
  const script = textOf(url).replace(/^\/\/# sourceMappingURL=.*$/gm, '');
  if (/<\/script|<!--/i.test(script))
    throw new Error(`${url.pathname} can't be inlined: it would end its own script.`);
  return trusted(script);
}

function textOf(url: URL): string {
  return readFileSync(fileURLToPath(url), 'utf8');
}
