/**
 * Strips: every worker a dot on a line from zero to the greatest value, one strip for each metric; the line is never
 * shorter than what the metric moves by itself, so that workers that are alike look alike. So a worker that is unlike
 * its siblings stands alone at the right, however many siblings there are. Positions are percentages, so that dots keep their
 * size and text its own on every screen; a dot's height is the worker's place among all, so equal ones don't hide each other.
 */
import type { WorkerFacts } from '../../bench/model/fleet-facts.ts';
import { type Blocks, box, drawing } from '../document/blocks.ts';
import { type Html, html } from '../document/inline.ts';
import { msText } from '../figures.ts';
import type { Comparison } from './standing.ts';
import { comparisonText } from './text.ts';

/** Height of a strip: so much for each worker within these bounds, px. */
const PER_WORKER_PX = 6;
const LEAST_PX = 30;
const MOST_PX = 72;

/** Dots that say which worker they are when pointed at. Of more of them nobody hits one. */
const MAX_TITLED = 128;

/** Above this, dots are drawn on a grid that the eye can't tell from none, and each place of it once. */
const MANY = 256;

/** A strip for each metric that has values; where all of them are zero there is nothing to see. */
export function strips(comparisons: readonly Comparison[], of: number): Blocks {
  const drawn = comparisons.filter(
    ({ metric, greatest }) => greatest !== null && (metric.of(greatest) ?? 0) > 0,
  );
  return (
    drawn.length > 0 &&
    drawing(
      'Each worker beside the others',
      box(
        'strips',
        drawn.map((comparison) => strip(comparison, of)),
      ),
    )
  );
}

function strip(comparison: Comparison, of: number): Html {
  const { metric, median, greatest, outliers } = comparison;
  const most = greatest === null ? 0 : (metric.of(greatest) ?? 0);
  const scale = Math.max(most, metric.floorMs);
  const isEndFree = scale > most && shareOf(median ?? 0, scale) <= 60;
  const end = isEndFree && html`<span class="end">${msText(scale)}</span>`;
  const [first] = outliers;
  const more = outliers.length > 1 ? `, ${outliers.length - 1} more` : '';
  const label =
    first === undefined
      ? html`<span class="quiet">at most ${msText(most)}</span>`
      : html`<span class="bad">worker ${first.index}: ${msText(most)}${more}</span>`;
  return html`<figure class="strip">
<figcaption><h3>${metric.title}</h3>${label}</figcaption>
${dots(comparison, of, scale)}
<p class="axis" aria-hidden="true"><span>0</span>${median !== null && medianLabel(median, scale)}${end}</p>
</figure>
`;
}

/** Under the median's line, inside the strip at both ends. */
function medianLabel(median: number, most: number): Html {
  const at = shareOf(median, most);
  const shift = at < 20 ? 0 : at > 80 ? -100 : -50;
  // Next to the zero there is no room for both.
  const left = at < 20 ? `max(1.5em, ${at.toFixed(1)}%)` : `${at.toFixed(1)}%`;
  return html`<span style="left:${left};transform:translateX(${shift}%)">median ${msText(median)}</span>`;
}

function dots(comparison: Comparison, of: number, most: number): Html {
  const { metric, median, greatest, outliers } = comparison;
  const height = Math.min(MOST_PX, Math.max(LEAST_PX, of * PER_WORKER_PX));
  const odd = new Set(outliers);
  const all = comparison.known.filter((worker) => !odd.has(worker));
  const place = (worker: WorkerFacts) => ({
    x: shareOf(metric.of(worker) ?? 0, most),
    y: ((worker.index + 0.5) / of) * height,
  });
  const titled =
    greatest !== null && of <= MAX_TITLED ? (worker: WorkerFacts) => titleOf(comparison, worker) : null;
  const circles = (workers: readonly WorkerFacts[], radius: number) => {
    const seen = new Set<string>();
    return workers.flatMap((worker) => {
      const { x, y } = place(worker);
      const [cx, cy] =
        of > MANY ? [(Math.round(x * 4) / 4).toString(), y.toFixed(0)] : [x.toFixed(2), y.toFixed(1)];
      if (seen.has(`${cx} ${cy}`)) return [];
      seen.add(`${cx} ${cy}`);
      return [html`<circle cx="${cx}%" cy="${cy}" r="${radius}">${titled?.(worker)}</circle>`];
    });
  };
  const line = median === null ? '' : `${shareOf(median, most).toFixed(2)}%`;
  return html`<svg role="img" aria-label="${comparisonText(comparison)}" height="${height}">
${line !== '' && html`<line class="median" x1="${line}" x2="${line}" y1="0" y2="100%"/>`}
<g class="${of > MANY ? 'many' : 'few'}">${circles(all, of > MANY ? 2 : 4)}</g>
<g class="odd">${circles(outliers, of > MANY ? 3 : 5)}</g>
</svg>`;
}

function titleOf({ metric }: Comparison, worker: WorkerFacts): Html {
  return html`<title>worker ${worker.index} (${worker.host}): ${msText(metric.of(worker))}</title>`;
}

function shareOf(value: number, most: number): number {
  return most <= 0 ? 0 : Math.max(0, (value / most) * 100);
}
