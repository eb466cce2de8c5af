/** The judges of the claims: every verdict of every question, with too little and with void data among them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Basis, CLAIM_IDS, type Finding, finding, sentenceOf, verdictOf } from '../../model/claim.ts';
import type { Quantiles, RunResult, ValidityVerdict } from '../../model/result.ts';
import { type AsynchronousEvidence, judgeAsynchronous, stalledSends } from './asynchronous.ts';
import { countingText, countingVerdict } from './counting.ts';
import { type DecoupledEvidence, differenceVerdict, judgeDecoupled } from './decoupled.ts';
import { experimentOf } from './definitions.ts';
import { type Integration, judgeLatency } from './latency.ts';
import { judgeOrdered } from './ordered.ts';
import { recoveryOf } from './recovery.ts';
import { RUN_KEYS, runSpec } from './runs.ts';
import { type FaultedRun, judgeDuplicates, judgeLoss, judgeRecovery } from './tolerant.ts';

const NONE: Quantiles = {
  count: 0,
  min: null,
  mean: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  max: null,
};

function validity(verdict: ValidityVerdict, name = 'shared machine'): RunResult['validity'] {
  const checks = [
    { name: 'samples', verdict: 'valid', evidence: '' },
    { name, verdict, evidence: '' },
  ] as const;
  return { verdict, checks };
}

function found(verdict: Finding['verdict'], more: Partial<Finding> = {}): Finding {
  const base = {
    question: '?',
    rule: '',
    basis: 'measured',
    isDeciding: true,
    evidence: 'so',
    samples: 1,
  } as const;
  return { ...base, verdict, ...more };
}

describe('the verdict of a claim', () => {
  test('is refuted by one deciding finding, supported by all, and else not shown', () => {
    assert.equal(verdictOf([found('supported'), found('refuted'), found('not shown')]), 'refuted');
    assert.equal(verdictOf([found('supported'), found('supported')]), 'supported');
    assert.equal(verdictOf([found('supported'), found('not shown')]), 'not shown');
    assert.equal(verdictOf([]), 'not shown');
  });

  test('is not touched by what is told beside', () => {
    assert.equal(verdictOf([found('supported'), found('refuted', { isDeciding: false })]), 'supported');
    assert.equal(verdictOf([found('supported', { isDeciding: false })]), 'not shown');
  });

  test('never rests on a model, which shows nothing either way', () => {
    for (const verdict of ['supported', 'refuted'] as const)
      assert.equal(finding(found(verdict, { basis: 'model' })).verdict, 'not shown');
  });

  test('comes with its reason', () => {
    assert.equal(
      sentenceOf([found('supported'), found('refuted', { evidence: 'it fell' })], 'done'),
      'it fell',
    );
    assert.match(sentenceOf([found('supported')], 'done'), /The deciding question/);
    assert.match(
      sentenceOf([found('supported'), found('not shown', { basis: 'model' })], 'done'),
      /1 of 2 .*only a deployed stack/,
    );
    assert.match(sentenceOf([found('not shown')], 'done'), /0 of 1 .*lacks evidence/);
    assert.match(sentenceOf([], 'interrupted'), /not made/);
  });
});

describe('low latency', () => {
  const KINESIS: Integration = { type: 'AWS', uri: 'arn:aws:apigateway:x:kinesis:action/PutRecord' };
  interface Given {
    readonly value?: number | null;
    readonly offsetMs?: number | null;
    readonly verdict?: ValidityVerdict;
    readonly basis?: Basis;
    readonly expression?: string;
    readonly integration?: Integration | null;
  }
  const judge = (given: Given) => {
    const { value = 20, offsetMs = 2, expression = 'latency.hops.ingest.p99 < 50' } = given;
    const { basis = 'measured', integration = KINESIS, verdict = 'valid' } = given;
    const { ok } = { ok: value !== null && value < Number(expression.split('<')[1]) };
    const hops = {
      ingest: NONE,
      queue: NONE,
      process: NONE,
      deliver: NONE,
      negative: 0,
      offsetBoundMs: offsetMs,
    };
    const result = {
      latency: { response: NONE, service: NONE, sendLag: NONE, hops },
      thresholds: [{ expression, value, ok }],
      validity: validity(verdict),
      stage: { kind: 'aws', url: '', name: '', region: '', parameters: {}, profile: null, notes: [] },
    } as const;
    return judgeLatency({ result, basis, integration });
  };
  const sloVerdict = (given: Given) => judge(given)[1]?.verdict;

  test('is supported or refuted only beyond the clocks’ offset', () => {
    assert.equal(sloVerdict({ value: 47.9 }), 'supported');
    assert.equal(sloVerdict({ value: 48.1 }), 'not shown');
    assert.equal(sloVerdict({ value: 51.9 }), 'not shown');
    assert.equal(sloVerdict({ value: 52.1 }), 'refuted');
  });

  test('needs samples, a bound on the offset, a valid run and AWS', () => {
    assert.equal(sloVerdict({ value: null }), 'not shown');
    assert.equal(sloVerdict({ offsetMs: null }), 'not shown');
    assert.equal(sloVerdict({ verdict: 'invalid' }), 'not shown');
    assert.equal(sloVerdict({ basis: 'model' }), 'not shown');
    assert.equal(sloVerdict({ basis: 'model', value: 5000 }), 'not shown');
  });

  test('is judged as it is where one clock timed it', () => {
    const expression = 'latency.response.p99 < 250';
    assert.equal(sloVerdict({ expression, value: 249 }), 'supported');
    assert.equal(sloVerdict({ expression, value: 251 }), 'refuted');
  });

  test('begins with what stands between gateway and stream', () => {
    const path = (integration: Integration | null) => judge({ integration })[0]?.verdict;
    assert.equal(path(KINESIS), 'supported');
    assert.equal(path({ type: 'AWS_PROXY', uri: 'arn:aws:apigateway:x:lambda:path/functions' }), 'refuted');
    assert.equal(path({ type: 'HTTP', uri: 'https://elsewhere' }), 'not shown');
    assert.equal(path(null), 'not shown');
  });
});

describe('decoupled', () => {
  const interval = (lowMs: number, highMs: number) => ({
    name: 'p50',
    controlMs: 100,
    faultedMs: 100,
    lowMs,
    highMs,
  });
  const counts = (
    service: string,
    processed: number | null,
    errors: number | null = 0,
    givenUp: number | null = 0,
  ) => ({ service, processed, errors, givenUp });
  const WHOLE: DecoupledEvidence = {
    differences: [interval(-2, 3)],
    samples: 1000,
    validity: 'valid',
    incoming: 1000,
    accepted: 1000,
    echo: counts('echo', 1000),
    audit: counts('audit', 1000, 40),
    basis: 'template',
  };
  const judge = (given: Partial<DecoupledEvidence>) =>
    judgeDecoupled({ ...WHOLE, ...given }).map(({ verdict }) => verdict);

  test('latency is the same when the whole interval of the difference is within the margin', () => {
    assert.equal(differenceVerdict(interval(-4, 9)), 'supported');
    assert.equal(differenceVerdict(interval(-4, 11)), 'not shown');
    assert.equal(differenceVerdict(interval(11, 30)), 'refuted');
    assert.equal(differenceVerdict({ ...interval(0, 4.9), controlMs: 2 }), 'supported', 'at least 5 ms');
  });

  test('is supported when both saw everything and neither was disturbed', () => {
    assert.deepEqual(judge({}), ['supported', 'supported']);
  });

  test('is refuted by records given up', () => {
    assert.deepEqual(judge({ echo: counts('echo', 1000, 3, 3) }), ['supported', 'refuted']);
    assert.deepEqual(judge({ audit: counts('audit', null, 3, 3) }), ['supported', 'refuted']);
  });

  test('is not shown, and never refuted, by metrics that are short of records', () => {
    const short = ['supported', 'not shown'];
    assert.deepEqual(judge({ audit: counts('audit', 990, 40) }), short);
    assert.deepEqual(judge({ echo: counts('echo', null) }), short);
    assert.deepEqual(judge({ echo: counts('echo', 1000, 0, null) }), short);
    assert.deepEqual(judge({ incoming: 900 }), short, 'the stream’s own are incomplete');
    assert.deepEqual(judge({ audit: counts('audit', 1000, null) }), ['not shown', 'not shown']);
  });

  test('is not shown by a fault that struck nothing', () => {
    assert.deepEqual(judge({ audit: counts('audit', 1000, 0) }), ['not shown', 'not shown']);
  });

  test('is not shown without metrics, without seconds to compare, or by an invalid run', () => {
    assert.deepEqual(judge({ incoming: null, echo: null, audit: null }), ['not shown', 'not shown']);
    assert.deepEqual(judge({ differences: null }), ['not shown', 'supported']);
    assert.deepEqual(judge({ validity: 'invalid' }), ['not shown', 'supported']);
  });

  test('is refuted by latency on a stage that shares the processors only without any doubt', () => {
    const differences = [interval(20, 30)];
    assert.equal(judge({ differences })[0], 'refuted');
    assert.equal(judge({ differences, validity: 'unknown' })[0], 'not shown');
    assert.equal(judge({ differences, validity: 'unknown', basis: 'measured' })[0], 'refuted');
  });
});

describe('fault tolerant', () => {
  const messages = {
    scheduled: 1000,
    sent: 1000,
    delivered: 1000,
    lost: 0,
    duplicated: 0,
    indeterminate: 0,
    refused: 0,
  };
  const RUN: FaultedRun = { name: 'it', messages, validity: validity('valid'), struck: 30, sentDuring: 400 };
  const loss = (given: Partial<FaultedRun>) => judgeLoss({ ...RUN, ...given }, 'template').verdict;
  const twice = (duplicated: number, struck = 30): FaultedRun => ({
    ...RUN,
    struck,
    messages: { ...messages, duplicated },
  });

  test('nothing lost supports it when the fault is known to have struck', () => {
    assert.equal(loss({}), 'supported');
    assert.equal(loss({ struck: 0 }), 'not shown');
    assert.equal(loss({ struck: null }), 'not shown');
    assert.equal(loss({ sentDuring: 19 }), 'not shown');
    assert.equal(loss({ messages: { ...messages, indeterminate: 1 } }), 'not shown');
  });

  test('one lost message refutes it', () => {
    assert.equal(loss({ messages: { ...messages, lost: 1 } }), 'refuted');
  });

  test('times that are void leave counts as they are, a load that was another does not', () => {
    assert.equal(loss({ validity: validity('invalid') }), 'supported');
    assert.match(countingText(validity('invalid')), /counts stand/);
    assert.equal(loss({ validity: validity('invalid', 'achieved rate') }), 'not shown');
    assert.match(countingText(validity('invalid', 'achieved rate')), /not the one/);
    assert.equal(countingVerdict(validity('unknown', 'connections')), 'unknown');
  });

  test('which settings deliver more twice is told beyond chance only', () => {
    const verdict = (published: number, reference: number) =>
      judgeDuplicates(twice(published), twice(reference)).verdict;
    assert.equal(verdict(100, 20), 'supported');
    assert.equal(verdict(20, 100), 'refuted');
    assert.equal(verdict(30, 20), 'not shown');
    assert.equal(verdict(0, 0), 'not shown');
    assert.equal(judgeDuplicates(twice(100, 0), twice(20)).verdict, 'not shown');
  });

  test('recovery is judged on AWS, and told where the back-off is a guess', () => {
    const at = (backlogMs: number | null, basis: Basis = 'measured') =>
      judgeRecovery({ recovery: { backlogMs, p99Ms: 5000, p99BeforeMs: 90 }, faultMs: 30_000, basis })
        .verdict;
    assert.equal(at(12_000), 'supported');
    assert.equal(at(31_000), 'refuted');
    assert.equal(at(null), 'not shown');
    assert.equal(at(12_000, 'model'), 'not shown');
    const unknown = judgeRecovery({ recovery: null, faultMs: 1000, basis: 'measured' });
    assert.equal(unknown.verdict, 'not shown');
  });

  test('recovery is read off the seconds: a stall of three with an answer to it in the fourth', () => {
    const delivered = [10, 10, 10, 0, 0, 0, 25, 25, 10, 10, 10, 10, 10];
    const intervals = delivered.map((count, second) => ({
      second,
      scheduled: 10,
      sent: 10,
      delivered: count,
      reordered: 0,
      duplicated: 0,
      unexpected: 0,
      refused: 0,
      connections: 1,
      p50: 90,
      p90: count === 25 ? 3000 : 100,
      p99: null,
      max: 100,
      serviceP50: 90,
      serviceP99: null,
    }));
    const window = { fromMs: 3000, untilMs: 6000 };
    const recovery = recoveryOf(intervals, window);
    assert.deepEqual(recovery, { backlogMs: 2000, p99Ms: 3000, p99BeforeMs: 100, percentile: 'p90' });
    assert.equal(recoveryOf(intervals.slice(0, 6), window), null);
    assert.equal(recoveryOf(intervals.slice(3), window), null);
    assert.equal(recoveryOf(intervals.slice(0, 8), window)?.p99Ms, null);
  });
});

describe('asynchronous', () => {
  const SENDS = {
    scheduled: 400,
    sent: 400,
    delivered: 0,
    refused: 0,
    sendLagP99Ms: 0.4,
    struck: 30,
    validity: 'valid',
  } as const;
  const PUSHES = { accepted: 20, arrived: 20, medianMs: 9, slowestMs: 30, problem: null };
  const judge = (given: Partial<AsynchronousEvidence>) =>
    judgeAsynchronous({ basis: 'measured', sends: SENDS, pushes: PUSHES, agesMs: [80, 120], ...given }).map(
      ({ verdict }) => verdict,
    );

  test('is supported by sends that go on, pushes that arrive and records that are young', () => {
    assert.deepEqual(judge({}), ['supported', 'supported', 'supported']);
  });

  test('sends that are refused, left out or late refute it', () => {
    for (const sends of [{ refused: 1 }, { sent: 300 }, { sendLagP99Ms: 40 }])
      assert.equal(judge({ sends: { ...SENDS, ...sends } })[0], 'refuted');
  });

  test('sends show nothing without a stall, a valid run, or echoes outstanding', () => {
    const doubts = [
      { struck: 0 },
      { validity: 'invalid' as const },
      { scheduled: 10 },
      { delivered: 395 },
      { sendLagP99Ms: null },
    ];
    for (const sends of doubts) assert.equal(judge({ sends: { ...SENDS, ...sends } })[0], 'not shown');
    assert.equal(judge({ sends: null })[0], 'not shown');
  });

  test('a push that was taken and did not arrive refutes it, one that could not be made does not', () => {
    assert.equal(judge({ pushes: { ...PUSHES, arrived: 19 } })[1], 'refuted');
    assert.equal(judge({ pushes: { ...PUSHES, accepted: 0, arrived: 0, problem: 'no' } })[1], 'not shown');
  });

  test('the age of records is judged on AWS only, and only where it is clear', () => {
    assert.equal(judge({ agesMs: [1500, 4000] })[2], 'refuted');
    assert.equal(judge({ agesMs: [500, 4000] })[2], 'not shown');
    assert.equal(judge({ agesMs: null })[2], 'not shown');
    assert.equal(judge({ basis: 'template' })[2], 'not shown');
  });

  test('of a stall only whole seconds count, without the first', () => {
    const intervals = Array.from({ length: 6 }, (_, second) => ({
      second,
      scheduled: 10,
      sent: 10,
      delivered: 1,
      refused: 0,
    }));
    const latency = { sendLag: { ...NONE, p99: 1 } };
    const result = { intervals, latency, validity: validity('valid') } as unknown as RunResult;
    const sends = stalledSends(result, { fromMs: 1000, untilMs: 4500 }, 3);
    assert.deepEqual([sends.scheduled, sends.sent, sends.delivered], [20, 20, 2]);
  });
});

describe('ordered', () => {
  const run = (
    where: { ingest?: number; delivery?: number; unknown?: number },
    delivered = 4000,
    verdict: ValidityVerdict = 'valid',
  ) => {
    const ordering = { where: { ingest: 0, delivery: 0, unknown: 0, ...where } };
    const result = { messages: { delivered }, ordering, validity: validity(verdict, 'achieved rate') };
    return { dispatch: 'serial', result: result as unknown as RunResult } as const;
  };
  const judge = (given: ReturnType<typeof run>, isLocal = false) =>
    judgeOrdered({ runs: [given], isLocal }).map(({ verdict }) => verdict);

  test('no reorder before the stream is not a guarantee; one refutes it', () => {
    assert.deepEqual(judge(run({})), ['not shown', 'supported']);
    assert.deepEqual(judge(run({ ingest: 1 })), ['refuted', 'supported']);
  });

  test('after the stream it is the template’s, on any stage', () => {
    for (const isLocal of [true, false]) {
      assert.equal(judge(run({}), isLocal)[1], 'supported');
      assert.equal(judge(run({ delivery: 1 }), isLocal)[1], 'refuted');
      assert.equal(judge(run({ unknown: 1 }), isLocal)[1], 'not shown');
      assert.equal(judge(run({}, 999), isLocal)[1], 'not shown');
      assert.equal(judge(run({}, 4000, 'invalid'), isLocal)[1], 'not shown');
    }
  });

  test('before a local stream it is an assumption, and with overtaking not even a deciding one', () => {
    assert.equal(judge(run({ ingest: 7 }), true)[0], 'not shown');
    const [concurrent] = judgeOrdered({
      runs: [{ ...run({ ingest: 7 }), dispatch: 'concurrent' }],
      isLocal: true,
    });
    assert.deepEqual([concurrent?.isDeciding, concurrent?.verdict], [false, 'not shown']);
    assert.match(concurrent?.evidence ?? '', /7 of 4000 messages were reordered there/);
  });
});

describe('what is announced', () => {
  const settings = { stage: 'local', region: null, seed: 1, slos: [], articleTemplate: 'a.yaml' };

  test('every experiment has a hypothesis, a method and what would show more, on either ground', () => {
    for (const id of CLAIM_IDS)
      for (const ground of ['own', 'stack'] as const) {
        const { claim, hypothesis, method, more } = experimentOf(id, ground);
        assert.ok(
          claim !== '' && hypothesis !== '' && method.length > 0 && more.length > 0,
          `${id} on ${ground}`,
        );
      }
  });

  test('every run’s faults lie within it, and a stack gets poison instead of a fault plan', () => {
    for (const ground of ['own', 'stack'] as const)
      for (const isQuick of [true, false])
        for (const key of RUN_KEYS) {
          const { plan, marks, poison } = runSpec(key, { ...settings, ground, isQuick });
          for (const { toSecond } of marks) assert.ok(toSecond * 1000 < plan.durationMs, key);
          const isFaulty = key === 'audit-fault' || key === 'echo-fault';
          if (isFaulty) assert.equal(poison !== null, ground === 'stack', key);
          if (isFaulty) assert.equal(plan.faults !== null, ground === 'own', key);
        }
  });
});
