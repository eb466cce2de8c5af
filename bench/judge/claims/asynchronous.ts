/** Judges the claim of being asynchronous and yet in real time: sends that never wait, pushes, and the age of records. */

import { type Finding, finding } from '../../model/claim.ts';
import { counted, were } from '../../model/counted.ts';
import type { RunResult } from '../../model/result.ts';
import { invalidText } from './latency.ts';

/** Below this nobody minds, and the driver's own pacing is not better. */
const LAG_MARGIN_MS = 5;

/** Records older than this when they are read are behind, not in transit. */
const AGE_LIMIT_MS = 1000;

const SENDS_RULE =
  'Supported when during the stall every message that was due was sent, at least 20 of them while echoes were outstanding, and the run’s send lag p99 stays below 5 ms; refuted when messages were refused, or their lag is above that in a valid run; not shown when the fault struck nothing, and of an invalid run.';

const PUSH_RULE =
  'Supported when every push arrived at the client it was for, refuted when one was accepted and did not arrive within 5 s; not shown when pushes could not be made.';

const AGE_RULE =
  'Supported when the highest iterator age of the measured minutes or seconds is below one second, refuted when the lowest is above it; not shown in between, without metrics, and on a local stage, whose latencies are assumptions.';

/** The stretch in which the service stood still. */
export interface StalledSends {
  /** Messages due and sent in the stretch, and first answers that came in it. */
  readonly scheduled: number;
  readonly sent: number;
  readonly delivered: number;
  readonly refused: number;
  /** Of the whole run. */
  readonly sendLagP99Ms: number | null;
  readonly struck: number | null;
  readonly validity: RunResult['validity']['verdict'];
}

export interface Pushes {
  readonly accepted: number;
  readonly arrived: number;
  /** From the call to the arrival, on one clock; null when none arrived. */
  readonly medianMs: number | null;
  readonly slowestMs: number | null;
  /** Why they could not be made; null when they could. */
  readonly problem: string | null;
}

export interface AsynchronousEvidence {
  readonly basis: 'template' | 'measured';
  /** Null when there was no run with a stalled service. */
  readonly sends: StalledSends | null;
  readonly pushes: Pushes;
  /** Iterator age by period, milliseconds; null without metrics. */
  readonly agesMs: readonly number[] | null;
}

export function judgeAsynchronous(given: AsynchronousEvidence): Finding[] {
  return [sendsFinding(given), pushFinding(given), ageFinding(given)];
}

/** Counts of the seconds that lie whole in the stretch. */
export function stalledSends(
  result: Pick<RunResult, 'intervals' | 'latency' | 'validity'>,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  struck: number | null,
): StalledSends {
  // The first second still has answers to what was sent before; a function that stands still answers nothing after it.
  const inside = result.intervals.filter(
    ({ second }) => second * 1000 >= fromMs + 1000 && (second + 1) * 1000 <= untilMs,
  );
  const sum = (key: 'scheduled' | 'sent' | 'delivered' | 'refused') =>
    inside.reduce((total, interval) => total + interval[key], 0);
  return {
    scheduled: sum('scheduled'),
    sent: sum('sent'),
    delivered: sum('delivered'),
    refused: sum('refused'),
    sendLagP99Ms: result.latency.sendLag.p99,
    struck,
    validity: result.validity.verdict,
  };
}

function sendsFinding({ sends, basis }: AsynchronousEvidence): Finding {
  const common = {
    question: 'Do sends go on while the service stands still?',
    rule: SENDS_RULE,
    basis,
    isDeciding: true,
  } as const;
  if (sends === null) {
    const evidence = 'No run with a stalled service could be made.';
    return finding({ ...common, verdict: 'not shown', evidence, samples: null });
  }
  const { scheduled, sent, delivered, refused, sendLagP99Ms, validity } = sends;
  const lag =
    sendLagP99Ms === null ? 'not stated for too few samples' : `${Number(sendLagP99Ms.toPrecision(3))} ms`;
  return finding({
    ...common,
    verdict: sendsVerdict(sends),
    evidence: `In the whole seconds of the stall, from its second on, ${counted(scheduled, 'message')} ${were(scheduled)} due, ${sent} sent, ${refused} refused and ${delivered} answered; send lag p99 of the run was ${lag}.${invalidText(validity)}`,
    samples: sent,
  });
}

/** How many more may be sent a little before or after the second in which they were due. */
const SECOND_EDGE = 0.02;

function sendsVerdict(sends: StalledSends): Finding['verdict'] {
  const { scheduled, sent, delivered, refused, sendLagP99Ms, struck, validity } = sends;
  if ((struck ?? 0) === 0 || validity === 'invalid' || scheduled < 20) return 'not shown';
  if (refused > 0) return 'refuted';
  if (sendLagP99Ms === null || sent - delivered < 20) return 'not shown';
  const isAll = sent >= scheduled * (1 - SECOND_EDGE);
  return isAll && sendLagP99Ms < LAG_MARGIN_MS ? 'supported' : 'refuted';
}

function pushFinding({ pushes, basis }: AsynchronousEvidence): Finding {
  const { accepted, arrived, medianMs, slowestMs, problem } = pushes;
  const took =
    medianMs === null || slowestMs === null
      ? ''
      : ` They took ${Number(medianMs.toPrecision(3))} ms in the median and ${Number(slowestMs.toPrecision(3))} ms at most.`;
  return finding({
    question: 'Do messages arrive that no request asked for?',
    rule: PUSH_RULE,
    basis,
    isDeciding: true,
    verdict: problem !== null || accepted === 0 ? 'not shown' : arrived < accepted ? 'refuted' : 'supported',
    evidence: problem ?? `Of ${accepted} pushes that the API took ${arrived} arrived.${took}`,
    samples: accepted,
  });
}

function ageFinding({ agesMs, basis }: AsynchronousEvidence): Finding {
  const common = {
    question: 'Are records less than a second old when a service reads them?',
    rule: AGE_RULE,
    basis: basis === 'measured' ? basis : 'model',
    isDeciding: true,
  } as const;
  if (agesMs === null || agesMs.length === 0) {
    const evidence = 'The iterator age could not be read.';
    return finding({ ...common, verdict: 'not shown', evidence, samples: null });
  }
  const [low, high] = [Math.min(...agesMs), Math.max(...agesMs)];
  return finding({
    ...common,
    verdict: high < AGE_LIMIT_MS ? 'supported' : low > AGE_LIMIT_MS ? 'refuted' : 'not shown',
    evidence: `In ${agesMs.length} ${agesMs.length === 1 ? 'period' : 'periods'} the highest iterator age was between ${Math.round(low)} and ${Math.round(high)} ms.`,
    samples: agesMs.length,
  });
}
