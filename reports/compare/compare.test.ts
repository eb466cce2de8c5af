import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '../../bench/measure/random.ts';
import type { Comparison, Contest } from '../../bench/model/comparison.ts';
import { type Fault, PLAIN_FAULT } from '../../bench/model/fault.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { renderHtml } from '../document/html.ts';
import { renderMarkdown } from '../document/markdown.ts';
import { renderTerminal } from '../document/terminal.ts';
import { scaled } from '../statistics/second-histograms.ts';
import { SYNTHETIC, syntheticRun } from '../statistics/testing/synthetic.ts';
import { fixture, writeFixture } from '../testing/fixture.ts';
import { compare } from './compare.ts';
import { comparisonDocument } from './document.ts';
import { changeText, intervalText, signedText } from './figures.ts';
import { selfCheck, selfCheckLines } from './self-check.ts';
import { differencesBetween } from './settings.ts';
import { type ComparedRun, readSide, type Side, type UnreadableSide } from './side.ts';

const place = mkdtempSync(join(tmpdir(), 'compare-test-'));
after(() => rmSync(place, { recursive: true, force: true }));

const { result } = fixture('valid');
const MODEL = { ...SYNTHETIC, seconds: 30, perSecond: 100, secondSd: 0.015, runSd: 0.005 };

/** A run of made-up latency, in all else the fixture's. */
function run(seed: number, factor = 1, changed: Partial<RunResult> = {}): ComparedRun {
  const seconds = scaled(syntheticRun(MODEL, seededRandom(seed)), factor);
  const of: RunResult = { ...result, id: `run-${seed}-${factor}`, ...changed };
  return {
    directory: `runs/${seed}`,
    result: of,
    response: seconds,
    service: seconds,
    lostBySecond: [],
    gaps: [],
  };
}

const side = (
  label: string,
  seeds: readonly number[],
  factor = 1,
  changed: Partial<RunResult> = {},
): Side => ({
  label,
  runs: seeds.map((seed) => run(seed, factor, changed)),
});

function compared(base: Side, candidates: readonly Side[], forced = false): Comparison {
  const sizes = { smallestEffect: 0.05, smallestRatio: 0.001, seed: 1, resamples: 150 };
  return compare(base, candidates, { ...sizes, forced, chance: seededRandom(1) });
}

const verdicts = ({ metrics }: Contest) =>
  Object.fromEntries(metrics.filter(({ change }) => change !== null).map(({ id, verdict }) => [id, verdict]));

const only = ({ contests }: Comparison): Contest => contests[0]!;

test('a run against itself is the same in every metric it supports, and says that it is the same run', () => {
  const contest = only(compared(side('a', [1]), [side('a', [1])]));
  assert.deepEqual([...new Set(Object.values(verdicts(contest)))], ['same']);
  assert.equal(contest.verdict, 'same');
  assert.ok(Object.keys(verdicts(contest)).length >= 9, JSON.stringify(verdicts(contest)));
  assert.deepEqual(contest.warnings, ['Both sides are the same runs.']);
});

test('five repeats a side show a tenth more latency, and other repeats of the same setting nothing', () => {
  const base = side('base', [1, 2, 3, 4, 5]);
  const { contests } = compared(base, [
    side('equal', [6, 7, 8, 9, 10]),
    side('slow', [11, 12, 13, 14, 15], 1.1),
  ]);
  const [equal, slow] = contests.map(verdicts);
  assert.deepEqual([equal!['latency.response.p50'], slow!['latency.response.p50']], ['same', 'worse']);
  assert.deepEqual([equal!['latency.response.p90'], slow!['latency.response.p90']], ['same', 'worse']);
  assert.deepEqual(
    contests.map(({ verdict }) => verdict === 'worse'),
    [false, true],
  );
});

test('lost messages make a candidate worse, however few they are', () => {
  const messages = { ...result.messages, lost: 40 };
  const contest = only(compared(side('base', [1]), [side('lossy', [2], 1, { messages })]));
  assert.equal(verdicts(contest)['ordering.lossRatio'], 'worse');
});

test('runs of another load are refused with every reason, and compared under protest when forced', () => {
  const plan = {
    ...result.plan,
    connections: 7,
    durationMs: result.plan.durationMs / 2,
    trace: !result.plan.trace,
  };
  const sides = [side('base', [1]), side('other', [2], 1, { plan })] as const;
  assert.throws(
    () => compared(sides[0], [sides[1]]),
    (error: UnreadableSide) => {
      assert.equal(error.problems.length, 3);
      assert.match(error.problems.join(' '), /plan\.connections.*plan\.durationMs.*--force/);
      return true;
    },
  );
  const contest = only(compared(sides[0], [sides[1]], true));
  assert.deepEqual(
    contest.differences.map(({ setting, isIncomparable }) => [setting, isIncomparable]),
    [
      ['plan.connections', true],
      ['plan.durationMs', true],
      ['plan.trace', false],
    ],
  );
  assert.match(contest.warnings.join(' '), /plan\.connections/);
});

