import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import type { History, HistoryChange, MetricHistory } from '../../bench/model/history.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { renderHtml } from '../document/html.ts';
import { renderMarkdown } from '../document/markdown.ts';
import { renderTerminal } from '../document/terminal.ts';
import { parseHistory } from '../saved-reports.ts';
import { normal } from '../statistics/testing/synthetic.ts';
import { fixture } from '../testing/fixture.ts';
import { historyDocument } from './document.ts';
import { confirmed, entriesNeeded, SHUFFLES, testedChanges } from './permutation-tests.ts';
import { commitOf, days, historyFixture, madeHistory, madeRuns } from './testing/fixture.ts';
import { CASES, rateOf } from './testing/proof.ts';
import { headText, limitsOf, listedChanges, remarksOn } from './text.ts';

const metricOf = ({ groups }: History, id: string, group = 0): MetricHistory =>
  groups[group]!.metrics.find((metric) => metric.id === id)!;

const P99 = 'latency.response.p99';
const MIXED = historyFixture('mixed');

const FEW = { metrics: [P99] };

const changesOf = (history: History, id = P99): readonly HistoryChange[] => metricOf(history, id).changes;

test('steps of seven noise deviations are found within one entry of where they are, with means and size', () => {
  let extra = 0;
  for (let seed = 0; seed < 12; seed++) {
    const history = madeHistory(
      madeRuns({ factors: [...days(15), ...days(15, 1.15), ...days(15, 1.02)], seed }),
      FEW,
    );
    const found = changesOf(history);
    const near = (place: number) => found.find(({ entry }) => Math.abs(entry - place) <= 1);
    const [up, down] = [near(15), near(30)];
    assert.deepEqual([up?.judgement, up?.state], ['worse', 'recovered'], `seed ${seed}`);
    assert.deepEqual([down?.judgement, down?.state], ['better', null], `seed ${seed}`);
    assert.ok(Math.abs(up!.change! - 0.15) < 0.04, `seed ${seed}: ${up!.change}`);
    extra += found.length - 2;
  }
  // The level of 5 % holds for each: with 12 of them, two or fewer in 98 of 100.
  assert.ok(extra <= 2, `${extra} changes that are none`);
});

test('flat, noisy series of several metrics raise no more alarms than the level allows', () => {
  let alarms = 0;
  for (let seed = 0; seed < 100; seed++) {
    const chance = seededRandom(seed);
    const series = Array.from({ length: 3 }, () => Array.from({ length: 20 }, () => normal(chance)));
    const found = confirmed(series.map((values, at) => testedChanges(values, chance.fork(`${at}`))));
    if (found.some((changes) => changes.length > 0)) alarms++;
  }
  // Chances of 5 % come to ten or fewer alarms in 99 of 100.
  assert.ok(alarms <= 10, `${alarms} of 100`);
});

test('a change as plain as can be has a p below what 199 shuffles can show', () => {
  const [change, ...others] = testedChanges([...days(15), ...days(15, 2)], seededRandom(1));
  assert.deepEqual([change?.index, others.length], [15, 0]);
  assert.ok(change!.p < 1 / 200, `${change!.p}`);
  assert.ok(change!.p >= 1 / (SHUFFLES + 1), `${change!.p}`);
});

test('a shuffle that restores both sides counts against a change, whatever order it adds them up in', () => {
  for (let seed = 0; seed < 8; seed++) {
    const chance = seededRandom(seed);
    const series = Array.from({ length: 8 }, (_, at) => (at < 4 ? 1 : 9) + chance.next() * 1e-3);
    // Two of the 70 ways to choose four of eight keep the levels apart; at the least the one that is not mirrored counts.
    const [change] = testedChanges(series, seededRandom(2));
    assert.ok(change === undefined || change.p > 0.75 / 70, `seed ${seed}: ${change?.p}`);
  }
});

