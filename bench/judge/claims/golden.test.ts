/**
 * What the experiments announce, and what their judges say of one case after the other, as golden texts. No two figures of a
 * case are equal, and at every bound there is a case on it and one beside it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGolden } from '../../../reports/testing/golden.ts';
import { CLAIM_IDS, type Finding } from '../../model/claim.ts';
import type { Quantiles, RunResult, ValidityVerdict } from '../../model/result.ts';
import { type AsynchronousEvidence, judgeAsynchronous, stalledSends } from './asynchronous.ts';
import { type DecoupledEvidence, judgeDecoupled } from './decoupled.ts';
import { experimentOf } from './definitions.ts';
import { DEFAULT_CLAIM_SLOS, judgeLatency } from './latency.ts';
import { judgeOrdered } from './ordered.ts';
import { recoveryOf } from './recovery.ts';
import { RUN_KEYS, runSpec } from './runs.ts';
import { type FaultedRun, judgeDuplicates, judgeLoss, judgeRecovery } from './tolerant.ts';

const GROUNDS = ['own', 'stack'] as const;

test('what is announced, and the runs that are made, on either ground', () => {
  const settings = { region: 'eu-west-1', seed: 7, slos: ['a < 1'], articleTemplate: 'article.yaml' };
  const lines = GROUNDS.flatMap((ground) => [
    `# on ${ground === 'own' ? 'a stage of our own' : 'a stack'}`,
    ...CLAIM_IDS.flatMap((id) => {
      const { method, more, ...told } = experimentOf(id, ground);
      const rest = [...method.map((line) => `method: ${line}`), ...more.map((line) => `more: ${line}`)];
      return [...Object.entries(told).map(([name, text]) => `${name}: ${text}`), ...rest, ''];
    }),
    ...RUN_KEYS.flatMap((key) =>
      [false, true].map((isQuick) =>
        JSON.stringify(
          runSpec(key, { ...settings, ground, isQuick, stage: ground === 'own' ? 'local' : 'perf' }),
        ),
      ),
    ),
    '',
  ]);
  assertGolden('claims-announced', [`SLOs: ${DEFAULT_CLAIM_SLOS.join('; ')}`, ...lines]);
});

const quantiles = (count: number, p99: number | null): Quantiles => ({
  ...{ count, min: null, mean: null, p50: null, p90: null, p95: null, p99, p999: null, max: null },
});

/** Checks of which one is not about counts, and the last is as it is asked for. */
const validity = (verdict: ValidityVerdict, name = 'shared machine') =>
  ({
    verdict,
    checks: [
      { name: 'samples', verdict: 'valid', evidence: 'enough' },
      { name: 'timers', verdict: 'unknown', evidence: '' },
      { name, verdict, evidence: 'so' },
    ],
  }) as RunResult['validity'];

interface Latency {
  readonly expression?: string;
  readonly value?: number | null;
  readonly ok?: boolean;
  readonly offsetMs?: number | null;
  readonly verdict?: ValidityVerdict;
  readonly basis?: 'measured' | 'model';
  readonly profile?: string;
  readonly hops?: boolean;
  readonly integration?: { type: string; uri: string } | null;
}

function latency(given: Latency): Finding[] {
  const {
    expression = ' latency.hops.ingest.p99 < 50 ',
    value = 20.123,
    ok = true,
    offsetMs = 2.345,
  } = given;
  const { verdict = 'valid', basis = 'measured', profile = 'ideal', hops = true } = given;
  const { integration = { type: 'AWS', uri: 'arn:aws:apigateway:x:kinesis:action/PutRecord' } } = given;
  const hop = { ingest: quantiles(17, 1), offsetBoundMs: offsetMs };
  const result = {
    latency: { response: quantiles(19, 1), hops: hops ? hop : undefined },
    thresholds: [{ expression, value, ok }],
    validity: validity(verdict),
    stage: { profile },
  } as unknown as RunResult;
  return judgeLatency({ result, basis, integration });
}