test('a fault plan is one setting, told in words', () => {
  const fault = { ...PLAIN_FAULT, name: 'slow', where: 'function', do: 'slow', delayMs: 12_000 } as const;
  const withFaults = (...faults: readonly Fault[]) => [
    { ...result, plan: { ...result.plan, faults: { faults } } },
  ];
  const told = (base: RunResult[], candidate: RunResult[]) =>
    differencesBetween(base, candidate).map((one) => `${one.setting}: ${one.base} → ${one.candidate}`);
  const drop = {
    ...PLAIN_FAULT,
    name: 'd',
    where: 'ingest',
    do: 'drop',
    ratio: 0.5,
    atMs: 20_000,
    forMs: 1500,
  } as const;
  const slow = 'invocations take 12 s longer (all of them), throughout';
  assert.deepEqual(told([result], withFaults(fault, drop)), [
    `plan.faults: (none) → ${slow}; messages on their way into the stream are dropped (50 % of them), 20 s to 21.5 s`,
  ]);
  assert.deepEqual(told(withFaults(fault), withFaults({ ...fault, name: 'another' })), []);
  // Words round; what they hide is shown as it is.
  const [hidden = ''] = told(withFaults(fault), withFaults({ ...fault, delayMs: 12_300 }));
  assert.match(hidden, /"delayMs":12000,.* → .*"delayMs":12300,/);
});

test('repeats of several settings are no repeats', () => {
  const plan = { ...result.plan, payloadBytes: 999 };
  const mixed: Side = { label: 'mixed', runs: [run(1), run(2, 1, { plan })] };
  assert.throws(
    () => compared(mixed, [side('other', [3])]),
    /mixed holds runs of several settings: plan\.payloadBytes/,
  );
});

test('single, invalid and partial runs are named before the figures', () => {
  const validity = { ...result.validity, verdict: 'invalid' as const };
  const { warnings } = only(
    compared(side('base', [1], 1, { validity }), [side('cut', [2], 1, { partial: true })]),
  );
  for (const word of [/invalid/, /partial/, /one run/])
    assert.ok(
      warnings.some((line) => word.test(line)),
      String(word),
    );
});

test('what is no run is refused by name', async () => {
  const at = (name: string) => join(place, name);
  for (const name of ['empty', 'mixed', 'mixed/no-run', 'mixed/a-run', 'repeats', 'repeats/1', 'repeats/2'])
    mkdirSync(at(name), { recursive: true });
  await writeFixture(at('mixed/a-run'), fixture('valid'));
  for (const repeat of ['1', '2'])
    await writeFixture(at(`repeats/${repeat}`), { ...fixture('valid'), result: { ...result, id: repeat } });
  const refusal = (path: string) => {
    try {
      readSide(path);
      return 'read';
    } catch (error) {
      return (error as UnreadableSide).problems.join('\n');
    }
  };
  assert.match(refusal(at('missing')), /missing is no directory/);
  assert.match(refusal(at('empty')), /holds neither a result\.json nor runs/);
  assert.match(refusal(at('mixed')), /^\S*no-run is no run: it has no result\.json\.$/);
  const { runs } = readSide(at('repeats'));
  assert.equal(runs.length, 2);
  assert.equal(
    runs[0]!.response.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0),
    result.latency.response.count,
  );
});

test('a run that was copied into a side is no repeat, and is named', async () => {
  const at = (name: string) => join(place, name);
  for (const name of ['copied/a', 'copied/b', 'copied/c']) mkdirSync(at(name), { recursive: true });
  for (const name of ['copied/a', 'copied/b']) await writeFixture(at(name), fixture('valid'));
  await writeFixture(at('copied/c'), { ...fixture('valid'), result: { ...result, id: 'another' } });
  const copied = readSide(at('copied'));
  assert.deepEqual(
    copied.runs.map(({ directory }) => directory),
    [at('copied/a'), at('copied/c')],
  );
  assert.ok(
    only(compared(copied, [side('other', [3])])).warnings.includes(
      `${at('copied/b')} is the same run as ${at('copied/a')} and is left out: a copy is no repeat.`,
    ),
  );
});

test('different runs with one id, as older versions gave them, are not the same runs', () => {
  const old = (label: string, seed: number, startedAt: string) =>
    side(label, [seed], 1, { id: '1', startedAt });
  const [one, other] = [old('a', 1, '2026-01-01T00:00:00.000Z'), old('b', 2, '2026-01-01T00:01:00.000Z')];
  const told = (sides: readonly [Side, Side]) =>
    only(compared(sides[0], [sides[1]])).warnings.filter((line) => /same runs|on both sides/.test(line));
  assert.deepEqual(told([one, other]), []);
  assert.deepEqual(told([one, one]), ['Both sides are the same runs.']);
});

