import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markupOf } from '../testing/markup.ts';
import { parseFleet } from './schema.ts';
import { fleetSection } from './section.ts';
import { comparisonsOf, metricsOf, standingsOf } from './standing.ts';
import { FLEET_KINDS, fleetFixture, fleetOf, slowWorker, workerOf } from './testing/fixture.ts';
import {
  clocksText,
  costText,
  cutText,
  missingText,
  outlierTexts,
  rangesText,
  reportedText,
  startText,
} from './text.ts';

const alike = (of: number) => Array.from({ length: of }, (_, index) => workerOf(index));

function oddOf(fleet: ReturnType<typeof fleetFixture>): number[] {
  const standings = standingsOf(fleet, comparisonsOf(fleet));
  return standings.filter(({ outlying }) => outlying.length > 0).map(({ worker }) => worker.index);
}

test('a slow worker stands out by what its machine did, and workers that are alike do not', () => {
  const fleet = fleetOf(6, [...alike(5), slowWorker(5)]);
  const [first] = standingsOf(fleet, comparisonsOf(fleet));
  assert.deepEqual(
    [first?.worker.index, first?.outlying.map(({ metric }) => metric.column)],
    [5, ['p50', 'p99', 'lag p99', 'loop max']],
  );
  assert.deepEqual(oddOf(fleet), [5]);
  assert.deepEqual(oddOf(fleetFixture('whole')), []);
});

test('twelve slow workers of a thousand are found, each of them', () => {
  const fleet = fleetFixture('thousand');
  const slow = fleet.workers.filter(({ loopDelayMaxMs }) => loopDelayMaxMs > 100).map(({ index }) => index);
  assert.equal(slow.length, 12);
  assert.deepEqual(
    oddOf(fleet).sort((left, right) => left - right),
    slow,
  );
});

test('a difference that is many times the median but less than timers bring is none', () => {
  const calm = alike(4).map((worker) => ({
    ...worker,
    response: { count: 2_000, p50: 0.2, p99: 0.3, max: 1 },
  }));
  const fourfold = { count: 2_000, p50: 0.8, p99: 1.2, max: 4 };
  assert.deepEqual(oddOf(fleetOf(5, [...calm, workerOf(4, { response: fourfold })])), []);
  const beyond = { ...fourfold, p99: 1.4 };
  assert.deepEqual(oddOf(fleetOf(5, [...calm, workerOf(4, { response: beyond })])), [4]);
});

test('of two workers nobody can say which is the odd one', () => {
  assert.deepEqual(oddOf(fleetOf(2, [workerOf(0), slowWorker(1)])), []);
});

test('where a worker has too few samples for a p99, the longest times are compared', () => {
  const few = workerOf(2, { response: { count: 400, p50: 84, p99: null, max: 1_300 } });
  const fleet = fleetOf(3, [...alike(2), few]);
  assert.deepEqual(
    metricsOf(fleet).map(({ column }) => column),
    ['p50', 'max', 'lag p99', 'loop max', 'late'],
  );
  assert.deepEqual(oddOf(fleet), [2]);
});

