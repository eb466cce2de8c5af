/**
 * The section on the workers of a fleet, beside the merged truth: what is missing, late or apart in words; then each worker
 * among its siblings, drawn and listed, so that one that is slow stands out at once.
 */
import { readFileSync } from 'node:fs';
import type { FleetFacts } from '../../bench/model/fleet-facts.ts';
import { type Content, type Html, html, NOTHING, trusted } from '../html/html.ts';
import { table } from '../html/table.ts';
import { type Comparison, comparisonsOf, standingsOf } from './standing.ts';
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
} from './words.ts';
import { workersTable } from './workers-table.ts';

const STYLE = new URL('fleet.css', import.meta.url);

/** The section; nothing for a run that no fleet drove. */
export function fleetSection(fleet: FleetFacts | undefined): Html {
  if (fleet === undefined) return NOTHING;
  const comparisons = comparisonsOf(fleet);
  const standings = standingsOf(fleet, comparisons);
  return html`<style>${trusted(readFileSync(STYLE, 'utf8'))}</style>
<section aria-labelledby="fleet">
<h2 id="fleet">Fleet</h2>
<p>${reportedText(fleet)}</p>
${notes(fleet, outlierTexts(standings))}
${fleet.workers.length < 2 ? NOTHING : drawn(fleet, comparisons)}
${workersTable(standings, comparisons)}
${rejected(fleet)}
</section>
`;
}

function notes(fleet: FleetFacts, outliers: readonly string[]): Html {
  const missing = missingText(fleet);
  const cut = cutText(fleet);
  const programs = programsText(fleet);
  const cost = costText(fleet);
  const pairs: (readonly [name: Content, text: Content])[] = [
    ...(missing === null ? [] : [[html`<span class="bad">Missing</span>`, missing] as const]),
    ...(outliers.length === 0
      ? []
      : [
          [
            html`<span class="bad">Unlike the others</span>`,
            html`<ul>${outliers.map((text) => html`<li>${text}</li>`)}</ul>`,
          ] as const,
        ]),
    ...(cut === null ? [] : [['Cut short', cut] as const]),
    ['Start', startText(fleet)],
    ['Clocks', clocksText(fleet)],
    ...(programs === null ? [] : [['Programs', programs] as const]),
    ...(cost === null ? [] : [['Cost of the workers', cost] as const]),
  ];
  return html`<dl class="facts fleet-facts">${pairs.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>\n`)}</dl>`;
}

function drawn({ of }: FleetFacts, comparisons: readonly Comparison[]): Html {
  const isOdd = comparisons.some(({ outliers }) => outliers.length > 0);
  return html`<p class="note">Each dot is a worker, 0 at the top and ${of - 1} at the bottom; to the right is slower. The line is the median${
    isOdd ? ', and the large orange dots stand out from it' : ''
  }. They all drove one stage: what one alone shows is its own.</p>
${strips(comparisons, of)}`;
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