const LATENCY: readonly Latency[] = [
  {},
  { value: 47.655 },
  { value: 47.6 },
  { value: 52.345 },
  { value: 52.4 },
  { value: null },
  { offsetMs: null },
  { offsetMs: 0, ok: false },
  { hops: false },
  { verdict: 'invalid' },
  { basis: 'model' },
  { basis: 'model', profile: 'calibrated' },
  { expression: 'latency.hops.process.p99 < 9' },
  { expression: 'not latency.hops.ingest.p99 < 50' },
  { expression: 'latency.response.p99 > 1', ok: false },
  { expression: 'latency.hops.ingest.p99 > 5', ok: false },
  { expression: 'latency.hops.ingest.p99 <=  1.5e1 ' },
  { expression: 'latency.hops.ingest.p99 < 2.25e-1' },
  { expression: 'latency.hops.ingest.p99 < 2.25e10' },
  { expression: 'latency.hops.ingest.p99 < -1' },
  { expression: 'latency.hops.ingest.p99 < 50 or so' },
  { integration: null },
  { integration: { type: 'HTTP', uri: 'https://kinesis:action/PutRecord' } },
  { integration: { type: 'AWS', uri: '{"Fn::Sub":"arn:aws:kinesis:action/PutRecord"}' } },
  { integration: { type: 'AWS', uri: 'arn:aws:sqs:action' } },
  { integration: { type: 'AWS_PROXY', uri: '{"Fn::Sub":"arn:aws:lambda:path"} x' } },
  { integration: { type: 'AWS_PROXY', uri: 'x {"Fn::Sub":"arn:aws:kinesis:action/PutRecord"}' } },
];

const DECOUPLED: DecoupledEvidence = {
  differences: [{ name: 'p50', controlMs: 123.456, faultedMs: 125.678, lowMs: -2.3456, highMs: 6.789 }],
  samples: 1007,
  validity: 'valid',
  incoming: 1009,
  accepted: 1009,
  echo: { service: 'echo', processed: 1009, errors: 0, givenUp: 0 },
  audit: { service: 'audit', processed: 1013, errors: 41, givenUp: 0 },
  basis: 'template',
};
const [DIFFERENCE] = DECOUPLED.differences!;
const differing = (lowMs: number, highMs: number, controlMs = 100) => ({
  differences: [{ ...DIFFERENCE!, controlMs, lowMs, highMs }],
});

const DECOUPLINGS: readonly Partial<DecoupledEvidence>[] = [
  {},
  differing(1, 10),
  differing(1, 10.1),
  differing(10, 30),
  differing(10.1, 30),
  differing(1, 4.9, 3),
  { ...differing(20, 30), validity: 'unknown' },
  { ...differing(20, 30), validity: 'unknown', basis: 'measured' },
  { ...differing(20, 30), validity: 'invalid' },
  { differences: [] },
  { differences: null },
  { incoming: 1001 },
  { incoming: 0, accepted: 0 },
  { incoming: null },
  { echo: null },
  { audit: null },
  { echo: { ...DECOUPLED.echo!, processed: null, givenUp: null } },
  { echo: { ...DECOUPLED.echo!, processed: 1008 } },
  { echo: { ...DECOUPLED.echo!, givenUp: 3 } },
  { audit: { ...DECOUPLED.audit!, givenUp: 1 } },
  { audit: { ...DECOUPLED.audit!, givenUp: null } },
  { audit: { ...DECOUPLED.audit!, errors: 0 } },
  { audit: { ...DECOUPLED.audit!, errors: 1 } },
  { audit: { ...DECOUPLED.audit!, errors: null } },
];

const MESSAGES = {
  scheduled: 1021,
  sent: 1019,
  delivered: 997,
  lost: 0,
  duplicated: 31,
  indeterminate: 0,
  refused: 0,
};
const RUN: FaultedRun = {
  ...{ name: 'echo-fault', messages: MESSAGES as unknown as FaultedRun['messages'] },
  ...{ validity: validity('valid'), struck: 37, sentDuring: 401 },
};
const changed = (messages: Partial<typeof MESSAGES>, more: Partial<FaultedRun> = {}): FaultedRun => ({
  ...RUN,
  messages: { ...RUN.messages, ...messages },
  ...more,
});

const LOSSES: readonly FaultedRun[] = [
  RUN,
  changed({ lost: 1 }),
  changed({ lost: 5, indeterminate: 2 }),
  changed({ indeterminate: 3 }),
  changed({}, { struck: 0 }),
  changed({}, { struck: 1, sentDuring: 20 }),
  changed({}, { struck: null }),
  changed({}, { sentDuring: 19 }),
  changed({}, { validity: validity('invalid') }),
  changed({}, { validity: validity('invalid', 'achieved rate') }),
  changed({}, { validity: validity('unknown', 'connections') }),
  changed({}, { validity: validity('invalid', 'steady stage') }),
  changed({}, { validity: validity('invalid', 'connections') }),
  changed(
    {},
    { validity: { ...validity('invalid'), checks: [{ name: 'samples', verdict: 'invalid', evidence: '' }] } },
  ),
];

