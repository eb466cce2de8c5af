/**
 * Judges the claim of low latency. An SLO on a hop that crosses clocks is judged with the bound on their offset against it,
 * whichever way the verdict would go; on a local stage latencies are assumptions, and are told but not judged.
 */

import { type Basis, type ClaimVerdict, type Finding, finding } from '../../model/claim.ts';
import { counted } from '../../model/counted.ts';
import type { RunResult } from '../../model/result.ts';

export const DEFAULT_CLAIM_SLOS = ['latency.hops.ingest.p99 < 50', 'latency.response.p99 < 250'];

const RULE =
  'Supported when the figure meets the SLO with the clocks’ offset bound against it, refuted when it misses it with the bound in its favour; not shown in between, without enough samples, of an invalid run, and on a local stage.';

const PATH_RULE =
  'Supported when the template’s default route leads to an AWS integration of kinesis:PutRecord, refuted when it leads to a function.';

/** What the template says of the way from route to stream. */
export interface Integration {
  readonly type: string;
  readonly uri: string;
}

export interface LatencyEvidence {
  readonly result: Pick<RunResult, 'latency' | 'thresholds' | 'validity' | 'stage'>;
  readonly basis: Basis;
  /** Null when the template could not be read, or says something else. */
  readonly integration: Integration | null;
}

export function judgeLatency({ result, basis, integration }: LatencyEvidence): Finding[] {
  const slos = result.thresholds.map((slo) => sloFinding(slo, result, basis));
  return [pathFinding(integration), ...slos];
}

function pathFinding(integration: Integration | null): Finding {
  return finding({
    question: 'Is there no function between the gateway and the stream?',
    rule: PATH_RULE,
    basis: 'template',
    isDeciding: true,
    ...pathVerdict(integration),
    samples: null,
  });
}

function pathVerdict(integration: Integration | null): Pick<Finding, 'verdict' | 'evidence'> {
  if (integration === null)
    return { verdict: 'not shown', evidence: 'The template could not be read, or has no integration.' };
  const { type, uri } = integration;
  const evidence = `The integration is of type ${type} and leads to ${plainUri(uri)}.`;
  if (type === 'AWS' && uri.includes(':kinesis:action/PutRecord')) return { verdict: 'supported', evidence };
  return { verdict: uri.includes(':lambda:') ? 'refuted' : 'not shown', evidence };
}

/** The text within an intrinsic function. */
function plainUri(uri: string): string {
  return /^\{"Fn::\w+":"(.*)"\}$/.exec(uri)?.[1] ?? uri;
}

type Slo = RunResult['thresholds'][number];

function sloFinding(slo: Slo, result: LatencyEvidence['result'], basis: Basis): Finding {
  const { latency } = result;
  const isHop = /^\s*latency\.hops\.(?!process)/.test(slo.expression);
  const offsetMs = isHop ? (latency.hops?.offsetBoundMs ?? null) : 0;
  const samples = isHop ? (latency.hops?.ingest.count ?? 0) : latency.response.count;
  const value = slo.value === null ? 'there are too few samples to state it' : `it was ${figure(slo.value)}`;
  const clocks = !isHop
    ? ''
    : offsetMs === null
      ? ', and the clocks’ offset has no bound'
      : `, by clocks that are at most ${figure(offsetMs)} ms apart`;
  const notMeasured =
    basis === 'measured'
      ? ''
      : ` On this stage it is ${
          result.stage.profile === 'ideal' ? 'what this machine takes' : 'an assumption'
        }, not AWS’s.`;
  return finding({
    question: `Does ${slo.expression.trim()} hold?`,
    rule: RULE,
    basis,
    isDeciding: true,
    verdict: sloVerdict(slo, offsetMs, result.validity.verdict),
    evidence: `Of ${counted(samples, 'message')}, ${value}${clocks}.${invalidText(result.validity.verdict)}${notMeasured}`,
    samples,
  });
}

/** Told at three digits, as the histograms have them. */
function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** What makes every figure of a run void. */
export function invalidText(verdict: RunResult['validity']['verdict']): string {
  return verdict === 'invalid' ? ' The run is invalid: the driver or its machine could not keep up.' : '';
}

const UPPER = /(<=?)\s*(-?[\d.]+(?:e-?\d+)?)\s*$/;

/** An SLO that is no upper bound, on a hop, has no side for the offset to be on: it is judged as it is. */
function sloVerdict(
  { expression, value, ok }: Slo,
  offsetMs: number | null,
  validity: RunResult['validity']['verdict'],
): ClaimVerdict {
  if (value === null || validity === 'invalid' || offsetMs === null) return 'not shown';
  const upper = UPPER.exec(expression);
  if (upper === null || offsetMs === 0) return ok ? 'supported' : 'refuted';
  const bound = Number(upper[2]);
  if (value + offsetMs < bound) return 'supported';
  return value - offsetMs > bound ? 'refuted' : 'not shown';
}