test('a p is corrected for all series, those without a change too', () => {
  const held = (ps: readonly (number | null)[]) =>
    confirmed(ps.map((p) => (p === null ? [] : [{ index: 5, p }]))).map((changes) => changes.length);
  assert.deepEqual(held([0.014, null]), [1, 0]);
  assert.deepEqual(held([0.014, null, null]), [0, 0, 0]);
  assert.deepEqual(held([0.009, 0.02, null]), [1, 0, 0]);
});

test('well below the entries that are said to be needed a plain step is not found, and soon above it is', () => {
  const holds = (before: number, after: number, tests: number): boolean => {
    const series = [...days(before, 1), ...days(after, 9)].map((value, at) => value + ((at * 7) % 5) * 1e-4);
    const found = testedChanges(series, seededRandom(2));
    return confirmed([found, ...Array.from({ length: tests - 1 }, () => [])])[0]!.length === 1;
  };
  for (const tests of [3, 9]) {
    const { middle, end } = entriesNeeded(tests);
    const inTheMiddle = (n: number) => holds(Math.floor(n / 2), Math.ceil(n / 2), tests);
    const atTheEnd = (n: number) => holds(n - 3, 3, tests);
    assert.deepEqual([inTheMiddle(middle - 4), inTheMiddle(middle + 2)], [false, true], `${tests}`);
    assert.deepEqual([atTheEnd(end - 5), atTheEnd(end + 4)], [false, true], `${tests}`);
  }
});

test('a regression that reaches the newest entries is the verdict, and names metric, size and commit', () => {
  const history = historyFixture('regression');
  assert.equal(history.verdict, 'regression');
  assert.match(
    headText(history),
    /^\d+ regressions, the largest: (response|service) p\S+ rose 1[0-4]\.\d % at [0-9a-f]{7}$/,
  );
  const [change] = changesOf(history);
  assert.ok(Math.abs(change!.entry - 28) <= 1, `${change!.entry}`);
  assert.equal(change!.state, 'standing');
  assert.ok(headText(history).endsWith(commitOf(change!.entry).slice(0, 7)), headText(history));
});

test('what recovered is no regression; what recovered in part is one, for the newest level is worse than the best before', () => {
  const recovered = madeHistory(
    madeRuns({ factors: [...days(15), ...days(10, 1.2), ...days(10)], seed: 1 }),
    FEW,
  );
  assert.equal(recovered.verdict, 'no regression');
  const partly = madeHistory(
    madeRuns({ factors: [...days(15), ...days(10, 1.5), ...days(10, 1.2)], seed: 1 }),
    FEW,
  );
  assert.deepEqual(
    changesOf(partly).map(({ state }) => state),
    ['partly recovered', null],
  );
  assert.equal(partly.verdict, 'regression');
  assert.match(headText(partly), /^1 regression: response p99 rose (1[6-9]|2[0-4])\.\d % at [0-9a-f]{7}$/);
});

/** Levels from day to day. */
const ramp = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, day) => from + ((to - from) * day) / (count - 1));
const stairs = (steps: number, each: number, factor: number): number[] =>
  Array.from({ length: steps + 1 }, (_, step) => days(each, factor ** step)).flat();

test('many steps too small to matter, and slow drifts, are a regression of their whole size', () => {
  const cases: [string, number[], number][] = [
    ['eight steps of 4.5 %', stairs(8, 6, 1.045), 0.42],
    ['a drift over 30', ramp(30, 1, 1.12), 0.12],
    ['a drift over 120', ramp(120, 1, 1.1), 0.1],
    ['a drift after an improvement', [...days(20, 1.3), ...ramp(40, 1, 1.12)], 0.12],
    ['a drift after what was recovered from', [...days(10), ...days(10, 1.5), ...ramp(40, 1, 1.12)], 0.12],
    ['one late step', [...days(40), ...days(6, 1.15)], 0.15],
  ];
  for (const [name, factors, size] of cases) {
    const history = madeHistory(madeRuns({ factors, seed: 4 }), FEW);
    const rise = metricOf(history, P99).rise;
    assert.deepEqual([name, history.verdict, rise?.isCertain], [name, 'regression', true]);
    assert.ok(Math.abs(rise!.change! - size) < 0.07, `${name}: ${rise!.change}`);
  }
});