test('who is slow though its machine kept up is told to look at the way to the stage', () => {
  const far = workerOf(3, { response: { count: 2_000, p50: 290, p99: 480, max: 700 } });
  const fleet = fleetOf(4, [...alike(3), far]);
  const [text = ''] = outlierTexts(standingsOf(fleet, comparisonsOf(fleet)));
  assert.match(
    text,
    /^Worker 3 \(node-0003\): response time, p50 290 ms \(median .*machine kept up: look at its way/,
  );
  const slow = fleetOf(4, [...alike(3), slowWorker(3)]);
  assert.match(outlierTexts(standingsOf(slow, comparisonsOf(slow)))[0] ?? '', /Its own machine was behind/);
});

test('who came late is told that its times are those of catching up', () => {
  const late = workerOf(3, { latenessMs: 900, sendLag: { count: 2_000, p50: 1, p99: 700, max: 900 } });
  const fleet = fleetOf(4, [...alike(3), late]);
  assert.match(
    outlierTexts(standingsOf(fleet, comparisonsOf(fleet))).join(),
    /late to the start 900 ms\. It came late/,
  );
});

test('missing share, lateness, clocks and interruptions are said in words', () => {
  const fleet = fleetFixture('wounded');
  assert.equal(reportedText(fleet), '6 of 8 workers reported, on slurm as job 4711.');
  assert.equal(
    missingText(fleet),
    'Workers 3–4, with 40 of 160 connections (25 %) and 4,000 of 16,000 scheduled messages (25 %). The figures are those of the others alone: nothing was scaled up for what is missing.',
  );
  assert.match(
    startText(fleet),
    /^Agreed for 2026-03-02 09:30:05 UTC\. One worker was late, worker 2 \(node-0002\), by 2\.99 s\./,
  );
  assert.match(clocksText(fleet), /not known: 1 worker could not be compared/);
  assert.match(cutText(fleet) ?? '', /^Not driven to the end: worker 7 \(node-0007\), it was interrupted\./);
});

test('a whole fleet says that it is, and what it has nothing to say of it leaves out', () => {
  const fleet = fleetFixture('whole');
  assert.equal(reportedText(fleet), 'All 8 workers reported, on slurm as job 4711.');
  assert.match(startText(fleet), /All that reported were ready in time\.$/);
  assert.match(clocksText(fleet), /^At most 11\.7 ms apart/);
  assert.deepEqual([missingText(fleet), cutText(fleet)], [null, null]);
});

test('what the workers cost is said with its parts, whose prices and of when', () => {
  const cost = {
    ...{
      currency: 'USD' as const,
      total: 0.1322,
      machine: '1 vCPU, 2 GB, ARM64',
      workers: 8,
      lifeMs: 840_000,
    },
    items: [
      { label: 'Fargate processors', quantity: 1.87, unit: 'vCPU hours', cost: 0.0756 },
      { label: 'Fargate memory', quantity: 3.73, unit: 'GB hours', cost: 0.0166 },
    ],
    ...{ pricesAsOf: '2026-03', pricesRegion: 'eu-north-1' },
  };
  const fleet = { ...fleetFixture('whole'), cost };
  const text =
    '$0.132 for 8 workers of 1 vCPU, 2 GB, ARM64, 14 min each at the most (Fargate processors $0.0756, Fargate memory $0.0166; list prices of eu-north-1, as of 2026-03). What the stage costs is apart.';
  assert.equal(costText(fleet), text);
  assert.ok(markupOf(fleetSection(fleet)).includes(text));
  assert.deepEqual(parseFleet(JSON.stringify(fleet)), fleet);
  assert.equal(costText(fleetFixture('whole')), null);
});

test('of a closed loop it is not said how many messages are missing', () => {
  const share = { connections: 20, connectionsOfAll: 40, messages: null, messagesOfAll: null };
  const text = missingText({ ...fleetOf(2, [workerOf(0)]), missingShare: share });
  assert.match(text ?? '', /20 of 40 connections \(50 %\); how many messages is not known/);
});

test('many indices are ranges, and very many are counted', () => {
  assert.equal(rangesText([0, 2, 3, 4, 9, 10]), '0, 2–4, 9–10');
  const even = Array.from({ length: 100 }, (_, index) => index * 2);
  assert.match(rangesText(even), /^0, 2, 4, .*, 38 and 80 more$/);
});

test('a thousand workers are all drawn, and ten of them listed', () => {
  const markup = markupOf(fleetSection(fleetFixture('thousand')));
  assert.equal(markup.match(/<tr><th scope="row"/g)?.length, 10);
  assert.match(markup, /The 10 that differ most of 968/);
  assert.equal(markup.match(/<figure class="strip">/g)?.length, 4);
  // Places on the grid, fewer than workers: but nothing like the ten that are listed.
  const [strip = ''] = markup.split('<figure class="strip">').slice(1);
  const dots = strip.match(/<circle/g)?.length ?? 0;
  assert.ok(dots > 250, `${dots} dots`);
  assert.ok(markup.length < 300_000, `${markup.length} bytes`);
});

test('a strip says in words what it draws', () => {
  const markup = markupOf(fleetSection(fleetFixture('wounded')));
  assert.match(
    markup,
    /aria-label="response time, p99: median .* greatest 910 ms of worker 1; standing out: worker 1"/,
  );
  assert.match(markup, /<span class="bad">worker 1: 910 ms<\/span>/);
});

test('a fleet of one has no drawing', () => {
  assert.doesNotMatch(markupOf(fleetSection(fleetFixture('lone'))), /<figure/);
});

test('names are text, never markup', () => {
  assert.doesNotMatch(markupOf(fleetSection(fleetFixture('hostile'))), /<img/);
});

test('facts survive being written and read, and what is wrong with them is named', () => {
  for (const kind of FLEET_KINDS) {
    const fleet = fleetFixture(kind);
    assert.deepEqual(parseFleet(JSON.stringify(fleet)), fleet);
  }
  assert.throws(() => parseFleet('{'), /^UnreadableResult: it is cut short/);
  const broken = { ...fleetFixture('whole'), workers: [{ ...workerOf(0), clock: 'soon' }] };
  assert.throws(() => parseFleet(JSON.stringify(broken)), /wrong fields: workers\.0\.clock: .*Restore it/);
});
