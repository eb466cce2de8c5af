import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderHtml } from '../document/html.ts';
import { fleetOf, workerOf } from '../fleet/testing/fixture.ts';
import { mergeLog } from '../histogram-log.ts';
import { HOSTILE } from '../testing/fixture/situations.ts';
import { FIXTURE_KINDS, type FixtureKind, fixture } from '../testing/fixture.ts';
import { distributionOf } from './distribution.ts';
import { runDocument } from './document.ts';
import type { RunReading } from './reading.ts';
import { hourLong } from './testing/hour.ts';

function reading(kind: FixtureKind, gaps: readonly string[] = []): RunReading {
  const { result, log, violations } = fixture(kind);
  const { histograms } = mergeLog(log, ['response', 'service']);
  const curve = (tag: string): RunReading['distributions']['response'] =>
    distributionOf(histograms.get(tag) ?? { totalCount: 0, getValueAtPercentile: () => 0 });
  const distributions = { response: curve('response'), service: curve('service') };
  return { result, violations, violationsTotal: violations.length, distributions, gaps };
}

interface Plotted {
  readonly label: string;
  readonly points: readonly (readonly [number, number | null])[];
}

/** Where each text begins, in the part that people read. */
function order(page: string, texts: readonly string[]): number[] {
  const body = page.slice(page.indexOf('<main'), page.indexOf('</main>'));
  return texts.map((text) => {
    const at = body.indexOf(text);
    assert.ok(at >= 0, `missing: ${text}`);
    return at;
  });
}