test('flat series, improvements by many small steps, and a drift that is too small are no regression', () => {
  const cases: number[][] = [
    days(60),
    stairs(8, 6, 1 / 1.045),
    ramp(200, 1, 1.03),
    [...ramp(30, 1, 1.2), ...days(30)],
  ];
  for (const factors of cases)
    assert.equal(madeHistory(madeRuns({ factors, seed: 4 }), FEW).verdict, 'no regression', `${factors[30]}`);
});

test('fewer delivered little by little is a regression, and more is none', () => {
  const history = (to: number): History =>
    madeHistory(
      madeRuns({
        factors: days(60),
        seed: 1,
        change: (result, day) => ({
          ...result,
          throughput: {
            ...result.throughput,
            deliveredPerSecond: 500 * (1 + (to - 1) * (day / 59)) + ((day * 7) % 5),
          },
        }),
      }),
      { metrics: ['throughput'] },
    );
  assert.match(headText(history(0.85)), /^1 regression: delivered fell 1[3-6]\.\d % since [0-9a-f]{7}/);
  assert.equal(history(1.15).verdict, 'no regression');
});

test('the proof in short: flat series raise few alarms and fail nothing, staircases and drifts fail', () => {
  const found = (name: RegExp, trials: number) =>
    rateOf(CASES.find((one) => name.test(one.name))!, trials, 3);
  const flat = found(/^flat, 20 entries, 1 metrics, 10 %/, 40);
  assert.ok(flat.alarms <= 0.125 && flat.failures <= 0.05, JSON.stringify(flat));
  for (const name of [
    /^drift of 10 % over 40/,
    /^4 steps, 12 % together, over 60/,
    /^8 steps, 42 % together, over 20/,
  ])
    assert.equal(found(name, 4).failures, 1, String(name));
});

test('a step of a series without any noise, as of simulations, is a regression', () => {
  const { latency } = fixture('valid').result;
  for (const [before, after] of [
    [20, 10],
    [9, 6],
    [30, 3],
  ] as const) {
    const factors = [...new Array<number>(before).fill(1), ...new Array<number>(after).fill(1.2)];
    const change = (result: RunResult, day: number): RunResult => ({
      ...result,
      latency: { ...latency, response: { ...latency.response, p99: latency.response.p99! * factors[day]! } },
    });
    const runs = madeRuns({ factors, seed: 1, change });
    assert.equal(madeHistory(runs, FEW).verdict, 'regression', `${before} and ${after}`);
  }
});

test('likeness of neighbours makes no regressions of a long flat series', () => {
  let regressions = 0;
  for (let seed = 0; seed < 4; seed++) {
    const chance = seededRandom(seed);
    let level = 0;
    const factors = Array.from({ length: 120 }, () => {
      level = 0.6 * level + 0.8 * 0.05 * normal(chance);
      return Math.exp(level);
    });
    if (madeHistory(madeRuns({ factors, seed }), FEW).verdict === 'regression') regressions++;
  }
  assert.ok(regressions <= 1, `${regressions} of 4`);
});

test('a row names its group in the terminal and the summary where there are several', () => {
  const lines = renderTerminal(historyDocument(MIXED), { colour: false, width: 200 });
  assert.match(lines.find((line) => line.startsWith('metric'))!, /^metric +group +verdict/);
  assert.ok(
    lines.some((line) => /^response p99, ms +group 2 +✗ worse/.test(line)),
    lines.join('\n'),
  );
  assert.ok(
    lines.some((line) => /^group 1: quick: .*, stage\.parameters\.ShardCount \S+\. /.test(line)),
    lines.join('\n'),
  );
  assert.match(renderMarkdown(historyDocument(MIXED)), /\| response p99, ms \| group 2 \| (❌|❔) worse/);
  const alone = renderTerminal(historyDocument(historyFixture('regression')), { colour: false, width: 200 });
  assert.match(alone.find((line) => line.startsWith('metric'))!, /^metric +verdict/);
});

