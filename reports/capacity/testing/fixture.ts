/** Made-up capacity searches for tests and for looking at the report: one that found its answer, and what else may come. */
import type { CapacityProbe, CapacityResult } from '../../../bench/judge/capacity.ts';
import { capacityCost } from '../../../bench/judge/capacity-cost.ts';
import { fixture } from '../../testing/fixture.ts';

export const CAPACITY_KINDS = ['found', 'machine', 'nothing', 'partial', 'hostile'] as const;
export type CapacityKind = (typeof CAPACITY_KINDS)[number];

const SLO = 'latency.response.p99 < 250';

type Row = readonly [
  phase: CapacityProbe['phase'],
  rate: number,
  verdict: CapacityProbe['verdict'],
  p99: number,
];

const ROWS: readonly Row[] = [
  ['warm-up', 100, 'not judged', 310],
  ['bracket', 100, 'held', 96],
  ['bracket', 200, 'held', 97],
  ['bracket', 400, 'held', 104],
  ['bracket', 800, 'failed', 4120],
  ['bisect', 566, 'held', 131],
  ['bisect', 673, 'failed', 1480],
  ['bisect', 617, 'held', 188],
  ['bisect', 644, 'failed', 420],
  ['confirm', 617, 'held', 172],
  ['confirm', 617, 'held', 203],
  ['second look', 644, 'failed', 388],
];

/** The search of a kind. */
export function capacityFixture(kind: CapacityKind): CapacityResult {
  const probes = ROWS.map(probeOf);
  const [warmup, ...judged] = probes;
  switch (kind) {
    case 'found':
      return found(probes);
    case 'machine':
      return {
        ...older(found(probes)),
        answer: { ...ANSWER, isLowerBound: true, limitedBy: 'machine', evidence: ['shared machine: full'] },
      };
    case 'nothing':
      return {
        ...unpriced([warmup, ...judged.slice(3, 4)].filter((probe) => probe !== undefined)),
        answer: {
          ...ANSWER,
          ratePerSecond: null,
          end: 'nothing held',
          failsAtPerSecond: 800,
          precision: null,
          confirmedBy: 0,
          isConfirmed: false,
          sentence: 'Not even 800 messages/s hold.',
        },
      };
    case 'partial':
      return {
        ...found(probes.slice(0, 1)),
        cost: capacityCost(probes.slice(0, 1), null),
        partial: true,
        answer: {
          ...ANSWER,
          ratePerSecond: null,
          end: 'interrupted',
          limitedBy: 'nothing',
          evidence: [],
          failsAtPerSecond: null,
          precision: null,
          confirmedBy: 0,
          isConfirmed: false,
          sentence: 'The search was interrupted before any rate was judged.',
        },
      };
    case 'hostile':
      return hostile(found(probes));
  }
}

const ANSWER: CapacityResult['answer'] = {
  ratePerSecond: 617,
  isLowerBound: false,
  end: 'found',
  limitedBy: 'stage',
  evidence: [`${SLO}: it was 388`],
  failsAtPerSecond: 644,
  precision: 644 / 617 - 1,
  confirmedBy: 3,
  isConfirmed: true,
  contradictions: [],
  sentence: `The SLOs hold up to 617 messages/s (3 probes of 3). 644/s do not (${SLO}: it was 388): the limit is the stage’s.`,
};

function probeOf([phase, ratePerSecond, verdict, p99]: Row, index: number): CapacityProbe {
  const isBroken = verdict === 'failed';
  return {
    index,
    phase,
    startedAt: '2026-01-31T09:05:00.000Z',
    ratePerSecond,
    offeredPerSecond: ratePerSecond,
    deliveredPerSecond: Math.min(ratePerSecond, 630),
    p50: p99 / 2.5,
    p99,
    max: p99 * 1.8,
    slos: [{ expression: SLO, value: p99, ok: !isBroken }],
    validity: 'valid',
    verdict,
    limitedBy: isBroken ? 'stage' : null,
    reasons: isBroken ? [`${SLO}: it was ${p99}`] : [],
    directory: `probes/${String(index).padStart(2, '0')}-${ratePerSecond}`,
    tookMs: 18_000,
    drainedAfterMs: isBroken ? 2400 : 0,
    cost: {
      total: 0.002 + ratePerSecond * 18 * 4e-6,
      perMillionRoundTrips: 2.31 + 90 / ratePerSecond,
      perMonth: ratePerSecond * 6.1 + 21.9,
      pricesAsOf: '2026-01-15',
      basis: 'as on AWS',
    },
  };
}

function found(probes: readonly CapacityProbe[]): CapacityResult {
  const { plan, environment, stage } = fixture('valid').result;
  return {
    schema: 1,
    kind: 'capacity',
    id: '20260131T090500Z-quick-capacity',
    name: 'quick',
    startedAt: '2026-01-31T09:05:00.000Z',
    endedAt: '2026-01-31T09:09:12.000Z',
    partial: false,
    plan,
    environment,
    stage,
    slos: [SLO, 'messages.lost == 0'],
    search: {
      minRatePerSecond: 100,
      maxRatePerSecond: 1_000_000,
      precision: 0.05,
      confirmations: 2,
      maxProbes: 40,
      budgetMs: 600_000,
      probeDurationMs: null,
    },
    probes,
    answer: ANSWER,
    cost: capacityCost(probes, ANSWER.ratePerSecond),
  };
}

/** As searches were before they had a cost. */
function older({ cost, ...result }: CapacityResult): CapacityResult {
  return { ...result, probes: result.probes.map(({ cost: own, ...probe }) => probe) };
}

/** As of a stage that is given by its URL. */
function unpriced(probes: readonly CapacityProbe[]): CapacityResult {
  return found(probes.map((probe) => ({ ...probe, cost: null })));
}

function hostile(result: CapacityResult): CapacityResult {
  const attack = '<img src=x onerror="globalThis.hacked=1">';
  return {
    ...result,
    name: attack,
    stage: { ...result.stage, name: attack, notes: [attack] },
    probes: result.probes.map((probe) => ({ ...probe, reasons: probe.reasons.map(() => attack) })),
    answer: { ...result.answer, evidence: [attack], sentence: attack },
  };
}
