/**
 * Heat maps as tables: the two settings that matter most for a metric are rows and columns, every combination of the others is
 * a map of its own, and all maps of a metric share one scale. Darker is worse, in seven steps of one colour, and every cell
 * prints its figure: colour only helps the eye, it never carries the meaning alone.
 */
import type { SweepCell, SweepResult, Variation } from '../../bench/model/sweep.ts';
import { type Blocks, box, drawing, none, note } from '../document/blocks.ts';
import { type Html, html } from '../document/inline.ts';
import { ABSENT } from '../figures.ts';
import { byInfluence } from './effects.ts';
import { cellValue, isDoubtful, type SweepMetric, scaled } from './metrics.ts';

/** Steps of the scale; the style sheet has as many colours. */
const STEPS = 7;

/** Values a factor of this apart are all the same shade but two: what is hardly different must not look different. */
const MIN_SPAN = Math.log(1.5);

interface Axes {
  readonly rows: Variation;
  /** Null when one setting varies alone. */
  readonly columns: Variation | null;
  readonly others: readonly Variation[];
}

/** The maps of a metric; nothing where no cell has a value. */
export function heatMaps(result: SweepResult, metric: SweepMetric): Blocks {
  const axes = axesOf(result, metric);
  const values = result.cells.map((cell) => cellValue(cell, metric)).filter((value) => value !== null);
  if (axes === null || values.length === 0)
    return none(`No cell has a figure for ${metric.name.toLowerCase()} that could be stated.`);
  const shade = shadeOf(metric, values);
  const maps = facetsOf(axes.others).map((facet) => heatMap(result, { metric, axes, facet, shade }));
  return drawing(`${metric.name}, ${metric.unit}`, [box('heat-maps', maps), scale(metric, values)]);
}

function axesOf(result: SweepResult, metric: SweepMetric): Axes | null {
  const [rows, columns, ...others] = byInfluence(result, metric);
  return rows === undefined ? null : { rows, columns: columns ?? null, others };
}

/** Every combination of the settings that are no axis. */
function facetsOf(others: readonly Variation[]): Record<string, string>[] {
  return others.reduce<Record<string, string>[]>(
    (facets, { name, values }) =>
      facets.flatMap((facet) => values.map((value) => ({ ...facet, [name]: value }))),
    [{}],
  );
}

interface Facet {
  readonly metric: SweepMetric;
  readonly axes: Axes;
  readonly facet: Readonly<Record<string, string>>;
  readonly shade: (value: number) => number;
}

function heatMap(result: SweepResult, { metric, axes: { rows, columns }, facet, shade }: Facet): Html {
  const words = Object.entries(facet)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const caption = `${metric.name} in ${metric.unit}${words === '' ? '' : `, ${words}`}`;
  const across = columns?.values ?? [''];
  const cellAt = (row: string, column: string): SweepCell | undefined =>
    result.cells.find(
      ({ settings }) =>
        settings[rows.name] === row &&
        (columns === null || settings[columns.name] === column) &&
        Object.entries(facet).every(([name, value]) => settings[name] === value),
    );
  const body = rows.values.map(
    (
      row,
    ) => html`<tr><th scope="row">${row}</th>${across.map((column) => square(cellAt(row, column), { metric, shade, result }))}</tr>
`,
  );
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table class="heat">
<caption><span>${words === '' ? metric.name : words}</span></caption>
<thead>${columns !== null && html`<tr><td></td><th scope="colgroup" colspan="${across.length}">${columns.name}</th></tr>`}<tr><th scope="col">${rows.name}</th>${across.map((column) => html`<th scope="col">${columns === null ? metric.unit : column}</th>`)}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** Behind a figure that rests on invalid runs alone. */
const DOUBT = html`<span title="invalid runs only">!<span class="unseen"> invalid runs only</span></span>`;

function square(
  cell: SweepCell | undefined,
  { metric, shade, result }: { metric: SweepMetric; shade: (value: number) => number; result: SweepResult },
): Html {
  const value = cell === undefined ? null : cellValue(cell, metric);
  if (cell === undefined || value === null)
    return html`<td class="absent">${ABSENT}<span class="unseen"> no figure</span></td>`;
  const isBest = result.recommendation.cell === cell.id;
  return html`<td class="heat-${shade(value)}"><a href="${`#cell-${cell.id}`}">${metric.shown(value)}</a>${isDoubtful(cell) && DOUBT}${isBest && html` <span class="star" title="recommended">★<span class="unseen"> recommended</span></span>`}</td>`;
}

/** The shade of a value, 0 the best. What spans little uses the middle shades only. */
function shadeOf(metric: SweepMetric, values: readonly number[]): (value: number) => number {
  const points = values.map((value) => scaled(metric, value));
  const [low, high] = [Math.min(...points), Math.max(...points)];
  if (high === low) return () => 0;
  const span = metric.isFactor ? Math.max(high - low, MIN_SPAN) : high - low;
  return (value) => {
    const place = scaled(metric, value);
    const worse = metric.better === 'lower' ? place - low : high - place;
    return Math.min(STEPS - 1, Math.floor((worse / span) * STEPS));
  };
}

function scale(metric: SweepMetric, values: readonly number[]): Blocks {
  const ordered = [...values].sort((left, right) =>
    metric.better === 'lower' ? left - right : right - left,
  );
  const [best = 0, worst = 0] = [ordered[0], ordered.at(-1)];
  if (best === worst)
    return note(`All cells that could be judged have ${metric.shown(best)} ${metric.unit}.`);
  const steps = Array.from({ length: STEPS }, (_, step) => html`<i class="heat-${step}"></i>`);
  return html`<p class="heat-scale"><span>${metric.shown(best)}, best</span><span class="steps" aria-hidden="true">${steps}</span><span>${metric.shown(worst)}, worst</span></p>`;
}