test('a log that holds another number of times than its result is not compared, and named', async () => {
  const directory = join(place, 'short');
  mkdirSync(directory);
  await writeFixture(directory, fixture('valid'));
  const path = join(directory, 'latency.hlog');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, lines.filter((line) => !line.startsWith('Tag=service,5.000')).join('\n'));
  const [short] = readSide(directory).runs;
  assert.deepEqual([short!.response.length > 0, short!.service.length], [true, 0]);
  assert.match(
    short!.gaps.join(),
    /^\S+short\/latency\.hlog holds \d+ service times, and result\.json counts \d+: its service times are not compared\.$/,
  );
});

test('where nothing varies the change is 0 %, however its sums were rounded', () => {
  const constant = (id: string): ComparedRun => {
    const seconds = Array.from({ length: 20 }, () => ({ values: [40.1], counts: [7] }));
    return { ...run(1), result: { ...result, id }, response: seconds, service: seconds };
  };
  const { metrics } = only(
    compared({ label: 'a', runs: [constant('a')] }, [{ label: 'b', runs: [constant('b')] }]),
  );
  const [p50] = metrics;
  assert.deepEqual([changeText(p50!), intervalText(p50!), p50!.verdict], ['0 %', '0 % to 0 %', 'same']);
  assert.deepEqual(
    [2.2e-16, -1e-15, 0].map((share) => signedText(share)),
    ['0 %', '0 %', '0 %'],
  );
});

test('every format names sides, verdicts and what differs, and hostile text stays text', () => {
  const hostile = side('<script>alert(1)</script>', [1]);
  const comparison = compared(hostile, [
    side('slow', [2], 1.5, { plan: { ...result.plan, trace: !result.plan.trace } }),
  ]);
  const page = renderHtml(comparisonDocument(comparison));
  assert.ok(!page.includes('<script>alert(1)'), 'escaped');
  assert.match(page, /✗ worse/);
  assert.match(page, /plan\.trace/);
  const summary = renderMarkdown(comparisonDocument(comparison));
  assert.match(summary, /^### ➖ Worse within these runs only: slow against/);
  assert.match(summary, /\| response p50 ms \|.*\| ❌ worse \|/);
  const lines = renderTerminal(comparisonDocument(comparison), { colour: false, width: 100 });
  assert.match(lines.join('\n'), /differs: plan\.trace/);
  assert.deepEqual(compared(hostile, [side('slow', [2])]), compared(hostile, [side('slow', [2])]));
});

test('one run on a side shows what differs within runs only, and every format says so in the verdict', () => {
  const sides = (base: number[], candidate: number[]) =>
    compared(side('base', base), [side('slow', candidate, 1.5)]);
  for (const comparison of [sides([1], [2]), sides([1, 3], [2]), sides([1], [2, 4])]) {
    assert.deepEqual([only(comparison).verdict, only(comparison).scope], ['worse', 'within runs']);
    assert.match(renderHtml(comparisonDocument(comparison)), /Worse within these runs only/);
    assert.match(renderMarkdown(comparisonDocument(comparison)), /^### ➖ Worse within these runs only: /);
    const [, head = '', ...meaning] = renderTerminal(comparisonDocument(comparison), {
      colour: false,
      width: 100,
    });
    assert.match(head, /^WORSE WITHIN THESE RUNS ONLY {2}slow/);
    assert.match(meaning.join(' '), /runs of one setting differ from each other too/);
  }
  const repeated = sides([1, 3, 5], [2, 4, 6]);
  assert.deepEqual([only(repeated).verdict, only(repeated).scope], ['worse', 'between runs']);
  assert.match(renderMarkdown(comparisonDocument(repeated)), /^### ❌ Worse: /);
});

test('another name of the stack is no difference, another server is one', () => {
  const of = (kind: 'aws' | 'url', stage: string): RunResult => ({
    ...result,
    plan: { ...result.plan, stage },
    stage: { ...result.stage, kind },
  });
  assert.deepEqual(differencesBetween([of('aws', 'perf-1')], [of('aws', 'perf-2')]), []);
  assert.deepEqual(
    differencesBetween([of('url', 'ws://a/')], [of('url', 'ws://b/')]).map(({ setting }) => setting),
    ['plan.stage'],
  );
});

test('the self-check raises few false alarms among repeats and finds a large effect in all splits', () => {
  const { runs } = side('repeats', [1, 2, 3, 4, 5, 6, 7, 8]);
  const options = { splits: 25, smallestEffect: 0.05, effect: 0.2, chance: seededRandom(1) };
  const check = selfCheck(runs, options);
  const p50 = check.rows.find(({ metric }) => metric === 'response p50')!;
  assert.ok(p50.falseAlarms <= 0.08, String(p50.falseAlarms));
  assert.equal(p50.power, 1);
  assert.match(selfCheckLines(check).join('\n'), /response p50 +\d/);
  assert.throws(() => selfCheck(runs.slice(0, 3), options), /4 repeats or more/);
});
