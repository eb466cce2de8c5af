/**
 * Order and loss: every class of violation with its ratio or its bound, how bad the reorders were (RFC 4737), where
 * they arose, and the first ones with their witnesses: both messages drawn from send to arrival.
 */
import type { RunResult, Violation } from '../../../bench/core/result.ts';
import { attemptCounts, ratioOrBound, violationCounts } from '../../counts.ts';
import { amountText, countText, momentText, ratioText } from '../../figures.ts';
import type { RunReading } from '../../reading.ts';
import { type Html, html, NOTHING } from '../html.ts';
import { facts, quantileTable, table } from '../table.ts';

type Reordered = Extract<Violation, { kind: 'reordered' }>;

const MAX_PER_KIND = 6;
const MAX_DRAWN = 4;

/** The section on ordering. */
export function ordering(reading: RunReading): Html {
  const { result } = reading;
  return html`<section aria-labelledby="ordering">
<h2 id="ordering">Order, duplication and loss</h2>
${classes(result)}
${attempts(result)}
${reorders(result)}
${witnesses(reading)}
</section>
`;
}

function classes(result: RunResult): Html {
  return table({
    caption: 'Violations, each with what it was measured against',
    head: ['class', 'ratio, or what zero proves', 'count', 'of'],
    wordColumns: 2,
    rows: violationCounts(result).map((violation) => [
      violation.name.toLowerCase(),
      ratioOrBound(violation),
      countText(violation.count),
      `${countText(violation.of)} ${violation.ofWhat}`,
    ]),
  });
}

function attempts(result: RunResult): Html {
  const { scheduled, unexpected } = result.messages;
  const kinds = Object.entries(unexpected).filter(([, count]) => count > 0);
  const share = (count: number): string => (scheduled === 0 ? '' : ratioText(count / scheduled));
  return html`${table({
    caption: 'What became of every scheduled message',
    head: ['outcome', 'messages', 'share'],
    rows: [
      ...attemptCounts(result).map(({ name, count }) => [name, countText(count), share(count)]),
      ['scheduled', countText(scheduled), ''],
    ],
  })}${kinds.length === 0 ? NOTHING : unexpectedTable(kinds)}`;
}

function unexpectedTable(kinds: readonly (readonly [string, number])[]): Html {
  return table({
    caption: 'Unexpected arrivals by kind',
    head: ['kind', 'arrivals'],
    rows: kinds.map(([kind, count]) => [html`<code>${kind}</code>`, countText(count)]),
  });
}

function reorders({ messages, ordering: o }: RunResult): Html {
  if (messages.reordered === 0) return NOTHING;
  return html`<h3>Reordering</h3>
${facts([
  ['arose before the stream', countText(o.where.ingest)],
  ['arose after the stream', countText(o.where.delivery)],
  ['not known (not traced)', countText(o.where.unknown)],
])}
${quantileTable('Extent in messages (RFC 4737, 4.2.1) and late time in milliseconds (4.2.2)', [
  { name: 'extent', quantiles: o.extent },
  { name: 'late time', quantiles: o.lateTime },
])}`;
}

function witnesses({ violations, violationsTotal }: RunReading): Html {
  if (violations.length === 0) return NOTHING;
  const reordered = violations.filter((violation) => violation.kind === 'reordered').slice(0, MAX_DRAWN);
  const shown = firstOfEachKind(violations);
  return html`<h3>First violations</h3>
${reordered.length === 0 ? NOTHING : overtakings(reordered)}
${table({
  caption: `The first of each kind, of ${countText(violationsTotal)} recorded; times in ms since the start of measurement`,
  head: ['kind', 'details', 'stream', 'sequence', 'sent', 'arrived'],
  wordColumns: 2,
  rows: shown.map(row),
})}
<p class="note">All recorded: <a href="violations.ndjson">violations.ndjson</a>, beside this file.</p>`;
}

function firstOfEachKind(violations: readonly Violation[]): Violation[] {
  const kinds = [...new Set(violations.map(({ kind }) => kind))];
  return kinds.flatMap((wanted) => violations.filter(({ kind }) => kind === wanted).slice(0, MAX_PER_KIND));
}

function row(violation: Violation): (string | Html)[] {
  const sequence = 'sequence' in violation ? String(violation.sequence) : '';
  const sent = 'sentMs' in violation ? momentText(violation.sentMs) : '';
  const arrived = 'arrivedMs' in violation ? momentText(violation.arrivedMs) : '';
  return [violation.kind, details(violation), String(violation.stream), sequence, sent, arrived];
}

function details(violation: Violation): string | Html {
  switch (violation.kind) {
    case 'reordered':
      return `overtaken by ${violation.overtakenBy.sequence}; extent ${violation.extent}, ${amountText(violation.lateTimeMs)} ms late; ${whereText(violation.where)}`;
    case 'unexpected':
      return html`${violation.what}: <code class="excerpt">${violation.excerpt}</code>`;
    default:
      return '';
  }
}

function whereText(where: Reordered['where']): string {
  if (where === 'unknown') return 'not known where';
  return where === 'ingest' ? 'arose before the stream' : 'arose after the stream';
}

function overtakings(reordered: readonly Reordered[]): Html {
  return html`<div class="witnesses">${reordered.map(overtaking)}</div>
<p class="note">Each bar runs from send to arrival.</p>`;
}

function overtaking({ stream, sequence, sentMs, arrivedMs, overtakenBy }: Reordered): Html {
  const from = Math.min(sentMs, overtakenBy.sentMs);
  const length = Math.max(arrivedMs, overtakenBy.arrivedMs) - from || 1;
  const track = (name: string, number: number, start: number, end: number): Html => {
    const left = percent((start - from) / length);
    const width = percent((end - start) / length);
    return html`<div class="track ${name}"><span>${number}</span><div><i style="left:${left}%;width:${width}%"></i></div></div>`;
  };
  return html`<div class="witness"><p>Stream ${stream}: ${overtakenBy.sequence} was sent ${amountText(overtakenBy.sentMs - sentMs)} ms after ${sequence} and arrived ${amountText(arrivedMs - overtakenBy.arrivedMs)} ms before it.</p>
${track('early', overtakenBy.sequence, overtakenBy.sentMs, overtakenBy.arrivedMs)}
${track('late', sequence, sentMs, arrivedMs)}</div>
`;
}

function percent(ratio: number): number {
  return Math.round(Math.min(1, Math.max(0, ratio)) * 1000) / 10;
}
