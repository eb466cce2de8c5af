/**
 * The section on the workers of a fleet, beside the merged truth: what is missing, late or apart in words; then each worker
 * among its siblings, drawn and listed, so that one that is slow stands out at once.
 */
import type { FleetFacts, WorkerFacts } from '../../bench/model/fleet-facts.ts';
import {
  type Blocks,
  box,
  count,
  type Fact,
  facts,
  figureOf,
  heading,
  note,
  paragraph,
  section,
  table,
  word,
} from '../document/blocks.ts';
import { coloured, html, type Inline, mark } from '../document/inline.ts';
import { ABSENT, amountText, countText } from '../figures.ts';
import { type Comparison, comparisonsOf, type Standing, standingsOf } from './standing.ts';
import { strips } from './strips.ts';
import {
  clocksText,
  costText,
  cutText,
  missingText,
  outlierTexts,
  programsText,
  reportedText,
  startText,
} from './text.ts';

/** The section. */
export function fleetSection(fleet: FleetFacts): Blocks {
  const comparisons = comparisonsOf(fleet);
  const standings = standingsOf(fleet, comparisons);
  return section('fleet', 'Fleet', [
    paragraph(reportedText(fleet)),
    notes(fleet, outlierTexts(standings)),
    fleet.workers.length > 1 && drawn(fleet, comparisons),
    workers(standings, comparisons),
    rejected(fleet),
  ]);
}

function notes(fleet: FleetFacts, outliers: readonly string[]): Blocks {
  const fact = (name: Inline, text: string | null): Fact | null => (text === null ? null : [name, text]);
  return facts(
    [
      fact(coloured('bad', 'Missing'), missingText(fleet)),
      outliers.length > 0 && [
        coloured('bad', 'Unlike the others'),
        html`<ul>${outliers.map((text) => html`<li>${text}</li>`)}</ul>`,
      ],
      fact('Cut short', cutText(fleet)),
      ['Start', startText(fleet)],
      ['Clocks', clocksText(fleet)],
      fact('Programs', programsText(fleet)),
      fact('Cost of the workers', costText(fleet)),
    ],
    'fleet-facts',
  );
}

function drawn({ of }: FleetFacts, comparisons: readonly Comparison[]): Blocks {
  const isOdd = comparisons.some(({ outliers }) => outliers.length > 0);
  return [
    note(
      `Each dot is a worker, 0 at the top and ${of - 1} at the bottom; to the right is slower. The line is the median${
        isOdd ? ', and the large orange dots stand out from it' : ''
      }. They all drove one stage: what one alone shows is its own.`,
    ),
    strips(comparisons, of),
  ];
}

/** Fleets up to this are listed whole, and of larger ones so many. */
const MAX_LISTED = 32;
const WORST = 10;

/** The workers' figures, the one that stands out by most first; of a large fleet the ten worst. */
function workers(standings: readonly Standing[], comparisons: readonly Comparison[]): Blocks {
  const isAll = standings.length <= MAX_LISTED;
  const which = isAll ? 'The workers' : `The ${WORST} that differ most of ${countText(standings.length)}`;
  const caption = `${which}, in ms; what stands out is marked ▲ and comes first`;
  return [
    box(
      'workers',
      table(caption, isAll ? standings : standings.slice(0, WORST), [
        word('worker', ({ worker }) => worker.index),
        word('host', ({ worker }) => worker.host),
        ...comparisons.map((comparison) =>
          figureOf(comparison.metric.column, (standing: Standing) => cellOf(standing, comparison)),
        ),
        figureOf(
          'connections',
          ({
            worker: {
              connections: { opened, requested },
            },
          }) => `${countText(opened)} of ${countText(requested)}`,
        ),
        count('delivered', ({ worker }) => worker.messages.delivered),
        count('lost', ({ worker }) => worker.messages.lost),
        figureOf('clock', ({ worker }) => clockOf(worker)),
      ]),
    ),
    note(
      `clock: the store’s clock less the worker’s lies between these, by comparing them.${isAll ? '' : ' All workers are in fleet.json.'}`,
    ),
  ];
}

function cellOf({ worker, outlying }: Standing, comparison: Comparison): Inline {
  const text = amountText(comparison.metric.of(worker));
  return outlying.includes(comparison) ? mark('bad', text, '▲') : text;
}

function clockOf({ clock }: WorkerFacts): string {
  return clock === null
    ? ABSENT
    : `${amountText(clock.lowMs)} to ${amountText(clock.highMs)}`.replaceAll('-', '−');
}

function rejected({ rejected: files }: FleetFacts): Blocks {
  return (
    files.length > 0 && [
      heading('Files that were not merged'),
      table('Not in the sums, and why', files, [
        word('file', ({ name }) => name),
        word('verdict', ({ verdict }) => verdict),
        word('reason', ({ reason }) => reason),
      ]),
    ]
  );
}
