/** Made-up claims for tests and for looking at the report: whole on a local stage, on AWS, cut short, and hostile. */
import type {
  Basis,
  ClaimId,
  ClaimResult,
  ClaimsResult,
  ClaimVerdict,
  Finding,
  Timeline,
} from '../../../bench/model/claim.ts';
import { fixture } from '../../testing/fixture.ts';

export const CLAIMS_KINDS = ['local', 'aws', 'partial', 'hostile'] as const;
export type ClaimsKind = (typeof CLAIMS_KINDS)[number];

const IDS: readonly (readonly [ClaimId, string, ClaimVerdict])[] = [
  ['low-latency', 'Low latency', 'not shown'],
  ['decoupled', 'Decoupled', 'supported'],
  ['fault-tolerant', 'Fault tolerant', 'supported'],
  ['asynchronous', 'Asynchronous but real-time', 'not shown'],
  ['ordered', 'Ordered', 'not shown'],
];

/** The claims of a kind. */
export function claimsFixture(kind: ClaimsKind): ClaimsResult {
  switch (kind) {
    case 'local':
      return resultOf(IDS.map(([id, title, verdict]) => claimOf(id, title, verdict, 'template')));
    case 'aws':
      return {
        ...resultOf(IDS.map(([id, title]) => claimOf(id, title, refutedIf(id === 'ordered'), 'measured'))),
        stage: { ...STAGE, kind: 'aws', name: 'demo', region: 'eu-west-1', profile: null, notes: [] },
      };
    case 'partial': {
      const [first, second] = resultOf(
        IDS.slice(0, 2).map(([id, title, verdict]) => claimOf(id, title, verdict, 'template')),
      ).claims;
      const cut: ClaimResult = { ...second!, state: 'interrupted', findings: [], runs: [], timelines: [] };
      return {
        ...resultOf([first!, { ...cut, verdict: 'not shown', problems: ['It was interrupted.'] }]),
        partial: true,
      };
    }
    case 'hostile': {
      const nasty = '<img src=x onerror="globalThis.hacked=1">|[x](javascript:1)\u001b[31m';
      const { claims, ...rest } = claimsFixture('local');
      return {
        ...rest,
        slos: [nasty],
        stage: { ...STAGE, notes: [nasty] },
        claims: claims.map((claim) => ({
          ...claim,
          sentence: nasty,
          problems: [nasty],
          findings: claim.findings.map((finding) => ({ ...finding, evidence: nasty })),
          timelines: claim.timelines.map((timeline) => ({ ...timeline, title: nasty })),
        })),
      };
    }
  }
}

function refutedIf(isRefuted: boolean): ClaimVerdict {
  return isRefuted ? 'refuted' : 'supported';
}

const STAGE: ClaimsResult['stage'] = {
  kind: 'local',
  name: 'local',
  region: 'us-east-1',
  profile: 'aws',
  parameters: {},
  notes: ['Profile aws is calibrated; it is not a measurement of AWS.'],
};

function resultOf(claims: readonly ClaimResult[]): ClaimsResult {
  return {
    schema: 1,
    kind: 'claims',
    id: '20260131T090500Z-claims',
    startedAt: '2026-01-31T09:05:00.000Z',
    endedAt: '2026-01-31T09:09:12.000Z',
    partial: false,
    isQuick: false,
    seed: 1,
    slos: ['latency.hops.ingest.p99 < 50', 'latency.response.p99 < 250'],
    asked: IDS.map(([id]) => id),
    environment: fixture('valid').result.environment,
    stage: STAGE,
    claims,
  };
}

function claimOf(id: ClaimId, title: string, verdict: ClaimVerdict, basis: Basis): ClaimResult {
  const isFaulty = id === 'fault-tolerant' || id === 'decoupled';
  return {
    id,
    title,
    claim: 'The stream buffers: when a service fails, no event is lost.',
    hypothesis: 'Nothing is lost, however the echo service fails.',
    method: ['Every invocation of the echo service fails for 12 s.', 'Messages go on at the same rate.'],
    more: ['The same command on a deployed stack: `bench claims --stage NAME`.'],
    settings: [['echo-fault', '200/s, constant, 100 connections, 36 s after 3 s of warm-up']],
    state: 'done',
    findings: [
      findingOf(verdict, basis, true),
      findingOf('not shown', basis === 'measured' ? basis : 'model', basis !== 'measured' && !isFaulty),
    ],
    verdict,
    sentence: 'All 3 deciding questions are answered in its favour.',
    runs: [
      {
        name: 'echo-fault',
        purpose: 'every invocation of the echo service fails',
        directory: 'runs/01-echo-fault',
        samples: 7200,
        validity: 'valid',
      },
    ],
    timelines: isFaulty ? [TIMELINE] : [],
    problems: [],
  };
}

function findingOf(verdict: ClaimVerdict, basis: Basis, isDeciding: boolean): Finding {
  return {
    question: 'Is nothing lost with the reference settings, invocations failing?',
    rule: 'Supported when no message was lost, refuted when any was; not shown otherwise.',
    basis,
    isDeciding,
    verdict,
    evidence: 'Of 7200 messages 7200 were delivered, 0 lost and 0 came twice.',
    samples: 7200,
  };
}

/** Twelve seconds without an answer, and then all of them. */
const TIMELINE: Timeline = {
  title: 'Every invocation of the echo service fails',
  marks: [{ label: 'the echo service fails', fromSecond: 8, toSecond: 20 }],
  seconds: Array.from({ length: 40 }, (_, second) => {
    const isStalled = second >= 8 && second < 21;
    const sent = second < 36 ? 200 : 0;
    return {
      second,
      sent,
      delivered: isStalled ? 0 : second === 21 ? 2600 : sent,
      duplicated: 0,
      p50: isStalled || second >= 37 ? null : second === 21 ? 6400 : 98,
      p90: isStalled || second >= 37 ? null : second === 21 ? 11_800 : 121,
    };
  }),
};