const TWICE: readonly (readonly [published: FaultedRun, reference: FaultedRun])[] = [
  [changed({ duplicated: 101 }), changed({ duplicated: 23 })],
  [changed({ duplicated: 23 }), changed({ duplicated: 101 })],
  [changed({ duplicated: 29 }), changed({ duplicated: 23 })],
  [changed({ duplicated: 23 }), changed({ duplicated: 23 })],
  [changed({ duplicated: 0 }), changed({ duplicated: 0 })],
  [changed({ delivered: 0, duplicated: 0 }), changed({ duplicated: 101 })],
  [changed({ duplicated: 101 }), changed({ delivered: 1, duplicated: 1 })],
  [changed({ duplicated: 101 }, { struck: null }), changed({ duplicated: 23 })],
  [changed({ duplicated: 101 }), changed({ duplicated: 23 }, { struck: 0 })],
  [
    changed({ duplicated: 101 }, { validity: validity('invalid', 'achieved rate') }),
    changed({ duplicated: 23 }),
  ],
];

const SENDS = {
  ...{ scheduled: 401, sent: 401, delivered: 3, refused: 0, sendLagP99Ms: 0.456, struck: 31 },
  validity: 'valid',
} as const;
const PUSHES = { accepted: 20, arrived: 20, medianMs: 9.876, slowestMs: 31.234, problem: null };
const sends = (more: Partial<NonNullable<AsynchronousEvidence['sends']>>) => ({
  sends: { ...SENDS, ...more },
});
const pushes = (more: Partial<NonNullable<AsynchronousEvidence['pushes']>>) => ({
  pushes: { ...PUSHES, ...more },
});

const ASYNCHRONOUS: readonly Partial<AsynchronousEvidence>[] = [
  {},
  { sends: null, agesMs: null },
  { agesMs: [] },
  { agesMs: [77] },
  { agesMs: [1000] },
  { agesMs: [999, 1001] },
  { agesMs: [1001, 1003] },
  { basis: 'template', agesMs: [77, 123.4] },
  sends({ refused: 1 }),
  sends({ refused: 7 }),
  sends({ scheduled: 20, sent: 20, delivered: 0 }),
  sends({ scheduled: 19, sent: 19, delivered: 0 }),
  sends({ delivered: 381 }),
  sends({ delivered: 382 }),
  sends({ scheduled: 400, sent: 380 }),
  sends({ scheduled: 400, sent: 379 }),
  sends({ scheduled: 400, sent: 396 }),
  sends({ sendLagP99Ms: 10 }),
  sends({ sendLagP99Ms: 5 }),
  sends({ sendLagP99Ms: 4.999 }),
  sends({ sendLagP99Ms: 9.999 }),
  sends({ sendLagP99Ms: null }),
  sends({ struck: 0 }),
  sends({ struck: 1 }),
  sends({ struck: null }),
  sends({ validity: 'invalid' }),
  pushes({ arrived: 19 }),
  pushes({ accepted: 0, arrived: 0 }),
  pushes({ accepted: 0, arrived: 0, problem: 'no record was read' }),
  pushes({ accepted: 5, arrived: 5, problem: 'no record was read' }),
  pushes({ medianMs: null }),
  pushes({ slowestMs: null }),
];

const ordered = (where: object, delivered = 4003, verdict: ValidityVerdict = 'valid') => ({
  messages: { delivered },
  ordering: { where: { ingest: 0, delivery: 0, unknown: 0, ...where } },
  validity: validity(verdict, 'achieved rate'),
});

const ORDERS = [
  ordered({}),
  ordered({ ingest: 1 }),
  ordered({ ingest: 7, unknown: 3 }),
  ordered({ delivery: 1 }),
  ordered({ delivery: 5, unknown: 1 }),
  ordered({ unknown: 2 }),
  ordered({}, 1000),
  ordered({}, 999),
  ordered({}, 4003, 'invalid'),
];