test('a change below the smallest effect is listed and is no regression; two steps for the worse both stand', () => {
  const small = madeHistory(madeRuns({ factors: [...days(20), ...days(20, 1.06)], seed: 1 }), {
    ...FEW,
    smallestEffect: 0.2,
  });
  assert.deepEqual(
    changesOf(small).map(({ judgement }) => judgement),
    ['small'],
  );
  assert.equal(small.verdict, 'no regression');
  const twice = madeHistory(
    madeRuns({ factors: [...days(12), ...days(12, 1.2), ...days(12, 1.5)], seed: 1 }),
    FEW,
  );
  assert.deepEqual(
    changesOf(twice).map(({ state }) => state),
    ['standing', 'standing'],
  );
});

test('fewer delivered is worse, and lost messages count however few they are', () => {
  const history = madeHistory(
    madeRuns({
      factors: days(30),
      seed: 1,
      change: (result, day) => ({
        ...result,
        throughput: { ...result.throughput, deliveredPerSecond: (day < 20 ? 500 : 400) + (day % 3) },
        ordering: { ...result.ordering, lossRatio: day < 15 ? 0 : 1e-6 * (1 + (day % 2)) },
      }),
    }),
    { metrics: ['throughput', 'ordering.lossRatio'] },
  );
  const [delivered] = changesOf(history, 'throughput.deliveredPerSecond');
  assert.deepEqual([delivered!.entry, delivered!.state], [20, 'standing']);
  const [lost] = changesOf(history, 'ordering.lossRatio');
  assert.deepEqual([lost!.entry, lost!.before, lost!.state], [15, 0, 'standing']);
});

test('a change with few entries behind it is provisional, and one or two new outliers are told but fail nothing', () => {
  const late = madeHistory(madeRuns({ factors: [...days(30), ...days(4, 1.3)], seed: 1 }), FEW);
  assert.deepEqual(
    changesOf(late).map(({ isProvisional, pointsAfter }) => [isProvisional, pointsAfter]),
    [[true, 4]],
  );
  assert.match(listedChanges(late).flatMap(remarksOn).join(), /provisional: only 4 entries follow/);
  const outliers = madeHistory(madeRuns({ factors: [...days(20), 1.3, 1.3], seed: 1 }));
  assert.equal(outliers.verdict, 'no regression');
  assert.equal(metricOf(outliers, P99).pending?.newest, 2);
  assert.match(
    renderTerminal(historyDocument(outliers), { colour: false, width: 200 }).join('\n'),
    /not testable yet: response p99/,
  );
});

test('few entries say how many it takes', () => {
  const history = historyFixture('few');
  assert.equal(history.verdict, 'too few');
  assert.match(headText(history), /^Too few to tell: 5 entries of the \d+ that are needed at the least$/);
  assert.match(limitsOf(history.groups[0]!).join(), /before there are \d+, nothing can be found/);
});

test('repeats are one entry: the median of their runs, with the lowest and the highest', () => {
  const runs = madeRuns({ factors: days(2), seed: 1, repeats: 3 });
  const values = runs.slice(0, 3).map(({ result }) => result.latency.response.p99!);
  const sorted = [...values].sort((a, b) => a - b);
  const { entries } = madeHistory(runs).groups[0]!;
  assert.deepEqual(
    entries.map((entry) => [entry.directory.includes('/'), entry.runs.length]),
    [
      [false, 3],
      [false, 3],
    ],
  );
  const [point] = metricOf(madeHistory(runs), P99).points;
  assert.deepEqual(point, { entry: 0, value: sorted[1], low: sorted[0], high: sorted[2], runs: 3 });
});

test('a directory whose runs are of several commits or settings holds no repeats', () => {
  const commits = madeRuns({
    factors: days(1),
    seed: 1,
    repeats: 2,
    change: (result) => ({
      ...result,
      environment: { ...result.environment, commit: result.id.endsWith('0') ? 'a' : 'b' },
    }),
  });
  assert.equal(madeHistory(commits).groups[0]!.entries.length, 2);
});

