/** A change as a drawing in a table: no change as a line, the smallest effect as a band, the interval as a bar. */
import { scaleLinear } from 'd3-scale';
import type { MetricChange } from '../../bench/model/comparison.ts';
import { type Html, html } from '../document/inline.ts';
import { changeText, intervalText } from './figures.ts';

const WIDTH = 180;
const HEIGHT = 18;

/** Half of the scale in smallest effects. */
const SPAN = 4;

const COLOURS = { better: '--good', worse: '--bad', same: '--quiet', 'cannot tell': '--unsure' } as const;

/** Room for the arrow of a bar that leaves the scale. */
const ARROW = 6;

/** The drawing; nothing without a change. */
export function intervalBar(
  metric: MetricChange,
  { smallestEffect, smallestRatio }: { readonly smallestEffect: number; readonly smallestRatio: number },
): Html | null {
  const { change, unit, verdict } = metric;
  if (change === null) return null;
  const smallest = unit === 'ratio' ? smallestRatio : smallestEffect;
  const scale = scaleLinear()
    .domain([-SPAN * smallest, SPAN * smallest])
    .range([0, WIDTH]);
  const at = (value: number): number =>
    Math.round(Math.min(WIDTH - ARROW, Math.max(ARROW, scale(value))) * 10) / 10;
  const { low, high } = change.interval;
  const [from, to] = [at(low), at(high)];
  const isCut = (value: number) => scale(value) < ARROW || scale(value) > WIDTH - ARROW;
  return html`<svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${changeText(metric)}, ${intervalText(metric)}">
<rect x="${at(-smallest)}" y="0" width="${at(smallest) - at(-smallest)}" height="${HEIGHT}" style="fill:var(--shade)"/>
<path d="M${WIDTH / 2} 0V${HEIGHT}" style="stroke:var(--quiet)"/>
<g style="color:var(${COLOURS[verdict]})"><path d="M${from} 9H${to}" stroke="currentColor" stroke-width="3"/>
${isCut(low) && html`<path d="M${from} 4L${from - 6} 9L${from} 14Z" fill="currentColor"/>`}${isCut(high) && html`<path d="M${to} 4L${to + 6} 9L${to} 14Z" fill="currentColor"/>`}
${!isCut(change.estimate) && html`<circle cx="${at(change.estimate)}" cy="9" r="4" fill="currentColor"/>`}</g>
</svg>`;
}
