/** The reading of a sweep: effects that were put in come out, and nothing is hidden or trusted that should not be. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recommend } from '../../bench/judge/sweep/recommendation.ts';
import type { SweepResult, SweepRun } from '../../bench/model/sweep.ts';
import { renderHtml } from '../document/html.ts';
import { renderMarkdown } from '../document/markdown.ts';
import { renderTerminal } from '../document/terminal.ts';
import { UnreadableResult } from '../saved-data.ts';
import { sweepDocument } from './document.ts';
import { mainEffects } from './effects.ts';
import { COST, cellValue, latencyOf, METRICS } from './metrics.ts';
import { parseSweepResult } from './saved.ts';
import { scalingOf } from './scaling.ts';
import { SWEEP_KINDS, sweepFixture } from './testing/fixture.ts';
import { runLine } from './text.ts';
import { paretoPoints } from './trade-off.ts';

const WHOLE = sweepFixture('whole');
const P99 = latencyOf(WHOLE);

test('the effects that the fixture was made with are found, inside their intervals', () => {
  const effects = mainEffects(WHOLE, P99);
  const truth: Record<string, number[]> = {
    ShardCount: [1, 0.5, 0.25],
    BatchSize: [1, 1 / 1.5],
    ParallelizationFactor: [1, 0.8],
  };
  for (const { setting, levels } of effects)
    for (const [index, { effect, interval }] of levels.entries()) {
      const expected = truth[setting]?.[index] ?? 0;
      assert.ok(Math.abs(effect / expected - 1) < 0.03, `${setting} ${index}: ${effect}, not ${expected}`);
      if (interval !== null)
        assert.ok(interval[0] <= expected && expected <= interval[1], `${setting} ${interval}`);
    }
  assert.deepEqual(
    effects.map(({ setting }) => setting),
    ['ShardCount', 'BatchSize', 'ParallelizationFactor'],
  );
});

test('a cell that is missing is no effect of the settings it had', () => {
  const delivered = METRICS.find(({ id }) => id === 'delivered')!;
  const [, batches] = mainEffects(WHOLE, delivered);
  // The cell that is invalid had the most shards, and so the highest rate.
  assert.equal(batches?.setting, 'BatchSize');
  assert.ok(Math.abs((batches?.levels[1]?.effect ?? 0) - 1) < 1e-9, String(batches?.levels[1]?.effect));
});

test('without repeats there is no interval, and invalid runs alone are marked as such', () => {
  const cells = WHOLE.cells.map((cell) => ({ ...cell, runs: cell.runs.slice(0, 1) }));
  const [effect] = mainEffects({ ...WHOLE, cells, repeats: 1 }, P99);
  assert.ok(
    effect?.levels.every(({ interval }) => interval === null),
    'null',
  );
  const doubtful = mainEffects(sweepFixture('invalid'), P99);
  assert.ok(doubtful.length === 3 && doubtful.every(({ isDoubtful }) => isDoubtful), 'doubtful');
  assert.ok(!mainEffects(WHOLE, P99).some(({ isDoubtful }) => isDoubtful), 'trusted');
});

test('the figure of a cell is the geometric mean of its valid runs', () => {
  const [cell] = WHOLE.cells;
  const p99s = cell!.runs.map((run) => (run.status === 'done' ? (run.figures.response.p99 ?? 0) : 0));
  assert.ok(Math.abs((cellValue(cell!, P99) ?? 0) - Math.sqrt(p99s[0]! * p99s[1]!)) < 1e-9, 'geometric');
});

test('the Pareto front holds what nothing beats, and only that', () => {
  const points = paretoPoints(WHOLE);
  assert.equal(points.length, 12);
  for (const point of points) {
    const beaten = points.some((other) => other.latencyMs < point.latencyMs && other.costUsd < point.costUsd);
    assert.ok(!(point.isOnFront && beaten), `cell ${point.number}`);
  }
  const front = points.filter(({ isOnFront }) => isOnFront);
  assert.deepEqual(
    front.map(({ latencyMs }) => latencyMs),
    [...front].map(({ latencyMs }) => latencyMs).sort((a, b) => b - a),
  );
  assert.ok(front.length > 1, 'a front');
});

test('scaling is measured against the fewest shards, and says where nothing was left to gain', () => {
  const steps = scalingOf(WHOLE) ?? [];
  assert.deepEqual(
    steps.map(({ shards, isKeptUp }) => [shards, isKeptUp]),
    [
      [1, false],
      [2, false],
      [4, true],
    ],
  );
  assert.ok(Math.abs((steps[1]?.efficiency ?? 0) - 1) < 1e-9, 'two shards bring twice as much');
  assert.ok((steps[2]?.efficiency ?? 1) < 0.6, 'the load was used up');
});

test('the page asks for nothing, escapes everything, and leads to every run', () => {
  for (const kind of SWEEP_KINDS) {
    const page = renderHtml(sweepDocument(sweepFixture(kind)));
    assert.ok(page.includes("default-src 'none'"), kind);
    assert.ok(!/(src|href)="(https?:)?\/\//.test(page), kind);
    assert.ok(!page.includes('<img src=x'), kind);
    assert.ok(page === renderHtml(sweepDocument(sweepFixture(kind))), 'the same bytes');
  }
  const page = renderHtml(sweepDocument(WHOLE));
  for (const { runs } of WHOLE.cells)
    for (const run of runs)
      if (run.status === 'done')
        assert.ok(page.includes(`href="${run.directory}/index.html"`), run.directory);
});

/** The banner of the page; never the page itself, which is a quarter of a megabyte. */
function banner(kind: (typeof SWEEP_KINDS)[number]): string {
  const page = renderHtml(sweepDocument(sweepFixture(kind)));
  return page.slice(page.indexOf('class="banner')).slice(0, 400);
}

