/**
 * CapacityResult: what a capacity search found, as plain versioned data (capacity.json). Reports and other people's scripts
 * read it and nothing else. Changes are additions, or the schema number moves. Times are milliseconds and rates per second
 * unless a name says otherwise.
 */
import { z } from 'zod';
import { PLAN } from '../model/plan.ts';
import { PRICES_OF } from '../model/prices-text.ts';
import { RUN_COST, RUN_RESULT } from '../model/result.ts';
import { amount, count, instant, maybe, saved, text, verdict } from '../model/saved.ts';
import { CULPRITS } from './probe-judgement.ts';
import {
  contradictionsOf,
  holds,
  PROBE_VERDICTS,
  type ProbeVerdict,
  type RateRecord,
  SEARCH_ENDS,
  SEARCH_PHASES,
  searchBounds,
} from './search.ts';

const BASIS = RUN_COST.shape.basis.unwrap().nullable();

/** As in the probe's own result, less what it is made up of. */
const PROBE_COST = PRICES_OF.extend({
  total: amount,
  perMillionRoundTrips: maybe,
  perMonth: maybe,
  basis: BASIS,
});

export type ProbeCost = Readonly<z.output<typeof PROBE_COST>>;

const PROBE = saved({
  /** From 1; 0 is the warm-up, which excludes cold starts and is not judged. */
  index: count,
  phase: z.enum([...SEARCH_PHASES, 'warm-up']),
  startedAt: instant,
  /** What the search asked for. */
  ratePerSecond: z.number().positive(),
  offeredPerSecond: amount,
  /** Answers that came while messages were being sent; a backlog worked off in the drain does not count. */
  deliveredPerSecond: amount,
  /** Response time. */
  p50: maybe,
  p99: maybe,
  max: maybe,
  slos: RUN_RESULT.shape.thresholds,
  validity: verdict,
  verdict: z.enum([...PROBE_VERDICTS, 'not judged']),
  limitedBy: z.enum(CULPRITS).nullable(),
  /** Why the rate does not hold; empty when it does. */
  reasons: z.array(text).readonly(),
  /** The probe's run directory, relative to that of the search, and nothing that leads out of it. */
  directory: text.regex(/^probes\/\d[\w.-]*$/, 'not a directory of a probe'),
  /** All of it: run, report, and the pause until the stage had drained. */
  tookMs: amount,
  /** The part of it that the stage needed to answer promptly again; null when it never did within the pause. */
  drainedAfterMs: maybe,
  /** Null where the stage has no template to price it by; left out of older results. */
  cost: PROBE_COST.nullable().exactOptional(),
});

export type CapacityProbe = Readonly<z.output<typeof PROBE>>;

/** At list prices and without free tiers. What is not known of every probe that it takes is null. */
const COST = PRICES_OF.extend({
  currency: z.literal('USD'),
  /** Of all probes, the warm-up too, each from its first connection to the end of its drain. */
  total: maybe,
  /** At the rate found: the mean of the probes that held there; null without such a rate. */
  perMillionRoundTrips: maybe,
  /** The same of a month of 730 hours at that rate. */
  perMonth: maybe,
  basis: BASIS,
});

export type CapacityCost = Readonly<z.output<typeof COST>>;

const ANSWER = saved({
  /** The highest rate that held below every rate that failed; null when none did. */
  ratePerSecond: maybe,
  /** True when the stage may well hold more: something other than the stage set the limit. */
  isLowerBound: z.boolean(),
  end: z.enum([...SEARCH_ENDS, 'interrupted', 'stage failed']),
  /** Whose limit it is. `search`: the search ended early. `nothing`: nothing was judged. */
  limitedBy: z.enum([...CULPRITS, 'max rate', 'search', 'nothing']),
  evidence: z.array(text).readonly(),
  /** The lowest rate that failed above the answer; null when none did. */
  failsAtPerSecond: maybe,
  /** The lowest rate above the answer of which only invalid probes could be had; left out when there is none. */
  unjudgedAtPerSecond: amount.exactOptional(),
  /** What the stage failed with when that ended the search; left out otherwise. */
  failure: text.exactOptional(),
  /** The gap between the two as a share of the answer; null without both. */
  precision: maybe,
  /** Probes that held at the answer. */
  confirmedBy: amount,
  isConfirmed: z.boolean(),
  /** Rates that failed below one that held. */
  contradictions: z.array(saved({ failedPerSecond: amount, heldPerSecond: amount })).readonly(),
  /** The answer in words. */
  sentence: text,
});

