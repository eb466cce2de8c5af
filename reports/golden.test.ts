/**
 * What every document says, compared with golden texts. The fixtures have no two equal figures, so a column that is swapped,
 * a unit that is wrong or a verdict that is turned round is a line that differs.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCost } from '../bench/judge/priced.ts';
import { summarise } from '../bench/judge/summary.ts';
import { latencyLog } from '../bench/measure/hlog.ts';
import {
  COST,
  type DistinctRun,
  evenRun,
  oddRun,
  thresholdsOf,
} from '../bench/measure/testing/distinct-run.ts';
import { capacityDocument, probeLine } from './capacity/document.ts';
import { claimLine, claimsDocument } from './claims/document.ts';
import { comparisonDocument, worstFirst } from './compare/document.ts';
import { renderTerminal } from './document/terminal.ts';
import { historyDocument } from './history/document.ts';
import { summaryLines } from './run/document.ts';
import { type SavedFile, writeSavedReports } from './saved-reports.ts';
import { sweepDocument } from './sweep/document.ts';
import { runLine } from './sweep/text.ts';
import { distinctClaims } from './testing/claims.ts';
import { distinctComparison, distinctHistory } from './testing/comparisons.ts';
import { type Files, withColours, writtenFor } from './testing/documents.ts';
import { distinctCapacity, distinctSweep } from './testing/experiments.ts';
import { distinctFleet } from './testing/fleet.ts';
import { assertGolden } from './testing/golden.ts';
import { equalFigures, tablesIn } from './testing/page-tables.ts';
import { writeReports } from './write.ts';

const WIDTH = 100;

/** Figures that are equal for being one fact, or one thing measured again and again, by the caption of their table. */
const SAME_FACT: readonly (readonly [caption: RegExp, where: RegExp])[] = [
  // A rate is probed until the answer is certain.
  [/^Every probe/, /^column offered/],
  // Rungs of a ladder lie closer than samples; seconds, entries and degrees follow each other.
  [/^Response and service time|oldest entry first|^Reordered by n/, /^column/],
  [/oldest entry first/, /mean of segment/],
  [/^(Metrics whose newest|What changed)/, /^column p:/],
  // A sum of one, a common denominator and what follows from it.
  [/^What the injector did/, /all that were counted/],
  [/^Violations by kind/, /^column (of|at most):/],
  // A message has one time of sending, an entry one run.
  [/was answered twice/, /^row sent/],
  [/^Entries, oldest first/, /^(column (runs|version)|row .* in entry, runs)/],
];

/** Compares each document with the golden text of its name, and its figures with each other. */
function assertAll(name: string, documents: Readonly<Record<string, readonly string[]>>): void {
  for (const table of tablesIn(documents['index.html'] ?? [])) {
    const isFact = (where: string) =>
      SAME_FACT.some(([caption, place]) => caption.test(table.caption) && place.test(where));
    const equal = equalFigures(table).filter((where) => !isFact(where));
    assert.deepEqual(equal, [], `${name}, in the table “${table.caption}”: a swap would not show`);
  }
  for (const [document, lines] of Object.entries(documents)) assertGolden(`${name}.${document}`, lines);
}

function resultOf({ record }: DistinctRun) {
  return withCost(summarise(record, thresholdsOf(record)), COST);
}

function filesOf(run: DistinctRun): Files {
  const { rollup, measuredFromMs } = run.record;
  return {
    'result.json': JSON.stringify(resultOf(run)),
    'latency.hlog': latencyLog(rollup.seconds(), measuredFromMs),
    'violations.ndjson': rollup.violations.map((violation) => `${JSON.stringify(violation)}\n`).join(''),
  };
}

for (const [name, run] of [
  ['run-odd', oddRun()],
  ['run-even', evenRun()],
] as const)
  test(`the documents of a run say what they should: ${name}`, async () => {
    const result = resultOf(run);
    const options = { colour: true, width: WIDTH };
    assertAll(name, {
      ...(await writtenFor(filesOf(run), writeReports)),
      terminal: withColours([
        ...summaryLines(result, options),
        ...summaryLines(result, { ...options, isBrief: true }),
      ]),
    });
  });

const saves = (file: SavedFile) => (directory: string) => writeSavedReports(file, directory);

const WHOLE = { colour: true, width: WIDTH };

/** The documents of a saved result, and what the terminal is told of it. */
async function documentsOf(
  saved: Files,
  write: (directory: string) => Promise<readonly string[]>,
  lines: readonly string[],
): Promise<Record<string, readonly string[]>> {
  return { ...(await writtenFor(saved, write)), terminal: withColours(lines) };
}

test('the documents of a merged run say what they should', async () => {
  const files = { ...filesOf(oddRun()), 'fleet.json': JSON.stringify(distinctFleet()) };
  const { 'index.html': page = [] } = await writtenFor(files, writeReports);
  const alone = new Set((await writtenFor(filesOf(oddRun()), writeReports))['index.html']);
  assertGolden(
    'fleet.index.html',
    page.filter((line) => !alone.has(line)),
  );
});

test('the documents of a capacity search say what they should', async () => {
  const result = distinctCapacity();
  const lines = [...result.probes.map(probeLine), ...renderTerminal(capacityDocument(result), WHOLE)];
  const saved = { 'capacity.json': JSON.stringify(result) };
  assertAll('capacity', await documentsOf(saved, saves('capacity.json'), lines));
});

test('the documents of a sweep say what they should', async () => {
  const result = distinctSweep();
  const progress = { done: 7, failed: 1, total: 12, leftMs: 83_000 };
  const runs = result.cells.flatMap((cell) => cell.runs.map((run) => runLine(cell, run, progress, 0.537)));
  const saved = { 'sweep.json': JSON.stringify(result) };
  assertAll(
    'sweep',
    await documentsOf(saved, (directory) => writeSavedReports('sweep.json', directory), [
      ...runs,
      ...renderTerminal(sweepDocument(result), WHOLE),
    ]),
  );
});

test('the documents of a comparison say what they should', async () => {
  const result = distinctComparison();
  const lines = [
    ...renderTerminal(comparisonDocument(result), WHOLE),
    ...renderTerminal(comparisonDocument(worstFirst(result)), WHOLE),
  ];
  const saved = { 'comparison.json': JSON.stringify(result) };
  assertAll(
    'compare',
    await documentsOf(saved, (directory) => writeSavedReports('comparison.json', directory), lines),
  );
});

test('the documents of a history say what they should', async () => {
  const result = distinctHistory();
  const saved = { 'history.json': JSON.stringify(result) };
  assertAll(
    'history',
    await documentsOf(
      saved,
      (directory) => writeSavedReports('history.json', directory),
      renderTerminal(historyDocument(result), WHOLE),
    ),
  );
});

test('the documents of the claims say what they should', async () => {
  const result = distinctClaims();
  const lines = [...result.claims.map(claimLine), ...renderTerminal(claimsDocument(result), WHOLE)];
  const saved = { 'claims.json': JSON.stringify(result) };
  assertAll(
    'claims',
    await documentsOf(saved, (directory) => writeSavedReports('claims.json', directory), lines),
  );
});