test('the banner says what to choose, that no setting will do, or that the sweep is unfinished', () => {
  assert.match(banner('whole'), /^class="banner pass"[\s\S]*Recommended: ShardCount=2, BatchSize=100/);
  assert.match(banner('unmet'), /^class="banner threshold-failed"[\s\S]*No setting meets the goals/);
  assert.match(banner('partial'), /^class="banner partial"[\s\S]*Unfinished/);
  assert.match(renderMarkdown(sweepDocument(WHOLE)), /^### ✅ Recommended[\s\S]*\*\*→\*\* ShardCount=2/);
  assert.ok(
    renderTerminal(sweepDocument(WHOLE), { colour: false, width: 200 }).some((line) =>
      /24 of 24 runs done, 2 of them invalid/.test(line),
    ),
    'counts',
  );
});

test('a line of a run has its place, its figures, what is left, and its failure in one line', () => {
  const [cell] = WHOLE.cells;
  const progress = { done: 1, failed: 0, total: 24, leftMs: 480_000 };
  const line = runLine(cell!, cell!.runs[0]!, progress, 1.5);
  assert.match(
    line,
    /^ 1\/24 .*ShardCount=1.*repeat 1: .*p99 \d+ ms.*1 of 1 goals unmet.*8 min left, \$1\.50$/,
  );
  const failure = { repeat: 1, startedAt: '', tookMs: 1, status: 'failed', error: 'a\nb' } as const;
  assert.ok(!runLine(cell!, failure, progress, null).includes('\n'), 'one line');
});

/** The sweep with a goal on p90, and too few messages for a p99. */
function onP90(): SweepResult {
  const goal = 'latency.response.p90 < 90';
  const run = (one: SweepRun): SweepRun => {
    if (one.status !== 'done') return one;
    const p90 = (one.figures.response.p99 ?? 0) / 2;
    const goals = [{ expression: goal, value: p90, ok: p90 < 90 }];
    const response = { ...one.figures.response, p90, p99: null };
    return { ...one, figures: { ...one.figures, response, goals } };
  };
  const cells = WHOLE.cells.map((cell) => ({ ...cell, runs: cell.runs.map(run) }));
  const recommendation = recommend({ cells, goals: [goal], repeats: 2 });
  return { ...WHOLE, goals: [goal], cells, recommendation };
}

test('the percentile that the goal names is shown, in every format, where p99 has too few samples', () => {
  const sweep = onP90();
  const page = renderHtml(sweepDocument(sweep));
  assert.match(page, /<p class="name">Response time p90<\/p><p class="value">\d/);
  assert.match(page, /Response time p90 against cost/);
  assert.match(
    renderMarkdown(sweepDocument(sweep)),
    /\| p90 ms \|[\s\S]*\*\*→\*\* [^|]+\| 2\/2 \| ✓ all hold \| \d+/,
  );
  assert.match(
    renderTerminal(sweepDocument(sweep), { colour: false, width: 200 }).join('\n'),
    / p90 ms {2}[^\n]*\nShardCount=1, .* {2}168 /,
  );
  assert.match(
    runLine(sweep.cells[0]!, sweep.cells[0]!.runs[0]!, { done: 1, failed: 0, total: 2, leftMs: 0 }, null),
    /p90 \d+ ms/,
  );
  for (const text of [page, renderMarkdown(sweepDocument(sweep))])
    assert.doesNotMatch(text, />p99 ms<|\| p99 ms \|/);
});

test('arrows show where a figure went, words whether that is better', () => {
  const page = renderHtml(sweepDocument(WHOLE));
  const tableOf = (name: string): string => {
    const from = page.indexOf(`<caption><span>${name}</span></caption>`, page.indexOf('id="effects"'));
    return page.slice(from, page.indexOf('</table>', from));
  };
  assert.match(tableOf('Delivered'), /▲ better/);
  assert.doesNotMatch(tableOf('Delivered'), /▼ better/);
  assert.match(tableOf('Response time p99'), /▼ better/);
});

test('a sweep is read as it was written, and what leads out of its directory is refused', () => {
  assert.deepEqual(parseSweepResult(JSON.stringify(WHOLE)), WHOLE);
  const out = JSON.stringify(WHOLE).replaceAll('"cells/', '"../cells/');
  assert.throws(() => parseSweepResult(out), UnreadableResult);
  assert.throws(() => parseSweepResult(JSON.stringify({ ...WHOLE, schema: 2 })), /schema/);
  assert.throws(() => parseSweepResult('{'), /cut short/);
  assert.ok((cellValue(WHOLE.cells[0]!, COST) ?? 0) > 0, 'cost');
});

test('a sweep that lacks cells of its grid, or has runs that were not planned, is refused by name', () => {
  const sweep = sweepFixture('single');
  const refusal = (changed: Partial<typeof sweep>) => {
    try {
      parseSweepResult(JSON.stringify({ ...sweep, ...changed }));
      return 'read';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(refusal({}), 'read');
  assert.match(refusal({ cells: sweep.cells.slice(1) }), /cells: ShardCount-1 of the grid is missing/);
  assert.match(
    refusal({ cells: [...sweep.cells, sweep.cells[0]!] }),
    /ShardCount-1 not of the grid, or there twice/,
  );
  assert.match(refusal({ repeats: 1 }), /ShardCount-1, .* with repeats that were not planned/);
});

test('only cells with all their runs count as measured, and runs that are gone are named', () => {
  const sweep = { ...sweepFixture('single'), goals: [] };
  const [first, ...others] = sweep.cells;
  const cells = [{ ...first!, runs: first!.runs.slice(0, 1) }, ...others];
  assert.match(
    renderTerminal(sweepDocument(sweep), { colour: false, width: 200 }).join('\n'),
    /^3 cells measured/m,
  );
  assert.match(
    renderTerminal(sweepDocument({ ...sweep, cells }), { colour: false, width: 200 }).join('\n'),
    /^2 of 3 cells measured/m,
  );
  const absent = ['cells/ShardCount-1/1'];
  assert.match(
    renderHtml(sweepDocument(sweep, absent)),
    /Not in this directory any more, or changed: cells\/ShardCount-1\/1\./,
  );
  assert.match(renderMarkdown(sweepDocument(sweep, absent)), /Not in this directory any more/);
});
