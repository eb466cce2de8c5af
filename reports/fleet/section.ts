/**
 * The section on the workers of a fleet: each beside its siblings, so that a slow one stands out. A bar is a worker's share
 * of the greatest value in its column; workers that differ from the median by a lot are marked in words too.
 */
import type { FleetFacts, WorkerFacts } from '../../bench/core/fleet/facts.ts';
import { amountText, counted, countText } from '../figures.ts';
import { type Content, type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';

/** Rows of the table; of larger fleets those that differ most. */
const MAX_ROWS = 64;

/** A p99 this many times the median worker's is a property of the worker, not of the stage they share. */
const SLOW = 1.5;

/** The section; nothing for a run that no fleet drove. */
export function fleetSection(fleet: FleetFacts | undefined): Html {
  if (fleet === undefined) return NOTHING;
  const slow = slowWorkers(fleet.workers);
  return html`<section aria-labelledby="fleet">
<h2 id="fleet">Fleet</h2>
<p>${summary(fleet)}</p>
${slow.length === 0 ? NOTHING : html`<p>${slowText(slow)}</p>`}
${workersTable(fleet.workers)}
${rejected(fleet)}
</section>
`;
}

function summary({ of, missing, missingShare, clockSpreadMs, engine }: FleetFacts): string {
  const where = engine === undefined ? '' : ` on ${engine.name}, job ${engine.job}`;
  const clocks =
    clockSpreadMs === null
      ? 'How far their clocks are apart is not known; no latency depends on it.'
      : `Their clocks are at most ${amountText(clockSpreadMs)} ms apart; no latency depends on it.`;
  if (missingShare === null) return `All of ${counted(of, 'worker')}${where} reported. ${clocks}`;
  const messages =
    missingShare.messages === null
      ? ''
      : ` and ${countText(missingShare.messages)} of ${countText(missingShare.messagesOfAll ?? 0)} messages`;
  return (
    `${countText(of - missing.length)} of ${counted(of, 'worker')}${where} reported. Missing: ${missing.join(', ')}, with ` +
    `${countText(missingShare.connections)} of ${countText(missingShare.connectionsOfAll)} connections${messages}. Nothing was made up for them. ${clocks}`
  );
}

function slowWorkers(workers: readonly WorkerFacts[]): WorkerFacts[] {
  const middle = medianOf(workers.map(({ response }) => response.p99));
  if (middle === null || workers.length < 3) return [];
  return workers.filter(({ response }) => response.p99 !== null && response.p99 > middle * SLOW);
}

function slowText(slow: readonly WorkerFacts[]): string {
  const names = slow.map(({ index, host }) => `${index} (${host})`).slice(0, 10);
  return `Slower than their siblings on the same stage, by p99: ${names.join(', ')}. Look at their machines before you look at the stage.`;
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((left, right) => left - right);
  return known[Math.floor(known.length / 2)] ?? null;
}

type Column = readonly [title: string, value: (worker: WorkerFacts) => number | null];

const COLUMNS: readonly Column[] = [
  ['p50 ms', ({ response }) => response.p50],
  ['p99 ms', ({ response }) => response.p99],
  ['send lag p99 ms', ({ sendLag }) => sendLag.p99],
  ['loop delay max ms', ({ loopDelayMaxMs }) => loopDelayMaxMs],
  ['late ms', ({ latenessMs }) => latenessMs],
];

function workersTable(workers: readonly WorkerFacts[]): Html {
  const shown = [...workers]
    .sort((left, right) => (right.response.p99 ?? 0) - (left.response.p99 ?? 0))
    .slice(0, MAX_ROWS)
    .sort((left, right) => left.index - right.index);
  const greatest = COLUMNS.map(([, value]) => Math.max(0, ...workers.map((worker) => value(worker) ?? 0)));
  const rows = shown.map((worker): Content[] => [
    String(worker.index),
    worker.host,
    `${countText(worker.connections.opened)} of ${countText(worker.connections.requested)}`,
    countText(worker.messages.delivered),
    countText(worker.messages.lost),
    ...COLUMNS.map(([, value], column) => barred(value(worker), greatest[column] ?? 0)),
  ]);
  const head = ['worker', 'host', 'connections', 'delivered', 'lost', ...COLUMNS.map(([title]) => title)];
  const hidden = workers.length - shown.length;
  return html`${table({ caption: 'The workers by themselves; bars compare within a column', head, wordColumns: 2, rows })}${
    hidden === 0
      ? NOTHING
      : html`<p class="note">${countText(hidden)} workers with a lower p99 are not shown; fleet.json has all.</p>`
  }`;
}

/** A value and its bar, which is drawn for eyes only: the value says all. */
function barred(value: number | null, greatest: number): Html {
  const share = value === null || greatest === 0 ? 0 : (value / greatest) * 100;
  const colour = 'color-mix(in srgb, currentColor 22%, transparent)';
  const style = `background:linear-gradient(to left, ${colour} ${share.toFixed(0)}%, transparent 0);padding:0 .3em;display:block`;
  return html`<span style="${style}">${amountText(value)}</span>`;
}

function rejected({ rejected: files }: FleetFacts): Html {
  if (files.length === 0) return NOTHING;
  return html`<h3>Files that were not merged</h3>
${table({
  caption: 'Not in the sums, and why',
  head: ['file', 'verdict', 'reason'],
  wordColumns: 3,
  rows: files.map(({ name, verdict, reason }) => [name, verdict, reason]),
})}`;
}