test('runs of other plans and stages are groups of their own, and a stack may have another name each time', () => {
  const other = (change: (result: RunResult) => RunResult, seed: number) =>
    madeRuns({ factors: days(2), seed, parent: `${seed}/`, change });
  const stack = (name: string) => (result: RunResult) => ({
    ...result,
    plan: { ...result.plan, stage: name },
    stage: { ...result.stage, kind: 'aws' as const, name },
  });
  const history = madeHistory([
    ...other((result) => result, 1),
    ...other((result) => ({ ...result, plan: { ...result.plan, payloadBytes: 4096 } }), 2),
    ...other((result) => ({ ...result, stage: { ...result.stage, parameters: { ShardCount: '4' } } }), 3),
    ...other((result) => ({ ...result, plan: { ...result.plan, seed: 77, name: 'other' } }), 4),
    ...other(stack('perf-1'), 5),
    ...other(stack('perf-2'), 6),
  ]);
  assert.deepEqual(history.groups.map(({ entries }) => entries.length).sort(), [2, 2, 4, 4]);
  const settings = history.groups.flatMap((group) => group.settings.map(({ setting }) => setting));
  assert.ok(settings.includes('plan.payloadBytes'), settings.join());
  assert.ok(settings.includes('stage.parameters.ShardCount'), settings.join());
});

test('what else changed beside a change is told, and that the commit did not', () => {
  const history = madeHistory(
    madeRuns({
      factors: [...days(15), ...days(15, 1.3)],
      seed: 1,
      change: (result, day) => ({
        ...result,
        environment: { ...result.environment, commit: 'a1b2c3d4', node: day < 15 ? 'v20.1.0' : 'v22.1.0' },
      }),
    }),
    FEW,
  );
  assert.deepEqual(listedChanges(history).flatMap(remarksOn), [
    'the commit is the same before and after: something else changed',
    'environment.node: v20.1.0 → v22.1.0',
  ]);
});

test('--last leaves older entries out and counts them; a name that no metric has is refused', () => {
  const runs = madeRuns({ factors: days(10), seed: 1 });
  const [group] = madeHistory(runs, { last: 4 }).groups;
  assert.deepEqual([group!.entries.length, group!.olderLeftOut], [4, 6]);
  assert.equal(group!.entries.at(-1)!.commit, commitOf(9));
  assert.throws(
    () => madeHistory(runs, { metrics: ['latency.respons'] }),
    /metric: 'latency.respons' is none of/,
  );
});

test('the same runs and seed give the same history, and it survives being saved; what is wrong is named', () => {
  const history = MIXED;
  const json = JSON.stringify(history);
  assert.equal(json, JSON.stringify(historyFixture('mixed')));
  assert.equal(renderHtml(historyDocument(parseHistory(json))), renderHtml(historyDocument(history)));
  assert.throws(() => parseHistory(json.replace('"schema":1', '"schema":2')), /it has schema 2/);
  const hole = JSON.parse(json) as { groups: { entries: unknown[] }[] };
  hole.groups[0]!.entries.length = 3;
  assert.throws(() => parseHistory(JSON.stringify(hole)), /names entries that it does not hold/);
});

test('page, summary and terminal tell the verdict, the changes, what was left out; names from outside stay text', () => {
  const history = MIXED;
  const [page, summary] = [renderHtml(historyDocument(history)), renderMarkdown(historyDocument(history))];
  const terminal = renderTerminal(historyDocument(history), { colour: false, width: 200 }).join('\n');
  for (const text of [page, summary, terminal]) {
    assert.match(text, /regression/);
    assert.match(text, /standing/);
    assert.match(text, /partial/);
  }
  assert.ok(!page.includes('<img'), 'page');
  assert.ok(!summary.includes('<img'), 'summary');
  assert.match(page, /C1 [0-9a-f]{7}|C1</);
});