export type CapacityAnswer = Readonly<z.output<typeof ANSWER>>;

export const CAPACITY_RESULT = saved({
  schema: z.literal(1),
  kind: z.literal('capacity'),
  id: text,
  name: text,
  /** ISO 8601 UTC. */
  startedAt: instant,
  endedAt: instant,
  /** True when the search was interrupted, or the stage failed. */
  partial: z.boolean(),
  /** Of the probes; rate and duration are each probe's own. */
  plan: PLAN,
  environment: RUN_RESULT.shape.environment,
  stage: RUN_RESULT.shape.stage,
  slos: z.array(text).readonly(),
  search: saved({
    minRatePerSecond: amount,
    maxRatePerSecond: amount,
    precision: amount,
    confirmations: amount,
    maxProbes: amount,
    budgetMs: amount,
    /** Null: as long as the strictest percentile takes. */
    probeDurationMs: maybe,
  }),
  probes: z.array(PROBE).readonly(),
  answer: ANSWER,
  /** Null where the stage has no template to price it by; left out of older results. */
  cost: COST.nullable().exactOptional(),
});

export type CapacityResult = Readonly<z.output<typeof CAPACITY_RESULT>>;

type JudgedProbe = CapacityProbe & { readonly verdict: ProbeVerdict };

/** The probes that count. */
export function judgedProbes(probes: readonly CapacityProbe[]): JudgedProbe[] {
  return probes.filter((probe): probe is JudgedProbe => probe.verdict !== 'not judged');
}

export interface AnswerOptions {
  readonly end: CapacityAnswer['end'];
  readonly confirmations: number;
  /** Of a search that ended with it. */
  readonly failure?: string | undefined;
}

/** What the probes so far come to. */
export function answerOf(
  probes: readonly CapacityProbe[],
  { end, confirmations, failure }: AnswerOptions,
): CapacityAnswer {
  const judged = judgedProbes(probes);
  const { low, high } = searchBounds(judged);
  const limit = failure === undefined ? limitOf(judged, high, end) : failed(failure);
  const isStages = limit.limitedBy === 'stage' || limit.limitedBy === 'shard writes';
  const confirmedBy = low === null ? 0 : holds(low);
  const failing = high?.verdicts.includes('failed') ? high : null;
  const figures = {
    ratePerSecond: low?.ratePerSecond ?? null,
    isLowerBound: low !== null && (!isStages || failure !== undefined),
    end,
    ...limit,
    failsAtPerSecond: failing?.ratePerSecond ?? null,
    ...(high === null || failing !== null ? {} : { unjudgedAtPerSecond: high.ratePerSecond }),
    ...(failure === undefined ? {} : { failure }),
    precision: low === null || failing === null ? null : failing.ratePerSecond / low.ratePerSecond - 1,
    confirmedBy,
    isConfirmed: confirmedBy > confirmations,
    contradictions: contradictionsOf(judged),
  };
  return { ...figures, sentence: sentenceOf(figures) };
}

type Limit = Pick<CapacityAnswer, 'limitedBy' | 'evidence'>;

function failed(failure: string): Limit {
  return { limitedBy: 'stage', evidence: [failure] };
}

function limitOf(judged: readonly JudgedProbe[], high: RateRecord | null, end: CapacityAnswer['end']): Limit {
  const highest = judged.filter(({ ratePerSecond }) => ratePerSecond === high?.ratePerSecond);
  const unheld =
    highest.findLast(({ verdict }) => verdict === 'failed') ??
    highest.findLast(({ verdict }) => verdict === 'invalid');
  if (unheld !== undefined && end !== 'budget' && end !== 'probes' && end !== 'interrupted')
    return { limitedBy: unheld.limitedBy ?? 'search', evidence: unheld.reasons };
  if (end === 'max rate') return { limitedBy: 'max rate', evidence: [] };
  return { limitedBy: judged.length === 0 ? 'nothing' : 'search', evidence: unheld?.reasons ?? [] };
}

