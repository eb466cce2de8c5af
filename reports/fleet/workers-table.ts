/** The workers' figures, the one that stands out by most first; of a large fleet the ten worst. */
import type { WorkerFacts } from '../../bench/model/fleet-facts.ts';
import { ABSENT, amountText, countText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';
import type { Comparison, Standing } from './standing.ts';

/** Fleets up to this are listed whole, and of larger ones so many. */
const MAX_LISTED = 32;
const WORST = 10;

/** The table, and what it leaves out. */
export function workersTable(standings: readonly Standing[], comparisons: readonly Comparison[]): Html {
  const shown = standings.length > MAX_LISTED ? standings.slice(0, WORST) : standings;
  const isAll = shown.length === standings.length;
  const rows = shown.map(({ worker, outlying }): Content[] => [
    String(worker.index),
    worker.host,
    ...comparisons.map((comparison) => figure(comparison, worker, outlying.includes(comparison))),
    `${countText(worker.connections.opened)} of ${countText(worker.connections.requested)}`,
    countText(worker.messages.delivered),
    countText(worker.messages.lost),
    clockOf(worker),
  ]);
  const columns = comparisons.map(({ metric }) => metric.column);
  const head = ['worker', 'host', ...columns, 'connections', 'delivered', 'lost', 'clock'];
  const which = isAll ? 'The workers' : `The ${WORST} that differ most of ${countText(standings.length)}`;
  const caption = `${which}, in ms; what stands out is marked ▲ and comes first`;
  return html`<div class="workers">${table({ caption, head, wordColumns: 2, rows })}</div>
<p class="note">clock: the store’s clock less the worker’s lies between these, by comparing them.${
    isAll ? NOTHING : ' All workers are in fleet.json.'
  }</p>`;
}

function figure({ metric }: Comparison, worker: WorkerFacts, isOutlying: boolean): Content {
  const text = amountText(metric.of(worker));
  return isOutlying ? html`<span class="mark bad">▲ ${text}</span>` : text;
}

function clockOf({ clock }: WorkerFacts): string {
  return clock === null
    ? ABSENT
    : `${amountText(clock.lowMs)} to ${amountText(clock.highMs)}`.replaceAll('-', '−');
}