test('what the judges say, case by case', () => {
  const lines: string[] = [];
  const tell = (title: string, cases: readonly (readonly Finding[])[]): void => {
    lines.push(`# ${title}`);
    for (const [at, findings] of cases.entries())
      for (const { question, rule, basis, isDeciding, verdict, evidence, samples } of findings) {
        assert.ok(rule.length > 50, question);
        const beside = isDeciding ? '' : ', beside';
        lines.push(`${at + 1} ${question} ${verdict}${beside} (${basis}, ${samples}): ${evidence}`);
      }
  };
  tell('latency', LATENCY.map(latency));
  tell(
    'decoupled',
    DECOUPLINGS.map((given) => judgeDecoupled({ ...DECOUPLED, ...given })),
  );
  tell(
    'loss',
    LOSSES.map((run) => [judgeLoss(run, 'template'), judgeLoss(run, 'measured')]),
  );
  tell(
    'twice',
    TWICE.map(([published, reference]) => [judgeDuplicates(published, reference)]),
  );
  const recovery = { backlogMs: 12_000, p99Ms: 5000, p99BeforeMs: 91.5 };
  tell(
    'recovery',
    [
      recovery,
      { ...recovery, backlogMs: 30_000 },
      { ...recovery, backlogMs: 31_000 },
      { ...recovery, backlogMs: null },
      { ...recovery, p99Ms: null },
      { ...recovery, percentile: 'p90' as const },
      null,
    ].map((each) =>
      (['measured', 'model'] as const).map((basis) =>
        judgeRecovery({ recovery: each, faultMs: 30_000, basis }),
      ),
    ),
  );
  tell(
    'asynchronous',
    ASYNCHRONOUS.map((given) =>
      judgeAsynchronous({
        basis: 'measured',
        sends: SENDS,
        pushes: PUSHES,
        agesMs: [81.25, 123.4],
        ...given,
      }),
    ),
  );
  tell(
    'ordered',
    ORDERS.flatMap((result) =>
      [true, false].map((isLocal) =>
        judgeOrdered({
          runs: (['serial', 'concurrent', null] as const).map((dispatch) => ({
            dispatch,
            result: result as unknown as RunResult,
          })),
          isLocal,
        }),
      ),
    ),
  );
  assertGolden('claims-judged', lines);
});

test('of a stall the whole seconds count that lie within it, but for its first', () => {
  const intervals = Array.from({ length: 9 }, (_, second) => ({
    ...{ second, scheduled: 10 ** second, sent: 2 * 10 ** second, delivered: 3 * 10 ** second },
    refused: 4 * 10 ** second,
  }));
  const result = { intervals, latency: { sendLag: quantiles(5, 1.5) }, validity: validity('unknown') };
  assert.deepEqual(stalledSends(result as unknown as RunResult, { fromMs: 1000, untilMs: 5000 }, 3), {
    ...{ scheduled: 11_100, sent: 22_200, delivered: 33_300, refused: 44_400 },
    ...{ sendLagP99Ms: 1.5, struck: 3, validity: 'unknown' },
  });
});

test('recovery is timed from the end of the fault: the backlog is gone when as few wait as at most before', () => {
  const recovery = (delivered: readonly number[], p90s: readonly (number | null)[], fromMs = 3000) => {
    const intervals = delivered.map((count, at) => ({
      ...{ second: at - 1, scheduled: 10, sent: 10, delivered: count, refused: 0, p90: p90s[at] ?? null },
      ...{ p50: 1, p99: null, reordered: 0, duplicated: 0, unexpected: 0, connections: 1, max: 1 },
    }));
    return recoveryOf(intervals as unknown as RunResult['intervals'], { fromMs, untilMs: fromMs + 2000 });
  };
  const lines = [
    // Second −1 is of the warm-up; three seconds before the fault, two in it.
    [10, 9, 11, 9, 0, 0, 25, 16, 10, 10, 10, 10],
    [10, 9, 11, 9, 0, 0, 15, 15, 10, 10, 10, 10],
    [10, 8, 11, 9, 0, 0, 28, 10, 10, 10, 10, 10],
    [10, 10, 10, 10, 0, 0, 0, 0, 0, 0, 0, 0],
    [10, 12, 10, 10, 0, 0, 30, 10, 10, 10, 10, 10],
  ].flatMap((delivered) =>
    [
      [900, 90, 100, 80, null, null, 3000, 110, 100, 100, 100, 100],
      [900, 90, 100, 80, null, null, 3000, 150, 149, 150, 149, 150],
      [900, 90, 100, 80, null, null, 3000, 151, 100, null, 100, 100],
      [900, 90, null, 80, null, null, 3000, 100, 100, 100, 100, 100],
      [900, null, null, null, null, null, 3000, 100, 100, 100, 100, 100],
    ].map((p90s) => JSON.stringify(recovery(delivered, p90s))),
  );
  const few = [2000, 1000, 2500].map((fromMs) =>
    JSON.stringify(recovery([10, 10, 10, 10, 0, 0, 25, 16, 10, 10, 10, 10], new Array(12).fill(100), fromMs)),
  );
  assertGolden('claims-recovery', [...lines, ...few]);
});