for (const kind of FIXTURE_KINDS) {
  test(`the page of a run "${kind}" asks for nothing from outside and forbids it`, () => {
    const page = renderHtml(runDocument(reading(kind)));
    assert.match(
      page,
      /content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:/,
    );
    assert.doesNotMatch(page, /sourceMappingURL|@import|<link rel="stylesheet|<script[^>]+src|url\(/);
    for (const [, url] of page.matchAll(/<[a-z]+[^>]*\s(?:src|href)="([^"]*)"/g)) {
      assert.match(url ?? '', /^(#[a-z]+|data:,|result\.json|violations\.ndjson)$/);
    }
  });
}

test('minutes that hold more than measurement are counted, drawn apart, and said in the table', () => {
  const page = renderHtml(runDocument(reading('deployed')));
  for (const text of [
    '4 calendar minutes overlap the measurement; 2 of them hold nothing else',
    'mixed with what surrounds it',
    '<td class="number">measurement, and what preceded it</td>',
  ]) {
    assert.ok(page.includes(text), text);
    assert.ok(!renderHtml(runDocument(reading('valid'))).includes(text), `not for seconds: ${text}`);
  }
});

test('periods are drawn as far as the axis goes, so that they count for its scale', () => {
  const page = renderHtml(runDocument(reading('deployed')));
  const charts = [...page.matchAll(/<script type="application\/json">(.*?)<\/script>/g)].map(
    ([, json]) => JSON.parse(json ?? '') as { xMin?: number; xMax?: number; series: Plotted[] },
  );
  const mixed = charts.filter(({ series }) => series.some(({ label }) => label.startsWith('mixed')));
  assert.ok(mixed.length > 0, 'some charts have mixed minutes');
  for (const { xMin = 0, xMax = 0, series } of mixed) {
    const places = series.flatMap(({ points }) => points.map(([x]) => x));
    assert.ok(
      places.every((x) => x >= xMin && x <= xMax),
      `${Math.min(...places)} to ${Math.max(...places)} on an axis from ${xMin} to ${xMax}`,
    );
  }
});

test('one or two minutes are no chart', () => {
  const deployed = reading('deployed');
  const { plan } = deployed.result;
  const result = { ...deployed.result, plan: { ...plan, durationMs: 20_000 } };
  const page = renderHtml(runDocument({ ...deployed, result }));
  assert.ok(page.includes('Too few periods for a chart'), 'it says why');
  assert.ok(!page.includes('mixed with what surrounds it'), 'nothing is drawn');
});

test('a figure with too few samples is a dash with the reason', () => {
  assert.match(
    renderHtml(runDocument(reading('valid'))),
    /<td class="number">–<\/td>[\s\S]*– is not stated: fewer than 10 samples/,
  );
});

test('what is absent is said: stage metrics, hops, the percentile curve, data that could not be read', () => {
  const page = renderHtml(runDocument(reading('partial', ['latency.hlog is missing.'])));
  assert.match(page, /No stage metrics/);
  assert.match(page, /No percentile curve/);
  assert.match(page, /Not all data of this run could be read:[\s\S]*latency\.hlog is missing\./);
  assert.doesNotMatch(page, />Hop budget</);
});

test('stage metrics share the time axis of the client charts and say their source and period', () => {
  const page = renderHtml(runDocument(reading('valid')));
  const axes = [...page.matchAll(/"axis":"time","xMin":0,"xMax":65,"drainFrom":60/g)];
  assert.equal(axes.length, 2 + 5);
  assert.match(page, /Counted by the local stage, one value per 1 s, complete/);
  assert.match(page, /Zero while measured, not drawn: Writes throttled, Function errors/);
});

test('every chart has a description and its data as a table', () => {
  const page = renderHtml(runDocument(reading('violations')));
  const figures = page.match(/<figure class="chart[\s\S]*?<\/figure>/g) ?? [];
  assert.ok(figures.length >= 8);
  for (const figure of figures)
    assert.match(figure, /<canvas role="img" aria-label="[^"]+"[\s\S]*<details>[\s\S]*<table>/);
});

test('the first violations of every kind are listed, with a link to all of them', () => {
  const page = renderHtml(runDocument(reading('violations')));
  for (const kind of ['reordered', 'duplicated', 'lost', 'unexpected']) {
    assert.match(page, new RegExp(`<th scope="row" class="word">${kind}</th>`));
  }
  assert.match(page, /<a href="violations\.ndjson">/);
  assert.match(page, /Stream 0: 79 was sent 40 ms after 78 and arrived 11\.7 ms before it/);
});

test('order is told in a sentence before its tables, with every figure of the detail', () => {
  order(renderHtml(runDocument(reading('disordered'))), [
    '✗ 117 of 29,997 delivered messages were overtaken (0.39 %, at most 0.47 % at 95 %).',
    'Violations by kind',
    'answer came for at least 5 s after its send',
    'Where it arose',
    'Reordered by n or more',
    '20 of 200 streams had at least one violation.',
    'shardId-000000000001',
    'First violations',
    '79 overtook 78',
  ]);
});

test('three reorders, two duplicates and two losses are drawn', () => {
  const page = renderHtml(runDocument(reading('disordered')));
  assert.equal(page.match(/<div class="space-time">/g)?.length, 7);
});

test('hops have shares of means and their sum checked; older results have medians', () => {
  const page = renderHtml(runDocument(reading('disordered')));
  assert.match(page, /means add up, percentiles do not\.[\s\S]*✓<\/span> The four hops add up/);
  assert.match(renderHtml(runDocument(reading('violations'))), /Shares of the sum of the four medians/);
  const { result } = fixture('disordered');
  const hops = result.latency.hops;
  assert.ok(hops?.sum !== undefined, 'the fixture has a sum');
  const broken = { ...hops, sum: { ...hops.sum, differenceMs: 9 } };
  const bad = { ...result, latency: { ...result.latency, hops: broken } };
  assert.match(
    renderHtml(runDocument({ ...reading('disordered'), result: bad })),
    /✗<\/span> The four hops do not add up/,
  );
});

test('faults stand at the top, on every chart over time, and in a section with tally and recovery', () => {
  const page = renderHtml(runDocument(reading('faulty')));
  order(page, ['the figures are those of a faulty stage', 'Response p50', '>Over time</h2>', '>Faults</h2>']);
  assert.equal(
    [...page.matchAll(/"bands":\[\{"mark":"F1","name":"slow shard","from":31,"to":38,"row":0\}/g)].length,
    3 + 6,
  );
  assert.match(page, /aria-label="[^"]*Faults at work: F1 slow shard from 31 to 38 s, F2/);
  assert.match(
    page,
    /<th scope="row" class="word">all that were counted<\/th><td class="number">0<\/td><td class="number">41/,
  );
  assert.match(page, /its backlog was gone 3 s after its end/);
  assert.doesNotMatch(renderHtml(runDocument(reading('valid'))), /"bands"|>Faults<|faulty stage, not/);
});

test('lost messages have their second where the result tells it', () => {
  assert.match(renderHtml(runDocument(reading('faulty'))), /lost and refused by the second they were due/);
  assert.match(renderHtml(runDocument(reading('violations'))), /Lost messages have no arrival, so no second/);
});

test('hostile text is nowhere as it came', () => {
  const page = renderHtml(runDocument(reading('hostile')));
  const outside = page.replace(/<script>[\s\S]*?<\/script>/g, '');
  assert.ok(!outside.includes(HOSTILE));
  assert.doesNotMatch(outside, /<img|[\p{Bidi_Control}\p{Zl}]/u);
  assert.ok(!outside.includes('\u001b'));
});

test('an hour of seconds and twenty-four metrics stay below 1.5 MB', () => {
  const page = renderHtml(
    runDocument({ ...reading('violations'), result: hourLong(fixture('violations').result) }),
  );
  assert.ok(page.length < 1_500_000, `${page.length} characters`);
});

test('the tiles show the percentile that a threshold names, in place of one that has too few samples', () => {
  const { result, ...rest } = reading('valid');
  const thresholds = [{ expression: 'latency.response.p90 < 250', value: 101, ok: true }];
  const response = { ...result.latency.response, p90: 101, p99: null };
  const tiles = (changed: Partial<typeof result>): string[] =>
    [
      ...renderHtml(runDocument({ ...rest, result: { ...result, ...changed } })).matchAll(
        /<p class="name">(Response [^<]+)</g,
      ),
    ].map(([, name]) => name!);
  const latency = { ...result.latency, response };
  assert.deepEqual(tiles({ latency, thresholds }), [
    'Response p50',
    'Response p90',
    'Response p95',
    'Response max',
  ]);
  assert.deepEqual(tiles({ latency, thresholds: [] }), [
    'Response p50',
    'Response p95',
    'Response p99',
    'Response max',
  ]);
});

test('a fleet that workers are missing from delivered a share of what was planned', () => {
  const fleet = fleetOf(
    20,
    Array.from({ length: 15 }, (_, index) => workerOf(index)),
  );
  assert.match(renderHtml(runDocument({ ...reading('valid'), fleet })), /75 % of 40,000 planned/);
});
