/** Latency against cost as a drawing: one mark a cell, its number beside it, the Pareto front as a line. A table has the figures. */
import type { SweepResult } from '../../bench/model/sweep.ts';
import { dollarText } from '../cost-words.ts';
import { amountText } from '../figures.ts';
import { saveButtons } from '../html/drawing.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { latencyOf } from './metrics.ts';
import { type CellPoint, paretoPoints } from './pareto.ts';
import { settingsText } from './words.ts';

const WIDTH = 420;
const HEIGHT = 300;
const LEFT = 48;
const RIGHT = 16;
const TOP = 14;
const BOTTOM = 40;

const TITLE = 'Latency against cost';

/** Room around the marks as a share of the range. */
const MARGIN = 0.08;

/** Ticks on an axis. */
const TICKS = 4;

/** The figure with its data; a sentence where no cell has both figures. */
export function tradeOff(result: SweepResult, data: Html): Html {
  const points = paretoPoints(result);
  if (points.length === 0)
    return html`<p class="none">No cell has both a ${latencyOf(result).short} and a cost, so there is no trade-off to show.</p>`;
  const front = points.filter(({ isOnFront }) => isOnFront);
  const words = `${latencyOf(result).name} against cost per million round trips of ${points.length} cells. On the front: ${front.map(({ number, latencyMs, costUsd }) => `cell ${number}, ${amountText(latencyMs)} ms at ${dollarText(costUsd)}`).join('; ')}.`;
  return html`<figure class="trade-off" data-picture="${TITLE}">
<ul class="legend"><li><span aria-hidden="true">●</span> on the Pareto front: no cell is faster and cheaper</li><li><span aria-hidden="true">○</span> another cell is at least as fast and as cheap</li>${result.recommendation.cell === null ? NOTHING : html`<li><span aria-hidden="true">★</span> recommended</li>`}</ul>
${drawing(result, points, words)}
${data}${saveButtons(TITLE)}
</figure>`;
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

function drawing(result: SweepResult, points: readonly CellPoint[], words: string): Html {
  const x = scaleOf(
    points.map(({ costUsd }) => costUsd),
    [LEFT, WIDTH - RIGHT],
  );
  const y = scaleOf(
    points.map(({ latencyMs }) => latencyMs),
    [HEIGHT - BOTTOM, TOP],
  );
  const placeOf = ({ costUsd, latencyMs }: CellPoint): Place => ({ x: x.at(costUsd), y: y.at(latencyMs) });
  const places = points.map(placeOf);
  const front = points.filter(({ isOnFront }) => isOnFront);
  const line = front.map(({ costUsd, latencyMs }) => `${px(x.at(costUsd))},${px(y.at(latencyMs))}`).join(' ');
  // Those on the front last, so that none is hidden by one that is not.
  const drawn = [...points].sort((left, right) => Number(left.isOnFront) - Number(right.isOnFront));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words}">
${x.ticks.map((tick) => html`<path class="grid" d="M${px(x.at(tick))} ${TOP}V${HEIGHT - BOTTOM}"/><text x="${px(x.at(tick))}" y="${HEIGHT - BOTTOM + 14}" text-anchor="middle">${dollarText(tick)}</text>`)}
${y.ticks.map((tick) => html`<path class="grid" d="M${LEFT} ${px(y.at(tick))}H${WIDTH - RIGHT}"/><text x="${LEFT - 5}" y="${px(y.at(tick) + 4)}" text-anchor="end">${amountText(tick)}</text>`)}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">cost per million round trips</text>
<text x="12" y="${(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" transform="rotate(-90 12 ${(TOP + HEIGHT - BOTTOM) / 2})">${latencyOf(result).short}, ms</text>
<polyline class="front" points="${line}"/>
${drawn.map((point) => mark(point, placeOf(point), { isBest: point.cell.id === result.recommendation.cell, isLow: isBelowAnother(placeOf(point), places) }))}
</svg>`;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Whether a number above the mark would lie on another mark or its number. */
function isBelowAnother(place: Place, all: readonly Place[]): boolean {
  return all.some(({ x, y }) => Math.abs(x - place.x) < 26 && y < place.y && place.y - y < 20);
}

function mark(
  { cell, number, latencyMs, costUsd, isOnFront }: CellPoint,
  at: Place,
  { isBest, isLow }: { readonly isBest: boolean; readonly isLow: boolean },
): Html {
  const shape = isBest
    ? html`<text class="best" x="${px(at.x)}" y="${px(at.y + 6)}" text-anchor="middle">★</text>`
    : html`<circle class="${isOnFront ? 'on' : 'off'}" cx="${px(at.x)}" cy="${px(at.y)}" r="4"/>`;
  const isRight = at.x > WIDTH - RIGHT - 20;
  return html`<g><title>${`${number}: ${settingsText(cell)}; ${amountText(latencyMs)} ms, ${dollarText(costUsd)}`}</title>${shape}<text class="${isOnFront ? 'number' : 'number off'}" x="${px(at.x + (isRight ? -8 : 8))}" y="${px(at.y + (isLow ? 13 : -5))}" text-anchor="${isRight ? 'end' : 'start'}">${number}</text></g>
`;
}

const px = (value: number): string => String(Math.round(value * 10) / 10);

/** A linear scale with a few round ticks inside it. */
function scaleOf(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = high - low || high * 0.2 || 1;
  const [start, end] = [Math.max(0, low - range * MARGIN), high + range * MARGIN];
  const step = roundStep((end - start) / TICKS);
  const first = Math.ceil(start / step);
  const ticks = Array.from(
    { length: Math.floor(end / step) - first + 1 },
    (_, index) => (first + index) * step,
  );
  return { at: (value) => from + ((value - start) / (end - start)) * (to - from), ticks };
}

/** The 1, 2 or 5 times a power of ten that is nearest above. */
function roundStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(least));
  return decade * ([1, 2, 5, 10].find((factor) => factor * decade >= least) ?? 10);
}
