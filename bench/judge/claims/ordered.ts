/**
 * Judges the claim of order, by the two parts of the way. What arises before the stream is the gateway's doing, which on a
 * local stage is an assumption; what arises after it is the template's. One reorder refutes; none is never a guarantee.
 */

import { type Basis, boundText, type Finding, finding } from '../../model/claim.ts';
import { counted, were } from '../../model/counted.ts';
import type { Dispatch } from '../../model/plan.ts';
import type { RunResult } from '../../model/result.ts';
import { countingText, countingVerdict } from './counting.ts';

/** Fewer messages than this are not worth a bound. */
const MIN_MESSAGES = 1000;

const INGEST_RULE =
  'Refuted when any message reached the stream after one that its client sent later; not shown otherwise, with the bound: no test shows a guarantee. On a local stage not shown either way, for its gateway’s order is an assumption.';

const DELIVERY_RULE =
  'Refuted when any message came back after one that is later in the stream, supported when none of at least 1,000 did and none arose at an unknown place; not shown otherwise. A run whose times are void still counts.';

export interface OrderedRun {
  /** Null on a stack: nobody knows. */
  readonly dispatch: Dispatch | null;
  readonly result: Pick<RunResult, 'messages' | 'ordering' | 'validity'>;
}

export interface OrderedEvidence {
  readonly runs: readonly OrderedRun[];
  readonly isLocal: boolean;
}

export function judgeOrdered({ runs, isLocal }: OrderedEvidence): Finding[] {
  return runs.flatMap((run) => [
    ingestFinding(run, isLocal ? 'model' : 'measured'),
    deliveryFinding(run, isLocal ? 'template' : 'measured'),
  ]);
}

/** How the gateway took the messages, as a clause. */
function dispatchText(dispatch: Dispatch | null): string {
  if (dispatch === null) return '';
  return dispatch === 'serial'
    ? ', if the gateway takes them one after the other'
    : ', if the gateway takes them side by side';
}

function ingestFinding({ dispatch, result }: OrderedRun, basis: Basis): Finding {
  const { ordering, messages, validity } = result;
  const { ingest, unknown } = ordering.where;
  return finding({
    question: `Does order hold from the client to the stream${dispatchText(dispatch)}?`,
    rule: INGEST_RULE,
    basis,
    // With a gateway that lets messages overtake, order is lost by assumption: that decides nothing.
    isDeciding: dispatch !== 'concurrent',
    verdict: ingest > 0 ? 'refuted' : 'not shown',
    evidence: `${countText(ingest, messages.delivered)}${unknownText(unknown)}${basis === 'model' ? ' The gateway’s way of taking messages is an assumption here.' : ''}${countingText(validity)}`,
    samples: messages.delivered,
  });
}

function deliveryFinding({ dispatch, result }: OrderedRun, basis: Basis): Finding {
  const { ordering, messages, validity } = result;
  const { delivery, unknown } = ordering.where;
  return finding({
    question: `Does order hold from the stream to the client${dispatchText(dispatch)}?`,
    rule: DELIVERY_RULE,
    basis,
    isDeciding: true,
    verdict: deliveryVerdict(result),
    evidence: `${countText(delivery, messages.delivered)}${unknownText(unknown)}${countingText(validity)}`,
    samples: messages.delivered,
  });
}

function deliveryVerdict({ ordering, messages, validity }: OrderedRun['result']): Finding['verdict'] {
  if (ordering.where.delivery > 0) return 'refuted';
  const isEnough = messages.delivered >= MIN_MESSAGES && countingVerdict(validity) !== 'invalid';
  return isEnough && ordering.where.unknown === 0 ? 'supported' : 'not shown';
}

function countText(reordered: number, delivered: number): string {
  return reordered === 0
    ? `None of ${counted(delivered, 'message')} was reordered there: ${boundText(delivered)}.`
    : `${reordered} of ${counted(delivered, 'message')} ${were(reordered)} reordered there.`;
}

function unknownText(unknown: number): string {
  return unknown === 0 ? '' : ` Where ${unknown} more ${were(unknown)} reordered is not known.`;
}
