/** Every cell of a sweep as a row: its settings, its runs, which goals hold, and its figures; and the runs that failed. */
import { doneRuns, type SweepCell, type SweepResult, type SweepRun } from '../../bench/model/sweep.ts';
import {
  amount,
  type Blocks,
  figureOf,
  heading,
  money,
  note,
  page,
  pageColumn,
  table,
  textColumn,
  word,
} from '../document/blocks.ts';
import { coloured, html, type Inline, shown, strong, unseen } from '../document/inline.ts';
import { ABSENT, ratioText } from '../figures.ts';
import { COST, cellValue, DELIVERED, LOST, latencyOf, REORDERED, type SweepMetric } from './metrics.ts';
import { settingsText } from './text.ts';

export function cells(result: SweepResult): Blocks {
  const latency = latencyOf(result);
  const isBest = ({ id }: SweepCell) => id === result.recommendation.cell;
  const ratio = (label: string, metric: SweepMetric) =>
    figureOf(label, (cell: SweepCell) => {
      const value = cellValue(cell, metric);
      return value === null ? ABSENT : ratioText(value);
    });
  return [
    table('Every cell; each run leads to its own report', result.cells, [
      pageColumn(word('cell', ({ id }, index) => html`<span id="cell-${id}">${index + 1}</span>`)),
      word('settings', (cell) => [
        shown('markdown', isBest(cell) && [strong('→'), ' ']),
        settingsText(cell),
        shown('html', isBest(cell) && [' ', coloured('star', '★ recommended')]),
      ]),
      pageColumn(word('runs', ({ runs }) => runs.map(runLink))),
      textColumn(figureOf('runs', (cell) => `${doneRuns(cell).length}/${result.repeats}`)),
      word('goals', (cell) => goalsText(cell, result)),
      amount(`${latency.short} ms`, (cell) => cellValue(cell, latency)),
      amount('delivered/s', (cell) => cellValue(cell, DELIVERED)),
      money('USD per million', (cell) => cellValue(cell, COST)),
      ratio('reordered', REORDERED),
      ratio('lost', LOST),
    ]),
    note(
      'Runs by number of repeat: ✓ can be trusted, ? not known, ! invalid and left out of the cell’s figures unless it has no other, ✗ failed.',
    ),
    page(() => failures(result)),
  ];
}

const RUN_SIGNS = { valid: '✓', unknown: '?', invalid: '!' } as const;

function runLink(run: SweepRun): Inline {
  if (run.status === 'failed') return html`<span class="run bad">${run.repeat} ✗${unseen(' failed')}</span>`;
  const { verdict } = run.figures;
  return html`<a class="run" href="${run.directory}/index.html">${run.repeat}<span aria-hidden="true"> ${RUN_SIGNS[verdict]}</span>${unseen(` ${verdict}`)}</a>`;
}

function goalsText(cell: SweepCell, { goals, repeats, recommendation }: SweepResult): Inline {
  if (goals.length === 0) return '';
  const done = doneRuns(cell);
  const unmet = done
    .flatMap(({ figures }) => figures.goals.filter(({ ok }) => !ok))
    .map(({ expression, value }) => (value === null ? `${expression}: absent` : expression));
  if (unmet.length > 0) return coloured('bad', `✗ ${[...new Set(unmet)].join(', ')}`);
  if (recommendation.holding.includes(cell.id)) return coloured('good', '✓ all hold');
  return done.length < repeats ? 'runs missing' : 'not judged: invalid';
}

function failures({ cells: all }: SweepResult): Blocks {
  const failed = all.flatMap((cell) =>
    cell.runs.flatMap((run) => (run.status === 'failed' ? [{ ...run, cell }] : [])),
  );
  if (failed.length === 0) return null;
  return [
    heading('Runs that failed'),
    table('They are made again when the sweep is resumed', failed, [
      word('cell', ({ cell }) => settingsText(cell)),
      word('repeat', ({ repeat }) => repeat),
      word('reason', ({ error }) => error),
    ]),
  ];
}
