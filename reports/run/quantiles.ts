/** Distributions side by side as a table. */
import type { Quantiles } from '../../bench/model/result.ts';
import { amount, type Blocks, count, only, pageColumn, paragraph, table, word } from '../document/blocks.ts';
import type { Inline } from '../document/inline.ts';
import { ABSENT } from '../figures.ts';

/** A distribution and its name. */
export interface NamedQuantiles {
  readonly name: Inline;
  readonly quantiles: Quantiles;
}

/** A row a distribution; explains the dash when there is one. */
export function quantileTable(caption: string, rows: readonly NamedQuantiles[]): Blocks {
  const column = (label: string, name: Exclude<keyof Quantiles, 'count'>) =>
    amount(label, ({ quantiles }: NamedQuantiles) => quantiles[name]);
  const hasDash = rows.some(({ quantiles }) => Object.values(quantiles).includes(null));
  return [
    table(caption, rows, [
      word('', ({ name }) => name),
      pageColumn(count('samples', ({ quantiles }) => quantiles.count)),
      pageColumn(column('min', 'min')),
      pageColumn(column('mean', 'mean')),
      column('p50', 'p50'),
      column('p90', 'p90'),
      column('p95', 'p95'),
      column('p99', 'p99'),
      column('p99.9', 'p999'),
      column('max', 'max'),
    ]),
    hasDash &&
      only(['html', 'terminal'], () =>
        paragraph(
          `${ABSENT} is not stated: fewer than 10 samples lie beyond that percentile, or none were taken.`,
          'note',
        ),
      ),
  ];
}
