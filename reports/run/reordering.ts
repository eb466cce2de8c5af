/**
 * How bad the reorders were, by the sample metrics of RFC 4737: extent, late time, n-reordering, reordering-free runs and
 * gaps, each explained where it stands; and where on the way they arose.
 */
import type { OrderingDetail, RunResult } from '../../bench/model/result.ts';
import { countText, ratioText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { type NamedQuantiles, quantileTable, table } from '../html/table.ts';
import { PLACES } from './ordering-text.ts';

/** The part on reordering; nothing when nothing was reordered. */
export function reordering({ messages, ordering }: RunResult): Html {
  if (messages.reordered === 0) return NOTHING;
  const rows = [...always(ordering), ...detailed(ordering.detail)];
  return html`<h3>Reordering</h3>
${places(ordering.where)}
${quantileTable('How bad it was: late time in ms, all else in messages', rows)}
${ordering.detail === undefined ? NOTHING : degrees(ordering.detail, messages.reordered)}`;
}

function always({ extent, lateTime }: RunResult['ordering']): NamedQuantiles[] {
  return [
    {
      name: named('extent', 'arrivals since the earliest overtaker (RFC 4737, section 4.2)'),
      quantiles: extent,
    },
    { name: named('late time', 'ms since the earliest overtaker (section 4.3)'), quantiles: lateTime },
  ];
}

function detailed(detail: OrderingDetail | undefined): NamedQuantiles[] {
  if (detail === undefined) return [];
  return [
    {
      name: named(
        'n-reordering',
        'later ones right before it, 0 if the one before was overtaken too (section 5)',
      ),
      quantiles: detail.nReordering,
    },
    { name: named('runs', 'arrivals in order before a reordered one (section 4.6)'), quantiles: detail.runs },
    {
      name: named('gaps', 'arrivals from one discontinuity to the next (section 4.5)'),
      quantiles: detail.gaps,
    },
  ];
}

function named(name: string, meaning: string): Html {
  return html`${name} <span class="quiet">${meaning}</span>`;
}

function places(where: RunResult['ordering']['where']): Html {
  return table({
    caption: 'Where it arose, by the order of the traced messages in the stream',
    head: ['place', 'what that means', 'reordered'],
    wordColumns: 2,
    rows: (Object.keys(PLACES) as (keyof typeof PLACES)[]).map((place) => [
      ...PLACES[place],
      countText(where[place]),
    ]),
  });
}

/** Rows before the table says no more than its last one. */
const MAX_DEGREES = 12;

function degrees({ nReordered }: OrderingDetail, reordered: number): Html {
  const seen = nReordered.map((count, index) => ({ n: index + 1, count })).filter(({ count }) => count > 0);
  if (seen.length === 0) return NOTHING;
  const shown = seen.slice(0, MAX_DEGREES);
  const hidden = seen.length - shown.length;
  return html`${table({
    caption:
      'Reordered by n or more: what a receiver that waits for n later messages would still take for lost',
    head: ['n', 'messages', 'of all reordered', ''],
    rows: shown.map(({ n, count }) => [
      String(n),
      countText(count),
      ratioText(count / reordered),
      html`<div class="meter" aria-hidden="true"><i style="width:${percent(count / reordered)}%"></i></div>`,
    ]),
  })}
<p class="note">A message is n-reordered when the n arrivals right before it were all later ones (RFC 4737, section 5). TCP takes three for a loss.${hidden > 0 ? ` Up to n = ${seen.at(-1)?.n} in result.json.` : ''}</p>`;
}

function percent(ratio: number): number {
  return Math.round(Math.min(1, Math.max(0, ratio)) * 1000) / 10;
}
