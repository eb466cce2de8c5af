/**
 * ClaimsResult: what the five claims of the architecture came to, as plain versioned data (claims.json). Reports and other
 * people's scripts read it and nothing else. Changes are additions, or the schema number moves. Times are milliseconds unless
 * a name says otherwise.
 *
 * A claim is judged by findings, and every finding says what it rests on. A model can't show what AWS does, so a finding that
 * rests on one is never more than "not shown", whatever its figures are; they are told as evidence.
 */
import { z } from 'zod';
import { RUN_RESULT } from './result.ts';
import { amount, instant, maybe, saved, text, verdict } from './saved.ts';

/** The claims, in the order in which they were made. */
export const CLAIM_IDS = ['low-latency', 'decoupled', 'fault-tolerant', 'asynchronous', 'ordered'] as const;
export type ClaimId = (typeof CLAIM_IDS)[number];

const CLAIM_VERDICT = z.enum(['supported', 'refuted', 'not shown']);
export type ClaimVerdict = z.output<typeof CLAIM_VERDICT>;

/**
 * What a finding rests on. `template`: code and settings of the template, executed on a stage that follows AWS's documented
 * rules. `model`: latencies, order or back-off that the local stage assumes. `measured`: a deployed stack.
 */
const BASIS = z.enum(['template', 'model', 'measured']);
export type Basis = z.output<typeof BASIS>;

/** One question that was put to the runs, the rule that was set before, and the answer. */
const FINDING = saved({
  question: text,
  /** When it is supported, when refuted, when neither. */
  rule: text,
  basis: BASIS,
  /** Whether the claim stands or falls with it; the others are told beside it. */
  isDeciding: z.boolean(),
  verdict: CLAIM_VERDICT,
  /** With the figures that led to the verdict. */
  evidence: text,
  /** Messages, or whatever the question counts; null where nothing was counted. */
  samples: maybe,
});
export type Finding = Readonly<z.output<typeof FINDING>>;

/** A run that an experiment made, with a report of its own. */
const CLAIM_RUN = saved({
  name: text,
  /** What is different about it. */
  purpose: text,
  /** Relative to the directory of claims.json, and nothing that leads out of it. */
  directory: text.regex(/^runs\/\d\d-[\w-]+$/, 'not a directory of a run'),
  samples: amount,
  validity: verdict,
});
export type ClaimRun = Readonly<z.output<typeof CLAIM_RUN>>;

/** A second of a run that is shown. A second of a few hundred messages has no p99. */
const TIMELINE_SECOND = saved({
  second: amount,
  sent: amount,
  delivered: amount,
  duplicated: amount,
  p50: maybe,
  p90: maybe,
});
export type TimelineSecond = Readonly<z.output<typeof TIMELINE_SECOND>>;

/** A stretch of time in which something was done to the stage, in seconds since the start of measurement. */
const TIMELINE_MARK = saved({ label: text, fromSecond: amount, toSecond: amount });
export type TimelineMark = Readonly<z.output<typeof TIMELINE_MARK>>;

const TIMELINE = saved({
  title: text,
  marks: z.array(TIMELINE_MARK).readonly(),
  seconds: z.array(TIMELINE_SECOND).readonly(),
});
export type Timeline = Readonly<z.output<typeof TIMELINE>>;

/** A percentile in the seconds of the fault against the others, milliseconds. */
export interface Difference {
  readonly name: string;
  readonly controlMs: number;
  readonly faultedMs: number;
  /** Ends of the 95 % confidence interval of faulted less control. */
  readonly lowMs: number;
  readonly highMs: number;
}

/** How far an experiment came. */
const CLAIM_STATE = z.enum(['done', 'interrupted', 'failed', 'not possible']);
export type ClaimState = z.output<typeof CLAIM_STATE>;

/** What an experiment is, said before it is made. */
const EXPERIMENT = saved({
  id: z.enum(CLAIM_IDS),
  title: text,
  /** What the architecture is said to do. */
  claim: text,
  hypothesis: text,
  method: z.array(text).readonly(),
  /** What it would take to show more than this experiment can. */
  more: z.array(text).readonly(),
});
export type Experiment = Readonly<z.output<typeof EXPERIMENT>>;

const CLAIM = EXPERIMENT.extend({
  /** Name and value. */
  settings: z.array(z.tuple([text, text]).readonly()).readonly(),
  state: CLAIM_STATE,
  findings: z.array(FINDING).readonly(),
  verdict: CLAIM_VERDICT,
  /** The verdict's reason in a sentence. */
  sentence: text,
  runs: z.array(CLAIM_RUN).readonly(),
  timelines: z.array(TIMELINE).readonly(),
  /** What went wrong or could not be had, one sentence each. */
  problems: z.array(text).readonly(),
});
export type ClaimResult = Readonly<z.output<typeof CLAIM>>;

export const CLAIMS_RESULT = saved({
  schema: z.literal(1),
  kind: z.literal('claims'),
  id: text,
  /** ISO 8601 UTC. */
  startedAt: instant,
  endedAt: instant,
  /** True when it was interrupted, or failed, before every experiment that was asked for was made. */
  partial: z.boolean(),
  isQuick: z.boolean(),
  seed: amount,
  slos: z.array(text).readonly(),
  asked: z.array(z.enum(CLAIM_IDS)).readonly(),
  environment: RUN_RESULT.shape.environment,
  stage: RUN_RESULT.shape.stage.omit({ url: true, pipeline: true }),
  claims: z.array(CLAIM).readonly(),
});
export type ClaimsResult = Readonly<z.output<typeof CLAIMS_RESULT>>;

/** Downgrades findings that rest on a model to "not shown". */
export function finding(given: Finding): Finding {
  return given.basis === 'model' ? { ...given, verdict: 'not shown' } : given;
}

/** A claim is refuted by any deciding finding that is, and supported when all of them are; else it is not shown. */
export function verdictOf(findings: readonly Finding[]): ClaimVerdict {
  const deciding = findings.filter(({ isDeciding }) => isDeciding);
  if (deciding.some(({ verdict }) => verdict === 'refuted')) return 'refuted';
  const isShown = deciding.length > 0 && deciding.every(({ verdict }) => verdict === 'supported');
  return isShown ? 'supported' : 'not shown';
}

/** Why the verdict is what it is: the finding that decided it, or what kept it from being decided. */
export function sentenceOf(findings: readonly Finding[], state: ClaimState): string {
  const deciding = findings.filter(({ isDeciding }) => isDeciding);
  if (deciding.length === 0)
    return state === 'done' ? 'No question was answered.' : 'The experiment was not made.';
  const refuting = deciding.find(({ verdict }) => verdict === 'refuted');
  if (refuting !== undefined) return refuting.evidence;
  const open = deciding.filter(({ verdict }) => verdict === 'not shown');
  if (open.length === 0)
    return deciding.length === 1
      ? 'The deciding question is answered in its favour.'
      : `All ${deciding.length} deciding questions are answered in its favour.`;
  const shown = deciding.length - open.length;
  const rest = open.every(({ basis }) => basis === 'model')
    ? 'only a deployed stack can show the rest'
    : 'the rest lacks evidence';
  return `${shown} of ${deciding.length} deciding questions are answered in its favour; ${rest}.`;
}

/** In words, the 95 % bound on the share of an event that was not seen in n trials: see ordering-bound.ts. */
export function boundText(samples: number): string {
  return samples === 0 ? 'no bound' : `fewer than 3 in ${samples} at 95 %`;
}
