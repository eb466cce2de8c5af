/** Judges the claim of fault tolerance: what was lost, what came twice, and how long the pipeline needed afterwards. */

import { type Basis, boundText, type Finding, finding } from '../../model/claim.ts';
import { counted, were } from '../../model/counted.ts';
import type { RunResult } from '../../model/result.ts';
import { countingText, countingVerdict } from './counting.ts';
import type { Recovery } from './recovery.ts';

/** Fewer messages than this sent while a fault is on say nothing about it. */
const MIN_STRUCK = 20;

const LOSS_RULE =
  'Supported when no message was lost and at least 20 were sent during a fault that is known to have struck, refuted when any was lost; not shown otherwise. A run whose times are void still counts.';

const FEWER_RULE =
  'Supported when the reference settings deliver a smaller share twice, refuted when they deliver a larger one; not shown when the fault struck nothing, the load of a run was not the one that was planned, or the shares differ by less than three standard errors (two would be too few: duplicates come in batches).';

const RECOVERY_RULE =
  'Told, not judged, on a local stage, whose back-off is a guess; on a stack supported when the backlog is gone within the length of the fault.';

/** A run with a fault in it. */
export interface FaultedRun {
  /** Such as `the reference settings, failing invocations`. */
  readonly name: string;
  readonly messages: Pick<
    RunResult['messages'],
    'scheduled' | 'sent' | 'delivered' | 'lost' | 'duplicated' | 'indeterminate' | 'refused'
  >;
  readonly validity: RunResult['validity'];
  /** Invocations or posts that failed; null where nobody counted. */
  readonly struck: number | null;
  /** Sent while the fault was on. */
  readonly sentDuring: number;
}

export interface RecoveryEvidence {
  readonly recovery: Recovery | null;
  readonly faultMs: number;
  readonly basis: Basis;
}

/** Was anything lost? */
export function judgeLoss(run: FaultedRun, basis: 'template' | 'measured'): Finding {
  const { messages, sentDuring, name, validity } = run;
  const { delivered, lost, duplicated, indeterminate, sent } = messages;
  const unclear = indeterminate === 0 ? '' : ` ${indeterminate} were outstanding on connections that ended.`;
  const bound = lost === 0 ? ` Of ${sentDuring} sent during the fault: ${boundText(sentDuring)}.` : '';
  return finding({
    question: `Is nothing lost with ${name}?`,
    rule: LOSS_RULE,
    basis,
    isDeciding: true,
    verdict: lossVerdict(run),
    evidence: `Of ${counted(sent, 'message')} ${delivered} ${were(delivered)} delivered, ${lost} lost and ${duplicated} came twice.${bound}${unclear} ${struckText(run)}${countingText(validity)}`,
    samples: sent,
  });
}

function lossVerdict({ messages, validity, struck, sentDuring }: FaultedRun): Finding['verdict'] {
  if (messages.lost > 0) return 'refuted';
  const hasStruck = struck !== null && struck > 0 && sentDuring >= MIN_STRUCK;
  return hasStruck && countingVerdict(validity) !== 'invalid' && messages.indeterminate === 0
    ? 'supported'
    : 'not shown';
}

function struckText({ struck }: FaultedRun): string {
  if (struck === null) return 'How often the fault struck is not known.';
  return struck === 0 ? 'The fault struck nothing.' : `The fault struck ${counted(struck, 'time')}.`;
}

/** Do partial batch responses deliver fewer messages twice than whole-batch retries? */
export function judgeDuplicates(published: FaultedRun, reference: FaultedRun): Finding {
  const [theirs, ours] = [shareTwice(published), shareTwice(reference)];
  return finding({
    question: 'Do the reference settings deliver fewer messages twice than those first published?',
    rule: FEWER_RULE,
    basis: 'template',
    isDeciding: false,
    verdict: fewerVerdict(published, reference),
    evidence: `As published, ${twiceText(published)} (${percent(theirs)}); with the reference settings, ${twiceText(reference)} (${percent(ours)}). Posts failed ${published.struck ?? 'an unknown number of'} and ${reference.struck ?? 'an unknown number of'} times. The published service stops at the first post that fails, and its batch is tried again from the start; the reference service tries a post again for two seconds, then begins none behind it, and its batch is tried again from there.`,
    samples: published.messages.delivered + reference.messages.delivered,
  });
}

function fewerVerdict(published: FaultedRun, reference: FaultedRun): Finding['verdict'] {
  const [theirs, ours] = [shareTwice(published), shareTwice(reference)];
  const isKnown = [published, reference].every(
    ({ struck, messages, validity }) =>
      (struck ?? 0) > 0 && messages.delivered > 0 && countingVerdict(validity) !== 'invalid',
  );
  const error = Math.hypot(errorOfShare(published), errorOfShare(reference));
  if (!isKnown || Math.abs(theirs - ours) <= 3 * error) return 'not shown';
  return ours < theirs ? 'supported' : 'refuted';
}

/** Of a count, by Poisson's square root; of none as of one. */
function errorOfShare({ messages }: FaultedRun): number {
  return Math.sqrt(Math.max(1, messages.duplicated)) / Math.max(1, messages.delivered);
}

function shareTwice({ messages }: FaultedRun): number {
  return messages.delivered === 0 ? 0 : messages.duplicated / messages.delivered;
}

function twiceText({ messages }: FaultedRun): string {
  return `${counted(messages.duplicated, 'arrival')} beyond the first for ${counted(messages.delivered, 'message')}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** How long after the fault was the pipeline as before? */
export function judgeRecovery({ recovery, faultMs, basis }: RecoveryEvidence): Finding {
  const backlogMs = recovery?.backlogMs ?? null;
  const isBack = backlogMs !== null && backlogMs <= faultMs;
  return finding({
    question: 'Is the pipeline soon as it was before the fault?',
    rule: RECOVERY_RULE,
    basis,
    isDeciding: false,
    verdict: backlogMs === null ? 'not shown' : isBack ? 'supported' : 'refuted',
    evidence: recoveryText(recovery, faultMs),
    samples: null,
  });
}

function recoveryText(recovery: Recovery | null, faultMs: number): string {
  if (recovery === null) return 'Too little was measured before or after the fault to tell.';
  const within = (ms: number | null) =>
    ms === null ? 'not by the end of the run' : `${ms / 1000} s after its end`;
  return `After a fault of ${faultMs / 1000} s no more messages were outstanding than before it ${within(recovery.backlogMs)}, and ${recovery.percentile ?? 'p99'} was within 10 % of the ${Number(recovery.p99BeforeMs.toPrecision(3))} ms before it ${within(recovery.p99Ms)}.`;
}
