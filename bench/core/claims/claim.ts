/**
 * ClaimsResult: what the five claims of the architecture came to, as plain versioned data (claims.json). Reports and other
 * people's scripts read it and nothing else. Changes are additions, or the schema number moves. Times are milliseconds unless
 * a name says otherwise.
 *
 * A claim is judged by findings, and every finding says what it rests on. A model can't show what AWS does, so a finding that
 * rests on one is never more than "not shown", whatever its figures are; they are told as evidence.
 */
import type { RunResult, ValidityVerdict } from '../result.ts';

/** The claims, in the order in which they were made. */
export const CLAIM_IDS = ['low-latency', 'decoupled', 'fault-tolerant', 'asynchronous', 'ordered'] as const;
export type ClaimId = (typeof CLAIM_IDS)[number];

export const CLAIM_VERDICTS = ['supported', 'refuted', 'not shown'] as const;
export type ClaimVerdict = (typeof CLAIM_VERDICTS)[number];

/**
 * What a finding rests on. `template`: code and settings of the template, executed on a stage that follows AWS's documented
 * rules. `model`: latencies, order or back-off that the local stage assumes. `measured`: a deployed stack.
 */
export const BASES = ['template', 'model', 'measured'] as const;
export type Basis = (typeof BASES)[number];

/** One question that was put to the runs, the rule that was set before, and the answer. */
export interface Finding {
  readonly question: string;
  /** When it is supported, when refuted, when neither. */
  readonly rule: string;
  readonly basis: Basis;
  /** Whether the claim stands or falls with it; the others are told beside it. */
  readonly isDeciding: boolean;
  readonly verdict: ClaimVerdict;
  /** With the figures that led to the verdict. */
  readonly evidence: string;
  /** Messages, or whatever the question counts; null where nothing was counted. */
  readonly samples: number | null;
}

/** A run that an experiment made, with a report of its own. */
export interface ClaimRun {
  readonly name: string;
  /** What is different about it. */
  readonly purpose: string;
  /** Relative to the directory of claims.json. */
  readonly directory: string;
  readonly samples: number;
  readonly validity: ValidityVerdict;
}

/** A second of a run that is shown. */
export interface TimelineSecond {
  readonly second: number;
  readonly sent: number;
  readonly delivered: number;
  readonly duplicated: number;
  readonly p50: number | null;
  /** A second of a few hundred messages has no p99. */
  readonly p90: number | null;
}

/** A stretch of time in which something was done to the stage, in seconds since the start of measurement. */
export interface TimelineMark {
  readonly label: string;
  readonly fromSecond: number;
  readonly toSecond: number;
}

export interface Timeline {
  readonly title: string;
  readonly marks: readonly TimelineMark[];
  readonly seconds: readonly TimelineSecond[];
}

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
export const CLAIM_STATES = ['done', 'interrupted', 'failed', 'not possible'] as const;
export type ClaimState = (typeof CLAIM_STATES)[number];

/** What an experiment is, said before it is made. */
export interface Experiment {
  readonly id: ClaimId;
  readonly title: string;
  /** What the architecture is said to do. */
  readonly claim: string;
  readonly hypothesis: string;
  readonly method: readonly string[];
  /** What it would take to show more than this experiment can. */
  readonly more: readonly string[];
}

export interface ClaimResult extends Experiment {
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly state: ClaimState;
  readonly findings: readonly Finding[];
  readonly verdict: ClaimVerdict;
  /** The verdict's reason in a sentence. */
  readonly sentence: string;
  readonly runs: readonly ClaimRun[];
  readonly timelines: readonly Timeline[];
  /** What went wrong or could not be had, one sentence each. */
  readonly problems: readonly string[];
}

export interface ClaimsResult {
  readonly schema: 1;
  readonly kind: 'claims';
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** True when it was interrupted, or failed, before every experiment that was asked for was made. */
  readonly partial: boolean;
  readonly isQuick: boolean;
  readonly seed: number;
  readonly slos: readonly string[];
  readonly asked: readonly ClaimId[];
  readonly environment: RunResult['environment'];
  readonly stage: Pick<
    RunResult['stage'],
    'kind' | 'name' | 'region' | 'stackId' | 'profile' | 'parameters' | 'notes'
  >;
  readonly claims: readonly ClaimResult[];
}

/** A finding of which a model's part is set right: it can show nothing. */
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
