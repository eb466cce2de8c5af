/** Every cell of a sweep as a row: its settings, its runs, which goals hold, and its figures; and the runs that failed. */
import type { SweepCell, SweepResult, SweepRun } from '../../bench/model/sweep.ts';
import { dollarText } from '../cost-words.ts';
import { ABSENT, amountText, ratioText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';
import { COST, cellValue, DELIVERED, latencyOf, METRICS } from './metrics.ts';
import { settingsText } from './words.ts';

/** The section. */
export function cellsSection(result: SweepResult): Html {
  const latency = latencyOf(result);
  const rows = result.cells.map((cell, index) => [
    html`<span id="${`cell-${cell.id}`}">${index + 1}</span>`,
    html`${settingsText(cell)}${cell.id === result.recommendation.cell ? html` <span class="star">★ recommended</span>` : NOTHING}`,
    cell.runs.map((run) => runLink(run)),
    goalsContent(cell, result),
    amountText(cellValue(cell, latency)),
    amountText(cellValue(cell, DELIVERED)),
    dollarText(cellValue(cell, COST)),
    ...['reordered', 'lost'].map((id) => shareText(cell, id)),
  ]);
  const head = [
    'cell',
    'settings',
    'runs',
    'goals',
    `${latency.short} ms`,
    'delivered/s',
    'USD per million',
    'reordered',
    'lost',
  ];
  return html`<section aria-labelledby="cells">
<h2 id="cells">Cells</h2>
${table({ caption: 'Every cell; each run leads to its own report', head, wordColumns: 4, rows })}
<p class="note">Runs by number of repeat: ✓ can be trusted, ? not known, ! invalid and left out of the cell’s figures unless it has no other, ✗ failed.</p>
${failures(result)}
</section>
`;
}

const RUN_SIGNS = { valid: '✓', unknown: '?', invalid: '!' } as const;

function runLink(run: SweepRun): Html {
  if (run.status === 'failed')
    return html`<span class="run bad">${run.repeat} ✗<span class="unseen"> failed</span></span>`;
  const { verdict } = run.figures;
  return html`<a class="run" href="${run.directory}/index.html">${run.repeat}<span aria-hidden="true"> ${RUN_SIGNS[verdict]}</span><span class="unseen"> ${verdict}</span></a>`;
}

function goalsContent(cell: SweepCell, { goals, repeats, recommendation }: SweepResult): Content {
  if (goals.length === 0) return '';
  const done = cell.runs.flatMap((run) => (run.status === 'done' ? [run.figures] : []));
  const unmet = new Set(
    done.flatMap((figures) =>
      figures.goals
        .filter(({ ok }) => !ok)
        .map(({ expression, value }) => (value === null ? `${expression}: absent` : expression)),
    ),
  );
  if (unmet.size > 0) return html`<span class="bad">✗ ${[...unmet].join(', ')}</span>`;
  if (recommendation.holding.includes(cell.id)) return html`<span class="good">✓ all hold</span>`;
  return done.length < repeats ? 'runs missing' : 'not judged: invalid';
}

function shareText(cell: SweepCell, id: string): string {
  const metric = METRICS.find((one) => one.id === id);
  const value = metric === undefined ? null : cellValue(cell, metric);
  return value === null ? ABSENT : ratioText(value);
}

function failures({ cells: list }: SweepResult): Html {
  const rows = list.flatMap((cell) =>
    cell.runs.flatMap((run) =>
      run.status === 'failed' ? [[settingsText(cell), String(run.repeat), run.error]] : [],
    ),
  );
  if (rows.length === 0) return NOTHING;
  return html`<h3>Runs that failed</h3>
${table({ caption: 'They are made again when the sweep is resumed', head: ['cell', 'repeat', 'reason'], wordColumns: 3, rows })}`;
}