type Figures = Omit<CapacityAnswer, 'sentence'>;

function sentenceOf(figures: Figures): string {
  const { ratePerSecond, confirmedBy, contradictions } = figures;
  const sentences = ratePerSecond === null ? [noneHeld(figures)] : [held(figures), why(figures)];
  if (ratePerSecond !== null && !figures.isConfirmed && figures.end !== 'interrupted')
    sentences.push(`It rests on ${confirmedBy === 1 ? 'one probe' : `${confirmedBy} probes`} only.`);
  if (contradictions.length > 0) {
    const pairs = contradictions.map((one) => `${rate(one.failedPerSecond)} once failed`);
    sentences.push(
      `The probes disagree: ${pairs.join(', ')} and ${rate(contradictions[0]!.heldPerSecond)} held.`,
    );
  }
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function held({ ratePerSecond, isLowerBound, confirmedBy }: Figures): string {
  const amount = `${isLowerBound ? 'at least ' : ''}${rate(ratePerSecond ?? 0)} messages/s`;
  return `The SLOs hold up to ${amount} (${times(confirmedBy)}).`;
}

const LIMITS_OF: Readonly<Record<(typeof CULPRITS)[number], string>> = {
  stage: 'the limit is the stage’s',
  'shard writes': 'the limit is the write limit of the stream’s shards',
  driver: 'the limit met is the driver’s, not the stage’s',
  machine: 'the limit met is this machine’s, which stage and driver share',
};

function why(figures: Figures): string {
  const { limitedBy, failsAtPerSecond, unjudgedAtPerSecond, failure, evidence } = figures;
  if (failure !== undefined) return `The search ended there, for the stage failed: ${failure}.`;
  if (limitedBy === 'max rate') return 'No higher rate was allowed (--max-rate).';
  if (limitedBy === 'search' || limitedBy === 'nothing') return endedEarly(figures);
  const reason = evidence[0] ?? 'why is not known';
  return unjudgedAtPerSecond === undefined
    ? `${rate(failsAtPerSecond ?? 0)}/s do not (${reason}): ${LIMITS_OF[limitedBy]}.`
    : `${rate(unjudgedAtPerSecond)}/s could not be judged (${reason}): ${LIMITS_OF[limitedBy]}.`;
}

const EARLY: Readonly<Record<string, string>> = {
  budget: 'The time for the search (--budget) was used up',
  probes: 'The number of probes was used up',
  interrupted: 'The search was interrupted',
};

function endedEarly({ end, failsAtPerSecond, unjudgedAtPerSecond }: Figures): string {
  const unjudged =
    unjudgedAtPerSecond === undefined ? [] : [`${rate(unjudgedAtPerSecond)}/s could not be judged`];
  const known = failsAtPerSecond === null ? unjudged : [`${rate(failsAtPerSecond)}/s did not hold`];
  return `${EARLY[end] ?? 'The search ended'}; ${known[0] ?? 'no rate had failed yet'}.`;
}

function noneHeld(figures: Figures): string {
  const { end, failsAtPerSecond, unjudgedAtPerSecond, limitedBy, failure } = figures;
  if (failure !== undefined) return `No rate held before the stage failed: ${failure}.`;
  const lowest = failsAtPerSecond ?? unjudgedAtPerSecond;
  if (lowest === undefined) return `${EARLY[end] ?? 'The search ended'} before any rate was judged.`;
  const what =
    failsAtPerSecond === null
      ? `${rate(lowest)} messages/s could not be judged${evidenceText(figures)}`
      : `Not even ${rate(lowest)} messages/s hold${evidenceText(figures)}`;
  const isDriver = limitedBy === 'driver' || limitedBy === 'machine';
  return isDriver ? `${what}; ${LIMITS_OF[limitedBy]}.` : `${what}.`;
}

/** The first reason is the most telling; all are in the evidence. */
function evidenceText({ evidence: [reason] }: Figures): string {
  return reason === undefined ? '' : `: ${reason}`;
}

function times(probes: number): string {
  return probes === 1 ? 'one probe' : `${probes} probes of ${probes}`;
}

function rate(perSecond: number): string {
  return perSecond.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
