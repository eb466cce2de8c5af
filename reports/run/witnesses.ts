/** The first violations of each kind: as space-time diagrams, so that one sees what happened, and as a table. */
import type { RunResult } from '../../bench/model/result.ts';
import type { Violation } from '../../bench/model/violation.ts';
import { amountText, countText, momentText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';
import { PLACES } from './ordering-text.ts';
import type { RunReading } from './reading.ts';
import { type SpaceTime, spaceTimeOf } from './space-time.ts';
import { spaceTimeFigure } from './space-time-drawing.ts';

const MAX_PER_KIND = 6;
/** Of each kind as many as fill a row with those of the others; one loss looks like another. */
const MAX_DRAWN: Readonly<Record<Violation['kind'], number>> = {
  reordered: 3,
  duplicated: 2,
  lost: 2,
  unexpected: 0,
};

/** The witnesses; nothing when none were kept. */
export function witnesses({ violations, violationsTotal, result }: RunReading): Html {
  if (violations.length === 0) return NOTHING;
  return html`<h3>First violations</h3>
${diagrams(violations, result)}
${table({
  caption: `The first of each kind, of ${countText(violationsTotal)} recorded; times in ms since the start of measurement`,
  head: ['kind', 'details', 'stream', 'sequence', 'sent', 'arrived'],
  wordColumns: 2,
  rows: firstOfEachKind(violations).map(row),
})}
<p class="note">All recorded: <a href="violations.ndjson">violations.ndjson</a>, beside this file.</p>`;
}

function diagrams(violations: readonly Violation[], { ordering }: RunResult): Html {
  const waitingMs = ordering.detail?.waitingMs ?? null;
  const drawn = (Object.keys(MAX_DRAWN) as Violation['kind'][]).flatMap((wanted) =>
    violations
      .filter(({ kind }) => kind === wanted)
      .map((violation) => spaceTimeOf(violation, waitingMs))
      .filter((diagram) => diagram !== null)
      .slice(0, MAX_DRAWN[wanted]),
  );
  if (drawn.length === 0) return NOTHING;
  return html`<p class="note">Time runs down, in milliseconds since the first send of each picture. ${legend(drawn)}Events that lie close together are drawn further apart than they were; their times are exact.</p>
<div class="witnesses">${drawn.map((diagram, index) => spaceTimeFigure(diagram, index + 1))}</div>`;
}

function legend(drawn: readonly SpaceTime[]): string {
  const isTraced = drawn.some((diagram) => diagram.isTraced);
  return `Solid is the message that came as it should, dashed the one that came late, twice or not at all. ${
    isTraced
      ? 'Where it went wrong is shaded. Times at stream and function are the stage’s own clock. '
      : 'Without a trace only send and arrival are known. '
  }`;
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
    case 'duplicated':
      return violation.firstArrivedMs === undefined
        ? ''
        : `${amountText(violation.arrivedMs - violation.firstArrivedMs)} ms after the first answer`;
    case 'lost':
      return '';
  }
}

function whereText(where: keyof typeof PLACES): string {
  return where === 'unknown' ? 'not known where' : `arose ${PLACES[where][0]}`;
}
