/** The first violations of each kind: as space-time diagrams, so that one sees what happened, and as a table. */
import type { RunResult } from '../../bench/model/result.ts';
import type { Violation } from '../../bench/model/violation.ts';
import { type Blocks, box, figureOf, heading, note, table, word } from '../document/blocks.ts';
import { html, type Inline, link } from '../document/inline.ts';
import { amountText, countText, momentText } from '../figures.ts';
import { WHERE } from './ordering-text.ts';
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
export function witnesses({ violations, violationsTotal, result }: RunReading): Blocks {
  if (violations.length === 0) return null;
  const caption = `The first of each kind, of ${countText(violationsTotal)} recorded; times in ms since the start of measurement`;
  return [
    heading('First violations'),
    diagrams(violations, result),
    table(caption, firstOfEachKind(violations), [
      word('kind', ({ kind }) => kind),
      word('details', detailsOf),
      figureOf('stream', ({ stream }) => stream),
      figureOf('sequence', (violation) => 'sequence' in violation && violation.sequence),
      figureOf('sent', (violation) => 'sentMs' in violation && momentText(violation.sentMs)),
      figureOf('arrived', (violation) => 'arrivedMs' in violation && momentText(violation.arrivedMs)),
    ]),
    note(['All recorded: ', link('violations.ndjson', 'violations.ndjson'), ', beside this file.']),
  ];
}

function diagrams(violations: readonly Violation[], { ordering }: RunResult): Blocks {
  const waitingMs = ordering.detail?.waitingMs ?? null;
  const drawn = (Object.keys(MAX_DRAWN) as Violation['kind'][]).flatMap((wanted) =>
    violations
      .filter(({ kind }) => kind === wanted)
      .map((violation) => spaceTimeOf(violation, waitingMs))
      .filter((diagram) => diagram !== null)
      .slice(0, MAX_DRAWN[wanted]),
  );
  if (drawn.length === 0) return null;
  return [
    note(
      `Time runs down, in milliseconds since the first send of each picture. ${legend(drawn)}Events that lie close together are drawn further apart than they were; their times are exact.`,
    ),
    box('witnesses', drawn.map(spaceTimeFigure)),
  ];
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

function detailsOf(violation: Violation): Inline {
  switch (violation.kind) {
    case 'reordered':
      return `overtaken by ${violation.overtakenBy.sequence}; extent ${violation.extent}, ${amountText(violation.lateTimeMs)} ms late; ${whereText(violation.where)}`;
    case 'unexpected':
      return [`${violation.what}: `, html`<code class="excerpt">${violation.excerpt}</code>`];
    case 'duplicated':
      return (
        violation.firstArrivedMs !== undefined &&
        `${amountText(violation.arrivedMs - violation.firstArrivedMs)} ms after the first answer`
      );
    case 'lost':
      return '';
  }
}

function whereText(where: keyof typeof WHERE): string {
  return where === 'unknown' ? 'not known where' : `arose ${WHERE[where][0]}`;
}
