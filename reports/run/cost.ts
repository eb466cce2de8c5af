/** What the run cost, or would have cost on AWS: the items that add up to it, and the same by month and by round trip. */
import { pricesText } from '../../bench/model/prices-text.ts';
import type { RunCost, RunResult } from '../../bench/model/result.ts';
import { type Blocks, facts, figureOf, list, section, table, word } from '../document/blocks.ts';
import { amountText, dollarText } from '../figures.ts';

/** The section on cost; nothing when the run has none. */
export function cost({ cost: bill }: RunResult): Blocks {
  if (bill === null) return null;
  const { currency, items, total, perMonth, perMillionRoundTrips, notes = [] } = bill;
  const rows = [...items, { label: 'total', unit: '', quantity: null, cost: total }];
  return section('cost', 'Cost', [
    facts([
      ['the run', `${dollarText(total)}, ${basisText(bill)}`],
      perMillionRoundTrips !== undefined && ['per million round trips', dollarText(perMillionRoundTrips)],
      perMonth !== undefined && ['a month at this load, 730 hours', dollarText(perMonth)],
    ]),
    table(`Cost of the run at ${pricesText(bill)}, in ${currency}`, rows, [
      word('item', ({ label }) => label),
      word('unit', ({ unit }) => unit),
      figureOf('quantity', ({ quantity }) => quantity !== null && amountText(quantity)),
      // To a hundredth of a cent, since a short run costs less than a cent.
      figureOf(currency, ({ cost: usd }) => usd.toFixed(4)),
    ]),
    list(notes, 'stage-notes'),
  ]);
}

/** Whether the money was spent. */
function basisText({ basis }: RunCost): string {
  return basis === 'as on AWS'
    ? 'what the same run would cost on AWS; nothing was billed'
    : 'by what was counted';
}

/** The cost in one line: `$0.0312 for the run, $4.10 per million round trips, $310.00 a month at this load`. */
export function costText(cost: RunCost): string {
  const { total, perMillionRoundTrips, perMonth } = cost;
  const parts = [
    `${dollarText(total)} for the run`,
    perMillionRoundTrips !== undefined && `${dollarText(perMillionRoundTrips)} per million round trips`,
    perMonth !== undefined && `${dollarText(perMonth)} a month at this load`,
  ];
  return `${parts.filter(Boolean).join(', ')} (${pricesText(cost)}; ${basisText(cost)})`;
}
