/**
 * The hop budget: where a message's time goes. Only traced messages tell. Three of the four hops subtract readings of
 * two machines' clocks and carry the unknown offset between them; each row says whether it does.
 */
import type { HopBudget, RunResult } from '../../bench/model/result.ts';
import {
  type Blocks,
  drawing,
  facts,
  none,
  note,
  page,
  paragraph,
  section,
  text,
} from '../document/blocks.ts';
import { html, mark, quiet } from '../document/inline.ts';
import { amountText, counted, countText, msText, ratioText } from '../figures.ts';
import { quantileTable } from './quantiles.ts';

const HOPS = [
  { name: 'ingest', way: 'driver to stream', crosses: true },
  { name: 'queue', way: 'stream to function', crosses: true },
  { name: 'process', way: 'in the function', crosses: false },
  { name: 'deliver', way: 'function to driver', crosses: true },
] as const;

/** The section on hops; nothing when no trace was asked for. */
export function hops({ latency: { hops: budget }, plan }: RunResult): Blocks {
  if (budget === null)
    return (
      plan.trace &&
      page(() =>
        section(
          'hops',
          'Hop budget',
          none('A trace was asked for, but no answer carried one: this stage does not send traces.'),
          'Hops',
        ),
      )
    );
  return section(
    'hops',
    'Hop budget',
    [page(() => bar(budget)), text(() => budgetFact(budget)), sumCheck(budget), page(() => table(budget))],
    'Hops',
  );
}

interface HopShare {
  readonly name: string;
  readonly way: string;
  readonly ms: number | null;
  /** Of the whole. */
  readonly share: number;
}

/** Means where the result has their shares; older results have medians only. */
function sharesOf(budget: HopBudget): { readonly isMean: boolean; readonly hops: HopShare[] } {
  const { shares } = budget;
  if (shares !== undefined)
    return {
      isMean: true,
      hops: HOPS.map((hop) => ({ ...hop, ms: budget[hop.name].mean, share: shares[hop.name] })),
    };
  const medians = HOPS.map((hop) => ({ ...hop, ms: budget[hop.name].p50 }));
  const total = medians.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  return { isMean: false, hops: medians.map((hop) => ({ ...hop, share: (hop.ms ?? 0) / (total || 1) })) };
}

function bar(budget: HopBudget): Blocks {
  const { isMean, hops: all } = sharesOf(budget);
  if (all.every(({ ms }) => (ms ?? 0) === 0)) return none('Too few traced messages for medians.');
  const parts = all.map(
    ({ name, share }) => html`<div class="hop ${name}" style="flex-grow:${Math.max(0, share)}"></div>`,
  );
  const legend = all.map(
    ({ name, way, ms, share }) =>
      html`<li><span class="swatch hop ${name}"></span><strong>${name}</strong> ${msText(ms)} ${quiet(`${ratioText(share)} · ${way}`)}</li>`,
  );
  return drawing('Hop budget', [
    html`<div class="hop-bar" aria-hidden="true">${parts}</div>
<ul class="hop-legend">${legend}</ul>
`,
    note(
      isMean
        ? 'Mean times and their shares of the whole: means add up, percentiles do not.'
        : 'Shares of the sum of the four medians. Medians do not add up to the median of the whole.',
    ),
  ]);
}

function budgetFact(budget: HopBudget): Blocks {
  const { isMean, hops: all } = sharesOf(budget);
  const { offsetBoundMs } = budget;
  const bound = offsetBoundMs === null ? '' : ` (apart by at most ${amountText(offsetBoundMs)} ms)`;
  const parts = all.map(
    ({ name, ms, share }) => `${name} ${amountText(ms)}${ms === null ? '' : ` (${ratioText(share)})`}`,
  );
  return facts([
    [isMean ? 'hops, mean ms' : 'hops, p50 ms', `${parts.join(', ')}; all but process cross clocks${bound}`],
  ]);
}

/** Whether the hops are the whole way; where they are not, their shares can't be relied on. */
function sumCheck({ sum }: HopBudget): Blocks {
  if (sum === undefined) return null;
  const { isWhole, sentence } = sumOf(sum);
  const said = paragraph([mark(isWhole ? 'good' : 'bad', ''), ' ', sentence], 'sum');
  return isWhole ? page(() => said) : said;
}

/** The check of the hops' sum against the service time of the same messages, as a sentence. */
export function sumOf(sum: NonNullable<HopBudget['sum']>): {
  readonly isWhole: boolean;
  readonly sentence: string;
} {
  const { samples, hopsMeanMs, serviceMeanMs, differenceMs, toleranceMs } = sum;
  const off = msText(Math.abs(differenceMs));
  const isWhole = Math.abs(differenceMs) <= toleranceMs;
  const figures = `mean of the hops ${msText(hopsMeanMs)}, mean service time ${msText(serviceMeanMs)}, n = ${countText(samples)}`;
  const limit = `the stamps’ resolution allows ${msText(toleranceMs)}`;
  const sentence = isWhole
    ? `The four hops add up to the measured service time within ${off} (${figures}; ${limit}).`
    : `The four hops do not add up to the measured service time: they are ${off} apart (${figures}; ${limit}). A hop is missing or counted twice, so do not rely on the shares.`;
  return { isWhole, sentence };
}

function table(budget: HopBudget): Blocks {
  const rows = HOPS.map(({ name, way, crosses }) => ({
    name: [`${name} `, quiet(`${way}; ${crosses ? 'crosses clocks' : 'one clock'}`)],
    quantiles: budget[name],
  }));
  return [quantileTable('Time per hop in milliseconds, traced messages', rows), note(clockText(budget))];
}

function clockText({ negative, offsetBoundMs }: HopBudget): string {
  const lead =
    'Ingest, queue and deliver compare two clocks, so each is off by the offset between them: what one gains another loses. ' +
    'Response and service time use one clock and are not affected.';
  if (negative > 0)
    return `${lead} ${counted(negative, 'hop')} came out below zero, which only clock offset can cause; they are left out.`;
  return offsetBoundMs === null
    ? lead
    : `${lead} Here that offset is at most ${msText(offsetBoundMs)}: no hop took negative time.`;
}
