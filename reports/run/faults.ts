/**
 * The faults that were part of the run: what was done, when, what the injector says it did to messages beside what the
 * run counted, and how the pipeline recovered. The same faults are bands on every chart over time.
 */
import type { FaultOutcome, RunResult } from '../../bench/model/result.ts';
import {
  type Blocks,
  type Fact,
  facts,
  figureOf,
  note,
  only,
  section,
  table,
  word,
} from '../document/blocks.ts';
import type { Band } from '../document/client/chart-data.ts';
import { html } from '../document/inline.ts';
import { ABSENT, countText } from '../figures.ts';
import { decidedTally, faultMark, faultSpan, faultText, recoveryText, touchedText } from './fault-text.ts';

/** The section on faults; nothing of a run without any. */
export function faultSection({ faults = [], messages }: RunResult): Blocks {
  if (faults.length === 0) return null;
  const nameOf = ({ fault }: FaultOutcome, index: number) => `${faultMark(index)} ${fault.name}`;
  const caption = 'What was injected, and how the pipeline recovered; seconds since the start of measurement';
  return section('faults', 'Faults', [
    only(['html', 'markdown'], () => [
      table(caption, faults, [
        word('fault', nameOf),
        word('what was done', ({ fault }) => faultText(fault)),
        word('when', faultSpan),
        word('recovery', recoveryText),
        figureOf('struck', touchedText),
      ]),
      tallies(
        faults.map((outcome, index) => [nameOf(outcome, index), decidedTally(outcome)]),
        messages,
      ),
    ]),
    only('terminal', () => facts(faults.map(faultFact))),
  ]);
}

const COUNTED = ['lost', 'duplicated', 'reordered'] as const;

type Tally = ReturnType<typeof decidedTally>;

function tallies(
  faults: readonly (readonly [name: string, tally: Tally])[],
  messages: RunResult['messages'],
): Blocks {
  const known = faults.map(([, tally]) => tally).filter((tally) => tally !== null);
  const isAll = known.length === faults.length;
  const sumOf = (kind: (typeof COUNTED)[number]) => known.reduce((sum, tally) => sum + tally[kind], 0);
  const together = { lost: sumOf('lost'), duplicated: sumOf('duplicated'), reordered: sumOf('reordered') };
  const rows = [
    ...faults,
    [isAll ? 'all faults together' : 'all that were counted', together],
    ['the whole run', messages],
  ] as const;
  return [
    table('What the injector did to messages, beside what the run counted', rows, [
      word('by', ([name]) => name),
      ...COUNTED.map((kind) =>
        figureOf<(typeof rows)[number]>(kind, ([, tally]) =>
          tally === null ? ABSENT : countText(tally[kind]),
        ),
      ),
    ]),
    note(
      `${isAll ? '' : `${ABSENT}: what it does to messages is the stage’s to decide, or nobody counted. `}Faults are counted where they were injected, the run where the client saw it. The run’s count is higher where something went wrong beside the faults, lower where one mishap hid another, such as a doubled answer that was then dropped.`,
    ),
  ];
}

/** A fault in a sentence or two, for the terminal. */
function faultFact(outcome: FaultOutcome, index: number): Fact {
  const when = `${outcome.fault.name}, ${faultSpan(outcome)}`;
  const text =
    outcome.fromMs === null
      ? `${when}.`
      : `${when}: ${faultText(outcome.fault)}. ${struckText(outcome)} Recovery: ${recoveryText(outcome)}.`;
  return [faultMark(index), text];
}

function struckText(outcome: FaultOutcome): string {
  if (outcome.tally === null) return 'What it struck was not counted.';
  const decided = decidedTally(outcome);
  if (decided === null) return `Struck: ${touchedText(outcome)}.`;
  const done = COUNTED.map((kind) => `${countText(decided[kind])} ${kind}`);
  return `Struck: ${touchedText(outcome)}, so ${done.join(', ')}.`;
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
export function faultLegend({ faults = [] }: RunResult): Blocks {
  const items = faults.map(
    (outcome, index) =>
      outcome.fromMs !== null &&
      html`<li><span class="fault-swatch">${faultMark(index)}</span> ${outcome.fault.name} <span class="quiet">${faultSpan(outcome)}</span></li>`,
  );
  if (items.every((item) => item === false)) return null;
  return html`<ul class="fault-legend" aria-label="Faults, hatched in every chart over time">${items}</ul>\n`;
}
