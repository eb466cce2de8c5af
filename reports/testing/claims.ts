/** The five claims for golden texts: every verdict, state and basis, and no two figures equal. */

import { experimentOf } from '../../bench/judge/claims/definitions.ts';
import {
  type ClaimResult,
  type ClaimsResult,
  type Finding,
  finding,
  sentenceOf,
  verdictOf,
} from '../../bench/model/claim.ts';
import { Distinct } from './distinct.ts';
import { clock, environment, ODD } from './experiment-parts.ts';

type Answer = readonly [verdict: Finding['verdict'], basis: Finding['basis'], isDeciding: boolean];

const ANSWERS: Readonly<Record<ClaimResult['id'], readonly Answer[]>> = {
  'low-latency': [
    ['supported', 'measured', true],
    ['not shown', 'model', false],
  ],
  decoupled: [
    ['supported', 'template', true],
    ['refuted', 'measured', true],
  ],
  'fault-tolerant': [
    ['supported', 'template', true],
    ['refuted', 'measured', false],
  ],
  asynchronous: [
    ['refuted', 'model', true],
    ['supported', 'measured', true],
  ],
  ordered: [['refuted', 'measured', true]],
};

function claimOf(id: ClaimResult['id'], index: number, digits: Distinct): ClaimResult {
  const findings = ANSWERS[id].map(([verdict, basis, isDeciding], nth) => {
    const samples = Math.round(digits.next(10_000));
    const evidence = `Finding ${nth} of ${id} has ${digits.next(100)} ms and ${digits.next(0.1)} %.`;
    const question = `Question ${nth} of ${id}?`;
    return finding({
      question,
      rule: `Rule ${nth} of ${id}.`,
      basis,
      isDeciding,
      verdict,
      evidence,
      samples,
    });
  });
  return {
    ...experimentOf(id, 'stack'),
    ...{
      settings: [[`run-${id}`, `${digits.next(100)}/s`]],
      findings,
      state: index === 4 ? 'interrupted' : 'done',
    },
    ...{ verdict: verdictOf(findings), sentence: sentenceOf(findings, 'done') },
    runs: [
      {
        ...{ name: `run-${id}`, purpose: `purpose of ${id}`, directory: `runs/0${index + 1}-${id}` },
        ...{ samples: Math.round(digits.next(1000)), validity: index === 1 ? 'unknown' : 'valid' },
      },
    ],
    timelines: index === 2 ? [timelineOf(digits)] : [],
    problems: index === 3 ? ['A run could not be made.'] : [],
  };
}

function timelineOf(digits: Distinct): ClaimResult['timelines'][number] {
  return {
    title: 'The echo service fails',
    marks: [{ label: 'it fails', fromSecond: 3, toSecond: 6 }],
    seconds: Array.from({ length: 9 }, (_, second) => {
      const [p50 = 0, p90 = 0] = digits.rising(2, 30);
      const [duplicated, delivered, sent] = [digits.next(1), digits.next(100), digits.next(100)].map(
        Math.round,
      );
      return { second, sent: sent!, delivered: delivered!, duplicated: duplicated!, p50, p90 };
    }),
  };
}

/** The five claims on a stack, with every verdict, and an experiment that was interrupted. */
export function distinctClaims(): ClaimsResult {
  const digits = new Distinct();
  const ids = Object.keys(ANSWERS) as ClaimResult['id'][];
  return {
    ...{
      schema: 1,
      kind: 'claims',
      id: 'claims-of-distinct-numbers',
      startedAt: clock(1),
      endedAt: clock(17),
    },
    ...{
      partial: true,
      isQuick: false,
      seed: 83,
      slos: ['latency.response.p99 < 251'],
      asked: ids,
      environment,
    },
    stage: { ...ODD.stage, notes: ['A note on the stack.'] },
    claims: ids.map((id, index) => claimOf(id, index, digits)),
  };
}
