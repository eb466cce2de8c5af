/** Judges the claim of decoupling: did one service's trouble show in another's latency, and did both see every record? */

import { type Difference, type Finding, finding } from '../../model/claim.ts';
import { counted } from '../../model/counted.ts';
import type { ValidityVerdict } from '../../model/result.ts';
import { invalidText } from './latency.ts';
import type { MappingCounts } from './mapping-counts.ts';

/** A difference above this share of the control, and above this many milliseconds, would matter. */
export const MARGIN_SHARE = 0.1;
export const MARGIN_MS = 5;

const DIFFERENCE_RULE =
  'Supported when the whole 95 % interval of the difference is within 10 % of the control (at least 5 ms), refuted when all of it is above; not shown when it reaches across, when the fault struck nothing, and of an invalid run. On a local stage, where services share the processors, only a run without any doubt can refute.';

const RECORDS_RULE =
  'Supported when both services processed as many records as the stream took, and as the driver sent it, and gave up none; refuted when one gave up records; not shown when the metrics are short of records after the wait, since they may be incomplete, without metrics, and when the fault struck nothing.';

export interface DecoupledEvidence {
  /** Null when there were too few seconds on either side, or latency.hlog is not the run's. */
  readonly differences: readonly Difference[] | null;
  readonly samples: number;
  readonly validity: ValidityVerdict;
  /** Records that the stream took; null without metrics. */
  readonly incoming: number | null;
  /** Messages that the driver sent and that no one refused. */
  readonly accepted: number;
  readonly echo: MappingCounts | null;
  readonly audit: MappingCounts | null;
  readonly basis: 'template' | 'measured';
}

export function judgeDecoupled(evidence: DecoupledEvidence): Finding[] {
  return [...differenceFindings(evidence), recordsFinding(evidence)];
}

/** Whether the audit service failed at all: if not, there was nothing to be decoupled from. */
function hasStruck({ audit }: DecoupledEvidence): boolean {
  return (audit?.errors ?? 0) > 0;
}

function differenceFindings(given: DecoupledEvidence): Finding[] {
  const { differences, samples, basis, validity } = given;
  const common = { rule: DIFFERENCE_RULE, basis, isDeciding: true, samples } as const;
  if (differences === null || differences.length === 0) {
    const question = 'Does the echo service’s latency stay the same while the audit service fails?';
    const evidence =
      'They can’t be compared: too few seconds with or without the fault were measured, or latency.hlog does not hold the times that result.json counts.';
    return [finding({ ...common, question, verdict: 'not shown', evidence })];
  }
  return differences.map((difference) =>
    finding({
      ...common,
      question: `Does the echo service’s response ${difference.name} stay the same while the audit service fails?`,
      verdict: trusted(differenceVerdict(difference), given),
      evidence: `${differenceText(difference)}${struckText(given)}${invalidText(validity)}`,
    }),
  );
}

/** A full machine makes any service slow, whatever the template does. */
function trusted(verdict: Finding['verdict'], given: DecoupledEvidence): Finding['verdict'] {
  const { validity, basis } = given;
  if (validity === 'invalid' || !hasStruck(given)) return 'not shown';
  const isDoubtful = basis === 'template' && validity !== 'valid';
  return verdict === 'refuted' && isDoubtful ? 'not shown' : verdict;
}

function marginMs({ controlMs }: Difference): number {
  return Math.max(MARGIN_MS, MARGIN_SHARE * controlMs);
}

/** By its confidence interval: inside the margin, above it, or undecided. A service that gets faster is not disturbed. */
export function differenceVerdict(difference: Difference): Finding['verdict'] {
  const margin = marginMs(difference);
  if (difference.highMs <= margin) return 'supported';
  return difference.lowMs > margin ? 'refuted' : 'not shown';
}

function differenceText(difference: Difference): string {
  const { name, controlMs, faultedMs, lowMs, highMs } = difference;
  return `${name} was ${ms(controlMs)} without the fault and ${ms(faultedMs)} with it: a difference of ${ms(lowMs)} to ${ms(highMs)} (95 %), against a margin of ${ms(marginMs(difference))}.`;
}

function struckText({ audit }: DecoupledEvidence): string {
  const errors = audit?.errors ?? null;
  if (errors === null)
    return ' Without metrics of its function nobody knows whether the audit service failed.';
  return errors === 0
    ? ' No invocation of the audit service failed, so there was no fault.'
    : ` ${counted(errors, 'invocation')} of the audit service failed.`;
}

function recordsFinding(given: DecoupledEvidence): Finding {
  const { incoming, echo, audit, basis, accepted } = given;
  const sent = incoming !== null && incoming < accepted ? `, of ${accepted} that were sent` : '';
  return finding({
    question: 'Do both services see every record, the failing one after its failure is over?',
    rule: RECORDS_RULE,
    basis,
    isDeciding: true,
    verdict: recordsVerdict(given),
    evidence:
      incoming === null || echo === null || audit === null
        ? 'The metrics of the stream or its mappings could not be read.'
        : `The stream took ${counted(incoming, 'record')}${sent}; ${countsText(echo)}, ${countsText(audit)}.${shortText(given)}${struckText(given)}`,
    samples: incoming,
  });
}

function recordsVerdict(given: DecoupledEvidence): Finding['verdict'] {
  const { incoming, echo, audit } = given;
  if ((echo?.givenUp ?? 0) + (audit?.givenUp ?? 0) > 0) return 'refuted';
  if (incoming === null || incoming === 0 || isShort(given)) return 'not shown';
  const isKnown = echo?.givenUp === 0 && audit?.givenUp === 0;
  return isKnown && hasStruck(given) ? 'supported' : 'not shown';
}

/** CloudWatch may be late or leave values out, so that a shortage in it is none of the services. */
function isShort({ incoming, accepted, echo, audit }: DecoupledEvidence): boolean {
  const processed = Math.min(echo?.processed ?? 0, audit?.processed ?? 0);
  return Math.min(processed, incoming ?? 0) < Math.max(accepted, incoming ?? 0);
}

function shortText(given: DecoupledEvidence): string {
  return isShort(given) ? ' The metrics may be incomplete, so what is missing in them shows nothing.' : '';
}

function countsText({ service, processed, givenUp }: MappingCounts): string {
  const told = (count: number | null) => count ?? 'an unknown number';
  return `the ${service} service processed ${told(processed)} and gave up ${told(givenUp)}`;
}

function ms(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
