/**
 * Made-up histories as they are computed, as a golden text: every group, entry, segment, change and rise with its figures.
 * Whether such figures are right, other tests ask; that none of them moves unseen, this one.
 */
import { test } from 'node:test';
import type { History } from '../../bench/model/history.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { assertGolden } from '../testing/golden.ts';
import { days, type MadeDays, madeHistory, madeRuns } from './testing/fixture.ts';

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

function linesOf({ groups, ...rest }: History, isWithEntries = false): string[] {
  return [
    JSON.stringify(rest),
    ...groups.flatMap(({ entries, metrics, ...group }) => [
      JSON.stringify(group),
      ...(isWithEntries ? entries.map(({ commit: _, ...entry }) => JSON.stringify(entry)) : []),
      ...metrics.map(({ points, ...metric }) =>
        JSON.stringify({ ...metric, points: [points.length, points[0], points.at(-1)] }, rounded),
      ),
    ]),
  ];
}

const P50 = { metrics: ['latency.response.p50'] };
const history = (made: Omit<MadeDays, 'seed'>, options: Parameters<typeof madeHistory>[1] = P50) =>
  madeHistory(madeRuns({ seed: 3, ...made }), options);

const delivered =
  (of: (day: number) => number) =>
  (result: RunResult, day: number): RunResult => ({
    ...result,
    throughput: { ...result.throughput, deliveredPerSecond: of(day) },
  });
const lost =
  (of: (day: number) => number) =>
  (result: RunResult, day: number): RunResult => ({
    ...result,
    ordering: { ...result.ordering, lossRatio: of(day) },
  });

const ramp = Array.from({ length: 24 }, (_, day) => 1 + day / 60);
const THROUGHPUT = { metrics: ['throughput'] };
const LOSS = { metrics: ['ordering.lossRatio'] };
const PARTS: readonly (readonly [name: string, computed: () => History])[] = [
  ['a step', () => history({ factors: [...days(10), ...days(10, 1.3)] })],
  [
    'a step down and half of it up again',
    () => history({ factors: [...days(9, 1.6), ...days(9), ...days(9, 1.3)] }),
  ],
  ['a step up, half of it down', () => history({ factors: [...days(9), ...days(9, 1.6), ...days(9, 1.3)] })],
  ['a drift', () => history({ factors: ramp })],
  [
    'a drift of two metrics',
    () => history({ factors: ramp }, { metrics: ['latency.response.p50', 'latency.service.p99'] }),
  ],
  ['outliers at the end', () => history({ factors: [...days(9), 1.5, 1.5] })],
  ['one outlier at the end', () => history({ factors: [...days(9), 1.5] })],
  [
    'too small to matter',
    () => history({ factors: [...days(10), ...days(10, 1.2)] }, { ...P50, smallestEffect: 0.5 }),
  ],
  ['repeats, the newest six days', () => history({ factors: days(8), repeats: 2 }, { ...P50, last: 6 })],
  [
    'less delivered',
    () =>
      history(
        { factors: days(20), change: delivered((day) => (day < 9 ? 500 : 400) + (day % 3)) },
        THROUGHPUT,
      ),
  ],
  [
    'more delivered, then too few days of less',
    () =>
      history(
        { factors: days(22), change: delivered((day) => (day < 9 ? 400 : day < 20 ? 500 : 300) + (day % 3)) },
        THROUGHPUT,
      ),
  ],
  [
    'losses from none',
    () => history({ factors: days(18), change: lost((day) => (day < 9 ? 0 : 1e-4 * (1 + (day % 2)))) }, LOSS),
  ],
  ['nothing lost', () => history({ factors: days(8), change: lost(() => 0) }, LOSS)],
];
for (const [name, computed] of PARTS)
  test(`a history of ${name} is computed as it was`, () =>
    assertGolden(`history/${name.replaceAll(/[ ,]+/g, '-')}`, linesOf(computed())));

test('runs are grouped as they were', () => {
  const changed = (parent: string, change: (result: RunResult) => Partial<RunResult>, count = 1) =>
    madeRuns({
      ...{ factors: days(count), seed: parent.length, parent, repeats: 2 },
      change: (result) => ({ ...result, ...change(result) }),
    });
  const load = (load: object) => (result: RunResult) => ({
    plan: { ...result.plan, load } as RunResult['plan'],
  });
  const stage = (of: object) => (result: RunResult) => ({
    stage: { ...result.stage, ...of } as RunResult['stage'],
  });
  const fault = (delayMs: number) => (result: RunResult) => ({
    plan: {
      ...result.plan,
      faults: {
        faults: [{ name: 'slow', where: 'function', do: 'slow', delayMs, ratio: 1, atMs: 0, forMs: null }],
      },
    } as unknown as RunResult['plan'],
  });
  const found = [
    ...changed('nightly/', () => ({}), 2),
    ...changed('closed/', load({ kind: 'closed', inFlight: 3 })),
    ...changed('poisson/', load({ kind: 'open', ratePerSecond: 1500, arrival: 'poisson' })),
    ...changed('aws/', stage({ kind: 'aws', region: 'eu-west-1' })),
    ...changed('nowhere/', stage({ kind: 'aws', region: null })),
    ...changed('address/', (result) => ({
      ...{ stage: { ...result.stage, kind: 'url' } as RunResult['stage'] },
      plan: { ...result.plan, stage: 'ws://elsewhere/' },
    })),
    ...changed('slow/', fault(12_000)),
    ...changed('slower/', fault(12_300)),
    ...changed('commits/', (result) => ({
      environment: { ...result.environment, commit: result.id.endsWith('0') ? 'a' : 'b' },
    })),
  ];
  assertGolden('history/groups', linesOf(madeHistory([...found].reverse(), P50), true));
});
