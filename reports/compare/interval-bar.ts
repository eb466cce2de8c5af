/** A change as a drawing in a table: no change as a line, the smallest effect as a band, the interval as a bar. */
import { type Html, html, NOTHING } from '../html/html.ts';
import type { MetricChange } from './comparison.ts';
import { changeText, intervalText } from './words.ts';

const WIDTH = 180;
const HEIGHT = 18;

/** Half of the scale in smallest effects. */
const SPAN = 4;

const COLOURS = { better: '--good', worse: '--bad', same: '--quiet', 'cannot tell': '--unsure' } as const;

/** The drawing; nothing without a change. */
export function intervalBar(
  metric: MetricChange,
  { smallestEffect, smallestRatio }: { readonly smallestEffect: number; readonly smallestRatio: number },
): Html {
  const { change, unit, verdict } = metric;
  if (change === null) return NOTHING;
  const smallest = unit === 'ratio' ? smallestRatio : smallestEffect;
  const at = (value: number): number => {
    const place = WIDTH / 2 + ((value / smallest / SPAN) * WIDTH) / 2;
    return Math.round(Math.min(WIDTH - 6, Math.max(6, place)) * 10) / 10;
  };
  const { low, high } = change.interval;
  const [from, to] = [at(low), at(high)];
  const isCut = (value: number) => Math.abs(value / smallest) > SPAN * (1 - 12 / WIDTH);
  return html`<svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${changeText(metric)}, ${intervalText(metric)}">
<rect x="${at(-smallest)}" y="0" width="${at(smallest) - at(-smallest)}" height="${HEIGHT}" style="fill:var(--shade)"/>
<path d="M${WIDTH / 2} 0V${HEIGHT}" style="stroke:var(--quiet)"/>
<g style="color:var(${COLOURS[verdict]})"><path d="M${from} 9H${to}" stroke="currentColor" stroke-width="3"/>
${isCut(low) ? html`<path d="M${from} 4L${from - 6} 9L${from} 14Z" fill="currentColor"/>` : NOTHING}${isCut(high) ? html`<path d="M${to} 4L${to + 6} 9L${to} 14Z" fill="currentColor"/>` : NOTHING}
${isCut(change.estimate) ? NOTHING : html`<circle cx="${at(change.estimate)}" cy="9" r="4" fill="currentColor"/>`}</g>
</svg>`;
}
