import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Violation, WitnessHops } from '../../bench/model/violation.ts';
import { markupOf } from '../testing/markup.ts';
import { spaceTimeOf, timeText } from './space-time.ts';
import { spaceTimeFigure } from './space-time-drawing.ts';

type Reordered = Extract<Violation, { kind: 'reordered' }>;

const at = (record: string, arrivedMs: number, startedMs: number, postedMs: number): WitnessHops => ({
  shard: 's',
  record,
  arrivedMs,
  startedMs,
  postedMs,
});

const UNTRACED: Reordered = {
  kind: 'reordered',
  stream: 4,
  sequence: 7,
  intendedMs: 1000,
  sentMs: 1000,
  arrivedMs: 1110,
  extent: 1,
  lateTimeMs: 3,
  overtakenBy: { sequence: 8, sentMs: 1040, arrivedMs: 1107 },
  where: 'unknown',
};
const TRACED: Reordered = {
  ...UNTRACED,
  hops: at('2', 1060, 1090, 1098),
  overtakenBy: { ...UNTRACED.overtakenBy, hops: at('1', 1050, 1090, 1096) },
  where: 'ingest',
};

function diagramOf(violation: Violation, waitingMs: number | null = null) {
  const diagram = spaceTimeOf(violation, waitingMs);
  assert.ok(diagram !== null, 'there is something to draw');
  return diagram;
}

const drawn = (violation: Violation, waitingMs: number | null = null): string =>
  markupOf(spaceTimeFigure(diagramOf(violation, waitingMs)));

/** The paths of the drawing as points, the late one first as in the diagram. */
function waysIn(markup: string): number[][][] {
  return [...markup.matchAll(/<g class="way [a-z]+"><path d="M([^"]+)"/g)].map(([, points = '']) =>
    points.split('L').map((point) => point.split(' ').map(Number)),
  );
}

test('a reorder is two ways through all places, in milliseconds since the first send', () => {
  const { paths, isTraced, originMs, culprit, caption } = diagramOf(TRACED);
  assert.deepEqual(
    paths.map(({ name, tone, stops }) => [name, tone, stops.map((stop) => stop.atMs - originMs)]),
    [
      ['7', 'late', [0, 60, 90, 98, 110]],
      ['8', 'early', [40, 50, 90, 96, 107]],
    ],
  );
  assert.deepEqual([isTraced, culprit], [true, 'ingest']);
  assert.equal(
    caption,
    'Stream 4: 8 was sent 40 ms after 7 and arrived 3 ms before it. It overtook before the stream.',
  );
});

test('the drawn ways cross between the places where order was lost', () => {
  const [late = [], early = []] = waysIn(drawn(TRACED));
  const y = (way: number[][], place: number): number => way[place]?.[1] ?? Number.NaN;
  assert.ok(y(late, 0) < y(early, 0), 'sent before it');
  assert.ok(y(late, 1) > y(early, 1), 'in the stream after it');
  assert.ok(y(late, 4) > y(early, 4), 'arrived after it');
});

test('events at different times never share a height, so their labels do not lie on each other', () => {
  const markup = drawn({ ...TRACED, arrivedMs: 9_000_000 });
  const heights = [...new Set(waysIn(markup).flatMap((way) => way.map(([, y = 0]) => y)))].toSorted(
    (a, b) => a - b,
  );
  for (const [index, y] of heights.slice(1).entries())
    assert.ok(y - (heights[index] ?? 0) >= 15.9, `${heights.join(' ')}`);
});

test('without a trace there are two lanes, and what is not known is said', () => {
  const markup = drawn(UNTRACED);
  assert.equal([...markup.matchAll(/text-anchor="middle">client</g)].length, 2);
  assert.doesNotMatch(markup, />stream<|class="culprit"/);
  assert.match(markup, /Where it overtook is not known\./);
});

test('where only one of the two was traced, the other goes straight', () => {
  const { overtakenBy, ...rest } = TRACED;
  const { hops: _unknown, ...other } = overtakenBy;
  const [late = [], early = []] = waysIn(drawn({ ...rest, overtakenBy: other, where: 'unknown' }));
  assert.deepEqual([late.length, early.length], [5, 2]);
});

test('a duplicate of one record arose after the stream, of two records before it, else nobody knows', () => {
  const twice: Violation = {
    kind: 'duplicated',
    stream: 1,
    sequence: 9,
    sentMs: 10,
    firstArrivedMs: 70,
    arrivedMs: 95,
  };
  const [first, again] = [at('5', 20, 30, 40), at('6', 60, 70, 80)];
  assert.equal(diagramOf({ ...twice, firstHops: first, hops: first }).culprit, 'delivery');
  assert.equal(diagramOf({ ...twice, firstHops: first, hops: again }).culprit, 'ingest');
  assert.equal(diagramOf({ ...twice, hops: again }).culprit, null);
  assert.match(diagramOf(twice).caption, /the answer to 9 arrived again 25 ms after the first/);
});

test('a lost message ends in a cross, with the time it was waited for', () => {
  const lost: Violation = { kind: 'lost', stream: 3, sequence: 71, intendedMs: 5, sentMs: 6 };
  assert.match(drawn(lost, 5000), /class="cross"[\s\S]*none by 5,000[\s\S]*/);
  assert.match(diagramOf(lost, 5000).caption, /awaited for at least 5 s/);
  assert.match(drawn(lost), /no answer</);
});

test('nothing is drawn of what is not known: unexpected arrivals, duplicates whose first answer is forgotten', () => {
  assert.equal(spaceTimeOf({ kind: 'duplicated', stream: 1, sequence: 2, arrivedMs: 3 }, null), null);
  assert.equal(
    spaceTimeOf({ kind: 'unexpected', stream: 1, what: 'x', arrivedMs: 3, excerpt: '' }, null),
    null,
  );
});

test('times have the decimals that tell neighbours apart', () => {
  const times = (arrivedMs: number): string[] => {
    const diagram = diagramOf({ ...UNTRACED, arrivedMs });
    return [1000, arrivedMs].map(timeText(diagram));
  };
  assert.deepEqual(times(1110), ['0.0', '110.0']);
  assert.deepEqual(times(1107.02), ['0.00', '107.02']);
  assert.deepEqual(times(1107.004), ['0.000', '107.004']);
});

test('the picture is told in words and as a table', () => {
  const markup = drawn(TRACED);
  assert.match(markup, /<svg [^>]*role="img" aria-label="Stream 4: 8 overtook 7\. /);
  assert.match(markup, /7: sent at 0\.0 ms, in the stream at 60\.0 ms, function started at 90\.0 ms/);
  assert.match(
    markup,
    /<th scope="row" class="word">in the stream<\/th><td class="number">60\.0<\/td><td class="number">50\.0/,
  );
});

test('a stage clock that is behind the client’s gives a time below zero, not a broken picture', () => {
  const markup = drawn({ ...TRACED, hops: at('2', 998.5, 1090, 1098) });
  assert.match(markup, />−1\.5</);
  assert.doesNotMatch(markup, /NaN|Infinity/);
});
