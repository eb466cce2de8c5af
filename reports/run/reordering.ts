/**
 * How bad the reorders were, by the sample metrics of RFC 4737: extent, late time, n-reordering, reordering-free runs and
 * gaps, each explained where it stands; and where on the way they arose.
 */
import type { OrderingDetail, Quantiles, RunResult } from '../../bench/model/result.ts';
import { type Blocks, count, figureOf, heading, note, table, word } from '../document/blocks.ts';
import { html, quiet } from '../document/inline.ts';
import { countText, ratioText } from '../figures.ts';
import { WHERE } from './ordering-text.ts';
import { type NamedQuantiles, quantileTable } from './quantiles.ts';

/** The part on reordering; nothing when nothing was reordered. */
export function reordering({ messages, ordering }: RunResult): Blocks {
  if (messages.reordered === 0) return null;
  return [
    heading('Reordering'),
    table(
      'Where it arose, by the order of the traced messages in the stream',
      Object.keys(WHERE) as (keyof typeof WHERE)[],
      [
        word('place', (where) => WHERE[where][0]),
        word('what that means', (where) => WHERE[where][1]),
        count('reordered', (where) => ordering.where[where]),
      ],
    ),
    quantileTable('How bad it was: late time in ms, all else in messages', severity(ordering)),
    ordering.detail !== undefined && degrees(ordering.detail, messages.reordered),
  ];
}

function severity({ extent, lateTime, detail }: RunResult['ordering']): NamedQuantiles[] {
  const row = (name: string, meaning: string, quantiles: Quantiles): NamedQuantiles => ({
    name: [`${name} `, quiet(meaning)],
    quantiles,
  });
  return [
    row('extent', 'arrivals since the earliest overtaker (RFC 4737, section 4.2)', extent),
    row('late time', 'ms since the earliest overtaker (section 4.3)', lateTime),
    ...(detail === undefined
      ? []
      : [
          row(
            'n-reordering',
            'later ones right before it, 0 if the one before was overtaken too (section 5)',
            detail.nReordering,
          ),
          row('runs', 'arrivals in order before a reordered one (section 4.6)', detail.runs),
          row('gaps', 'arrivals from one discontinuity to the next (section 4.5)', detail.gaps),
        ]),
  ];
}

/** Rows before the table says no more than its last one. */
const MAX_DEGREES = 12;

function degrees({ nReordered }: OrderingDetail, reordered: number): Blocks {
  const seen = nReordered
    .map((messages, index) => ({ n: index + 1, messages, share: messages / reordered }))
    .filter(({ messages }) => messages > 0);
  if (seen.length === 0) return null;
  const more = seen.length > MAX_DEGREES ? ` Up to n = ${seen.at(-1)?.n} in result.json.` : '';
  const caption =
    'Reordered by n or more: what a receiver that waits for n later messages would still take for lost';
  return [
    table(caption, seen.slice(0, MAX_DEGREES), [
      word('n', ({ n }) => n),
      figureOf('messages', ({ messages }) => countText(messages)),
      figureOf('of all reordered', ({ share }) => ratioText(share)),
      figureOf(
        '',
        ({ share }) =>
          html`<div class="meter" aria-hidden="true"><i style="width:${percent(share)}%"></i></div>`,
      ),
    ]),
    note(
      `A message is n-reordered when the n arrivals right before it were all later ones (RFC 4737, section 5). TCP takes three for a loss.${more}`,
    ),
  ];
}

function percent(ratio: number): number {
  return Math.round(Math.min(1, Math.max(0, ratio)) * 1000) / 10;
}
