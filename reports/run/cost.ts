/** What the run cost, or would have cost on AWS: the items that add up to it, and the same by month and by round trip. */
import { pricesText } from '../../bench/model/prices-text.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { basisText, dollarText } from '../cost-words.ts';
import { amountText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { facts, table } from '../html/table.ts';

/** The section on cost; nothing when the run has none. */
export function cost({ cost: bill }: RunResult): Html {
  if (bill === null) return NOTHING;
  const { perMonth, perMillionRoundTrips, notes = [] } = bill;
  return html`<section aria-labelledby="cost">
<h2 id="cost">Cost</h2>
${facts([
  ['the run', `${dollarText(bill.total)}, ${basisText(bill)}`],
  ...(perMillionRoundTrips === undefined
    ? []
    : ([['per million round trips', dollarText(perMillionRoundTrips)]] as const)),
  ...(perMonth === undefined ? [] : ([['a month at this load, 730 hours', dollarText(perMonth)]] as const)),
])}
${table({
  caption: `Cost of the run at ${pricesText(bill)}, in ${bill.currency}`,
  head: ['item', 'unit', 'quantity', bill.currency],
  wordColumns: 2,
  rows: [
    ...bill.items.map((item) => [item.label, item.unit, amountText(item.quantity), priceText(item.cost)]),
    ['total', '', '', priceText(bill.total)],
  ],
})}
${notes.length === 0 ? NOTHING : html`<ul class="stage-notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
</section>
`;
}

/** Money to a hundredth of a cent, since a short run costs less than a cent. */
function priceText(amount: number): string {
  return amount.toFixed(4);
}
