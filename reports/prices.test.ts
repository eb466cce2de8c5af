/** Wherever a cost is shown, so is whose list prices it is at and of when. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../bench/judge/sweep/figures.ts';
import type { SweepResult } from '../bench/model/sweep.ts';
import { renderHtml } from './document/html.ts';
import { renderMarkdown } from './document/markdown.ts';
import { renderTerminal } from './document/terminal.ts';
import { historyDocument } from './history/document.ts';
import { days, madeHistory, madeRuns } from './history/testing/fixture.ts';
import { cost } from './run/cost.ts';
import { summaryLines } from './run/document.ts';
import { sweepDocument } from './sweep/document.ts';
import { parseSweepResult } from './sweep/saved.ts';
import { sweepFixture } from './sweep/testing/fixture.ts';
import { fixture } from './testing/fixture.ts';
import { markupOf } from './testing/markup.ts';

const NAMED = /list prices of eu-north-1, as of 2026-02-01/i;
const said = (lines: readonly string[]) => lines.join(' ').replaceAll(/\s+/g, ' ');
const COLOURLESS = { colour: false, isBrief: false, width: 200 };

const FIXTURE = fixture('valid');
const RESULT = { ...FIXTURE.result, cost: { ...FIXTURE.result.cost!, pricesRegion: 'eu-north-1' } };

test('a run names the prices that its cost is at, and one of before says their date', () => {
  assert.match(said(summaryLines(RESULT, COLOURLESS)), NAMED);
  assert.match(markupOf(cost(RESULT)), NAMED);
  assert.match(said(summaryLines(FIXTURE.result, COLOURLESS)), /list prices, as of 2026-02-01/);
});

test('a sweep names them by its runs, in every format', () => {
  const { pricesAsOf, pricesRegion } = figuresOf(RESULT, []);
  const sweep = sweepFixture('whole');
  const cells = sweep.cells.map((cell) => ({
    ...cell,
    runs: cell.runs.map((run) =>
      run.status === 'done'
        ? { ...run, figures: { ...run.figures, pricesAsOf: pricesAsOf!, pricesRegion: pricesRegion! } }
        : run,
    ),
  }));
  const result = { ...sweep, cells } as SweepResult;
  const read = parseSweepResult(JSON.stringify(result));
  for (const text of [
    renderHtml(sweepDocument(read)),
    renderMarkdown(sweepDocument(read)),
    said(renderTerminal(sweepDocument(read), { colour: false, width: 200 })),
  ])
    assert.match(text, NAMED);
  assert.match(
    renderHtml(sweepDocument({ ...read, cost: { spentUsd: 1, estimatedUsd: 2 } })),
    /of \$2\.00 estimated, at list prices of eu/,
  );
});

test('a history names them beside the cost, and both lists where prices changed', () => {
  const change = (result: typeof RESULT, day: number) => ({
    ...result,
    cost: {
      ...RESULT.cost,
      perMillionRoundTrips: day < 20 ? 2 : 3,
      pricesAsOf: day < 20 ? '2026-02-01' : '2026-09-01',
    },
  });
  const runs = madeRuns({ factors: days(40), seed: 1, change: change as never });
  const history = madeHistory(runs, { metrics: ['cost'] });
  for (const text of [
    renderHtml(historyDocument(history)),
    renderMarkdown(historyDocument(history)),
    said(renderTerminal(historyDocument(history), { colour: false, width: 200 })),
  ]) {
    assert.match(text, NAMED);
    assert.match(text, /and list prices of eu-north-1, as of 2026-09-01/);
  }
});
