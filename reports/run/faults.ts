/**
 * The faults that were part of the run: what was done, when, what the injector says it did to messages beside what the
 * run counted, and how the pipeline recovered. The same faults are bands on every chart over time.
 */
import type { FaultOutcome, RunResult } from '../../bench/model/result.ts';
import { ABSENT, countText } from '../figures.ts';
import type { Band } from '../html/figure.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { table } from '../html/table.ts';
import { decidedTally, faultMark, faultSpan, faultText, recoveryText, touchedText } from './fault-text.ts';

/** The section on faults; nothing of a run without any. */
export function faultSection({ faults = [], messages }: RunResult): Html {
  if (faults.length === 0) return NOTHING;
  return html`<section aria-labelledby="faults">
<h2 id="faults">Faults</h2>
${table({
  caption: 'What was injected, and how the pipeline recovered; seconds since the start of measurement',
  head: ['fault', 'what was done', 'when', 'recovery', 'struck'],
  wordColumns: 4,
  rows: faults.map((outcome, index) => [
    html`${faultMark(index)} ${outcome.fault.name}`,
    faultText(outcome.fault),
    faultSpan(outcome),
    recoveryText(outcome),
    touchedText(outcome),
  ]),
})}
${tallies(faults, messages)}
</section>
`;
}

const COUNTED = ['lost', 'duplicated', 'reordered'] as const;

function tallies(faults: readonly FaultOutcome[], messages: RunResult['messages']): Html {
  const known = faults.map(decidedTally).filter((tally) => tally !== null);
  const together = known.length < faults.length ? 'all that were counted' : 'all faults together';
  const sums = COUNTED.map((kind) => countText(known.reduce((sum, tally) => sum + tally[kind], 0)));
  return html`${table({
    caption: 'What the injector did to messages, beside what the run counted',
    head: ['by', ...COUNTED],
    rows: [
      ...faults.map((outcome, index) => {
        const tally = decidedTally(outcome);
        return [
          html`${faultMark(index)} ${outcome.fault.name}`,
          ...COUNTED.map((kind) => (tally === null ? ABSENT : countText(tally[kind]))),
        ];
      }),
      [together, ...sums],
      ['the whole run', ...COUNTED.map((kind) => countText(messages[kind]))],
    ],
  })}
<p class="note">${known.length < faults.length ? `${ABSENT}: what it does to messages is the stage’s to decide, or nobody counted. ` : ''}Faults are counted where they were injected, the run where the client saw it. The run’s count is higher where something went wrong beside the faults, lower where one mishap hid another, such as a doubled answer that was then dropped.</p>`;
}

/** The share of a phone's time axis that a mark takes: a band's row is taken for as long, however short the fault. */
const MARK_SHARE = 0.09;
/** More rows of marks would leave small charts no room. */
const MAX_ROWS = 4;

/** The faults as bands of the time axis, each in the first row where its mark and band overlap no other. */
export function faultBands({ faults = [] }: RunResult, xMax: number): Band[] {
  const rows: number[] = [];
  return faults.flatMap(({ fault, fromMs, untilMs }, index) => {
    if (fromMs === null) return [];
    const [from, to] = [fromMs / 1000, (untilMs ?? xMax * 1000) / 1000];
    const free = rows.findIndex((end) => end <= from);
    const row = free === -1 ? rows.length : free;
    rows[row] = Math.max(to, from + xMax * MARK_SHARE);
    return [{ mark: faultMark(index), name: fault.name, from, to, row: row % MAX_ROWS }];
  });
}

/** What the bands of the charts mean; nothing when there are none. */
export function faultLegend({ faults = [] }: RunResult): Html {
  const begun = faults
    .map((outcome, index) => ({ outcome, index }))
    .filter(({ outcome }) => outcome.fromMs !== null);
  if (begun.length === 0) return NOTHING;
  return html`<ul class="fault-legend" aria-label="Faults, hatched in every chart over time">${begun.map(
    ({ outcome, index }) =>
      html`<li><span class="fault-swatch">${faultMark(index)}</span> ${outcome.fault.name} <span class="quiet">${faultSpan(outcome)}</span></li>`,
  )}</ul>`;
}
