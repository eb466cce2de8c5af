/** Where the violations were: on which streams, and in which shards. Few streams hurt badly is not many hurt a little. */
import type { OrderingDetail } from '../../bench/model/result.ts';
import { counted, countText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';

/** The part on streams and shards; nothing when no stream had a violation. */
export function streams(
  { streams: { affected, of, worst, unranked = 0 }, shards }: OrderingDetail,
  isTraced: boolean,
): Html {
  if (affected === 0) return NOTHING;
  return html`<h3>Streams</h3>
<p>${countText(affected)} of ${counted(of, 'stream')} had at least one violation.${unranked > 0 ? ` ${countText(unranked)} of these were too many to keep apart and are not ranked.` : ''}</p>
${worst.length === 0 ? NOTHING : worstTable(worst, affected)}
${shardTable(shards, isTraced)}`;
}

function worstTable(worst: OrderingDetail['streams']['worst'], affected: number): Html {
  const which = worst.length < affected ? `The ${worst.length} worst` : 'All of them, the worst first';
  return table({
    caption: `${which}; in messages`,
    head: ['stream', 'delivered', 'reordered', 'duplicated', 'lost', 'unexpected'],
    rows: worst.map((one) => [
      String(one.stream),
      ...[one.delivered, one.reordered, one.duplicated, one.lost, one.unexpected].map(countText),
    ]),
  });
}

function shardTable(shards: OrderingDetail['shards'], isTraced: boolean): Html {
  if (shards.length === 0) {
    return isTraced ? NOTHING : html`<p class="note">Shards are known only of traced messages.</p>`;
  }
  return table({
    caption: 'By shard, traced messages; a lost one has no shard',
    head: ['shard', 'delivered', 'reordered', 'duplicated'],
    rows: shards.map(({ shard, delivered, reordered, duplicated }) => [
      html`<code>${shard}</code>`,
      ...[delivered, reordered, duplicated].map(countText),
    ]),
  });
}
