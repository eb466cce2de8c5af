/** Money as a reader should see it, the same in every format, and what a cost is the cost of. */
import { pricesText } from '../bench/model/prices-text.ts';
import type { RunCost } from '../bench/model/result.ts';
import { ABSENT } from './figures.ts';

/** Dollars: cents from one dollar on, four significant digits below, since a short run costs less than a cent. */
export function dollarText(amount: number | null | undefined): string {
  if (amount === null || amount === undefined || !Number.isFinite(amount)) return ABSENT;
  if (amount === 0) return '$0';
  if (amount >= 1)
    return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  if (amount < 0.0001) return `$${amount.toExponential(1)}`;
  return `$${Number(amount.toPrecision(3))}`;
}

/** Whether the money was spent. */
export function basisText({ basis }: RunCost): string {
  return basis === 'as on AWS'
    ? 'what the same run would cost on AWS; nothing was billed'
    : 'by what was counted';
}

/** The cost in one line: `$0.0312 for the run, $4.10 per million round trips, $310.00 a month at this load`. */
export function costSentence(cost: RunCost): string {
  const { total, perMillionRoundTrips, perMonth } = cost;
  const parts = [
    `${dollarText(total)} for the run`,
    ...(perMillionRoundTrips === undefined
      ? []
      : [`${dollarText(perMillionRoundTrips)} per million round trips`]),
    ...(perMonth === undefined ? [] : [`${dollarText(perMonth)} a month at this load`]),
  ];
  return `${parts.join(', ')} (${pricesText(cost)}; ${basisText(cost)})`;
}
