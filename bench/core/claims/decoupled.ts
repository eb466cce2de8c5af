/** Judges the claim of decoupling: did one service's trouble show in another's latency, and did both see every record? */
import { counted } from '../counted.ts';
import type { ValidityVerdict } from '../result.ts';
import { type Difference, type Finding, finding } from './claim.ts';
import { invalidText } from './latency.ts';

/** A difference above this share of the control, and above this many milliseconds, would matter. */
export const MARGIN_SHARE = 0.1;
export const MARGIN_MS = 5;

const DIFFERENCE_RULE =
  'Supported when the whole 95 % interval of the difference is within 10 % of the control (at least 5 ms), refuted when all of it is above; not shown when it reaches across, when the fault struck nothing, and of an invalid run. On a local stage, where services share the processors, only a run without any doubt can refute.';

const RECORDS_RULE =
  'Supported when both services processed as many records as the stream took and gave up none, refuted when one gave up records or is short of them after the wait; not shown without metrics, and when the fault struck nothing.';

/** What a mapping did with the records it read. */
export interface MappingCounts {
  readonly service: string;
  readonly processed: number;
  readonly failed: number;
  readonly dropped: number;
}

export interface DecoupledEvidence {
  /** Null when there were too few seconds on either side, or latency.hlog is not the run's. */
  readonly differences: readonly Difference[] | null;
  readonly samples: number;
  readonly validity: ValidityVerdict;
  /** Records that the stream took; null without metrics. */
  readonly incoming: number | null;
  readonly echo: MappingCounts | null;
  readonly audit: MappingCounts | null;
  readonly basis: 'template' | 'measured';
}

export function judgeDecoupled(evidence: DecoupledEvidence): Finding[] {
  return [...differenceFindings(evidence), recordsFinding(evidence)];
}

/** Whether the audit service failed at all: if not, there was nothing to be decoupled from. */
function hasStruck({ audit }: DecoupledEvidence): boolean {
  return audit !== null && audit.failed > 0;
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

function struckText(given: DecoupledEvidence): string {
  if (given.audit === null)
    return ' Without metrics of the mappings nobody knows whether the audit service failed.';
  const { failed } = given.audit;
  return failed === 0
    ? ' No record failed in the audit service, so there was no fault.'
    : ` Invocations of the audit service failed with ${counted(failed, 'record')}, counting retries.`;
}

function recordsFinding(given: DecoupledEvidence): Finding {
  const { incoming, echo, audit, basis } = given;
  return finding({
    question: 'Do both services see every record, the failing one after its failure is over?',
    rule: RECORDS_RULE,
    basis,
    isDeciding: true,
    verdict: recordsVerdict(given),
    evidence:
      incoming === null || echo === null || audit === null
        ? 'The metrics of the stream or its mappings could not be read.'
        : `The stream took ${counted(incoming, 'record')}; ${countsText(echo)}, ${countsText(audit)}.${struckText(given)}`,
    samples: incoming,
  });
}

function recordsVerdict(given: DecoupledEvidence): Finding['verdict'] {
  const { incoming, echo, audit } = given;
  if (incoming === null || incoming === 0 || echo === null || audit === null) return 'not shown';
  if (echo.dropped + audit.dropped > 0) return 'refuted';
  if (Math.min(echo.processed, audit.processed) < incoming) return 'refuted';
  return hasStruck(given) ? 'supported' : 'not shown';
}

function countsText({ service, processed, dropped }: MappingCounts): string {
  return `the ${service} service processed ${processed} and gave up ${dropped}`;
}

function ms(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
