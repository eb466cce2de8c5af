/**
 * Latency against cost: one mark a cell, its number beside it, and the Pareto front as a line. On the front are the cells of
 * which no other is as fast and as cheap, and better in one of the two; whatever is not on it is a worse choice than one that is.
 */
import { scaleLinear } from 'd3-scale';
import type { SweepCell, SweepResult } from '../../bench/model/sweep.ts';
import {
  amount,
  type Blocks,
  box,
  drawing,
  fold,
  list,
  money,
  none,
  table,
  word,
} from '../document/blocks.ts';
import { type Html, html, link, unseen } from '../document/inline.ts';
import { amountText, dollarText } from '../figures.ts';
import { COST, cellValue, latencyOf } from './metrics.ts';
import { settingsText } from './text.ts';

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

export interface CellPoint {
  readonly cell: SweepCell;
  /** Number of the cell in the report, from 1. */
  readonly number: number;
  /** Of the percentile that the goals are about. */
  readonly latencyMs: number;
  readonly costUsd: number;
  readonly isOnFront: boolean;
}

/** Cells with both figures, cheapest first. */
export function paretoPoints({ cells, goals }: Pick<SweepResult, 'cells' | 'goals'>): CellPoint[] {
  const latency = latencyOf({ goals });
  const points = cells.flatMap((cell, index) => {
    const [latencyMs, costUsd] = [cellValue(cell, latency), cellValue(cell, COST)];
    return latencyMs === null || costUsd === null ? [] : [{ cell, number: index + 1, latencyMs, costUsd }];
  });
  return points
    .map((point) => ({ ...point, isOnFront: !points.some((other) => dominates(other, point)) }))
    .sort((left, right) => left.costUsd - right.costUsd || left.latencyMs - right.latencyMs);
}

type Figures = Pick<CellPoint, 'latencyMs' | 'costUsd'>;

function dominates(one: Figures, other: Figures): boolean {
  const isNoWorse = one.latencyMs <= other.latencyMs && one.costUsd <= other.costUsd;
  return isNoWorse && (one.latencyMs < other.latencyMs || one.costUsd < other.costUsd);
}

/** The figure with its data; a sentence where no cell has both figures. */
export function tradeOff(result: SweepResult, points: readonly CellPoint[]): Blocks {
  const latency = latencyOf(result);
  if (points.length === 0)
    return none(`No cell has both a ${latency.short} and a cost, so there is no trade-off to show.`);
  const signs = [
    ['●', 'on the Pareto front: no cell is faster and cheaper'],
    ['○', 'another cell is at least as fast and as cheap'],
    result.recommendation.cell !== null && ['★', 'recommended'],
  ].filter((sign) => sign !== false);
  return drawing(TITLE, [
    list(
      signs.map(([sign, words]) => [html`<span aria-hidden="true">${sign}</span> `, words]),
      'legend',
    ),
    box('trade-off', scatter(result, points)),
    fold(
      ['Data', unseen(' of latency against cost')],
      [
        table('Cells, the cheapest first', points, [
          word('cell', ({ cell, number }) => link(`#cell-${cell.id}`, number)),
          word('settings', ({ cell }) => settingsText(cell)),
          word('Pareto', ({ isOnFront }) => isOnFront && 'on the front'),
          amount(`${latency.short} ms`, ({ latencyMs }) => latencyMs),
          money('USD per million', ({ costUsd }) => costUsd),
        ]),
      ],
    ),
  ]);
}

function scatter(result: SweepResult, points: readonly CellPoint[]): Html {
  const latency = latencyOf(result);
  const x = scaleOver(points.map(({ costUsd }) => costUsd)).range([LEFT, WIDTH - RIGHT]);
  const y = scaleOver(points.map(({ latencyMs }) => latencyMs)).range([HEIGHT - BOTTOM, TOP]);
  const pointOf = ({ costUsd, latencyMs }: CellPoint): Point => ({ x: x(costUsd), y: y(latencyMs) });
  const all = points.map(pointOf);
  const front = points.filter(({ isOnFront }) => isOnFront);
  const line = front
    .map(pointOf)
    .map((point) => `${px(point.x)},${px(point.y)}`)
    .join(' ');
  const named = front.map(
    ({ number, latencyMs, costUsd }) =>
      `cell ${number}, ${amountText(latencyMs)} ms at ${dollarText(costUsd)}`,
  );
  const words = `${latency.name} against cost per million round trips of ${points.length} cells. On the front: ${named.join('; ')}.`;
  // Those on the front last, so that none is hidden by one that is not.
  const drawn = [...points].sort((left, right) => Number(left.isOnFront) - Number(right.isOnFront));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words}">
${x.ticks(TICKS).map((tick) => html`<path class="grid" d="M${px(x(tick))} ${TOP}V${HEIGHT - BOTTOM}"/><text x="${px(x(tick))}" y="${HEIGHT - BOTTOM + 14}" text-anchor="middle">${dollarText(tick)}</text>`)}
${y.ticks(TICKS).map((tick) => html`<path class="grid" d="M${LEFT} ${px(y(tick))}H${WIDTH - RIGHT}"/><text x="${LEFT - 5}" y="${px(y(tick) + 4)}" text-anchor="end">${amountText(tick)}</text>`)}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">cost per million round trips</text>
<text x="12" y="${(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" transform="rotate(-90 12 ${(TOP + HEIGHT - BOTTOM) / 2})">${latency.short}, ms</text>
<polyline class="front" points="${line}"/>
${drawn.map((point) => mark(point, pointOf(point), { isBest: point.cell.id === result.recommendation.cell, isLow: isBelowAnother(pointOf(point), all) }))}
</svg>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Whether a number above the mark would lie on another mark or its number. */
function isBelowAnother(point: Point, all: readonly Point[]): boolean {
  return all.some(({ x, y }) => Math.abs(x - point.x) < 26 && y < point.y && point.y - y < 20);
}

function mark(
  { cell, number, latencyMs, costUsd, isOnFront }: CellPoint,
  at: Point,
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

/** A linear scale with room on either side of the values. */
function scaleOver(values: readonly number[]) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = MARGIN * (high - low || high * 0.2 || 1);
  return scaleLinear().domain([Math.max(0, low - room), high + room]);
}
