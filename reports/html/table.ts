/**
 * Data tables: every one has a caption, headed columns and rows, numbers set right, and scrolls in its own box when the
 * screen is narrow, so the page itself never scrolls sideways.
 */
import type { Quantiles } from '../../bench/model/result.ts';
import { headedTable } from '../document/html.ts';
import { ABSENT, amountText, countText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from './html.ts';

/** A table. The first cell of a row is its heading. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  /** Columns from the left that hold words; the rest hold numbers. 1 when left out. */
  readonly wordColumns?: number;
}

/** The table as markup. */
export function table({ caption, head, rows, wordColumns = 1 }: Table): Html {
  const columns = head.map((label, column) => ({ label, isWord: column < wordColumns }));
  return headedTable(caption, columns, rows);
}

/** A distribution and its name, as a row of {@link quantileTable}. */
export interface NamedQuantiles {
  readonly name: Content;
  readonly quantiles: Quantiles;
}

/** Distributions side by side; explains the dash when there is one. */
export function quantileTable(caption: string, rows: readonly NamedQuantiles[]): Html {
  const cells = rows.map(({ name, quantiles }) => [name, ...quantileCells(quantiles)]);
  const head = ['', 'samples', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'];
  return html`${table({ caption, head, rows: cells })}${absentNote(cells.flat().includes(ABSENT))}`;
}

function quantileCells(q: Quantiles): string[] {
  const values = [q.min, q.mean, q.p50, q.p90, q.p95, q.p99, q.p999, q.max];
  return [countText(q.count), ...values.map(amountText)];
}

/** Why a figure is a dash. */
export function absentNote(isNeeded: boolean): Html {
  return isNeeded
    ? html`<p class="note">${ABSENT} is not stated: fewer than 10 samples lie beyond that percentile, or none were taken.</p>`
    : NOTHING;
}

/** Names and values as a two-column list. */
export function facts(pairs: readonly (readonly [name: string, value: Content])[]): Html {
  return html`<dl class="facts">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}
