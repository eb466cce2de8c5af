/**
 * Faults in words, the same in every format: what was done where, from when to when, what it struck, and how long the
 * pipeline took to be as before. What is not known is said with its reason, never shown as an empty cell.
 */
import {
  decidesMessages,
  type Fault,
  type FaultAction,
  type FaultCounts,
  type FaultPlan,
  type FaultSite,
} from '../../bench/model/fault.ts';
import type { FaultOutcome, FaultRecovery, RunResult } from '../../bench/model/result.ts';
import { counted, durationText, msText, ratioText } from '../figures.ts';

/** What a reader must know before any figure of a run with faults; null of a run in which none began. */
export function faultBanner({ faults, plan }: Pick<RunResult, 'faults' | 'plan'>): string | null {
  const begun = (faults ?? []).filter(({ fromMs }) => fromMs !== null).length;
  const planned = plan.faults?.faults.length ?? 0;
  if (begun > 0)
    return `Faults were injected (${begun}): the figures are those of a faulty stage, not of a healthy one.`;
  return planned > 0 ? 'Faults were planned, but none began before the run ended.' : null;
}

/** The mark of a fault on charts and in tables, by its place among the run's faults. */
export function faultMark(index: number): string {
  return `F${index + 1}`;
}

/** What a fault does to what, and to how much of it. */
export function faultText(fault: Fault): string {
  if (fault.where === 'gateway') return `${whatHappens(fault)}; what waits then goes at once, in order`;
  return `${whatHappens(fault)} (${[howMany(fault), ...limits(fault)].join(', ')})`;
}

/** A plan of faults in one line, each with the time it was to be at work. */
export function faultPlanText({ faults }: FaultPlan): string {
  if (faults.length === 0) return 'no faults';
  return faults.map((fault) => `${faultText(fault)}, ${plannedSpan(fault)}`).join('; ');
}

function plannedSpan({ atMs, forMs }: Fault): string {
  if (forMs === null) return atMs === 0 ? 'throughout' : `from ${secondsText(atMs)} on`;
  return `${secondsText(atMs)} to ${secondsText(atMs + forMs)}`;
}

const SUBJECTS: Readonly<Record<FaultSite, string>> = {
  ingest: 'messages on their way into the stream',
  delivery: 'answers on their way to the client',
  shard: 'puts into the stream',
  function: 'invocations',
  callback: 'posts to connections',
  connection: 'connections',
  gateway: 'the gateway',
};

function whatHappens(fault: Fault): string {
  return `${SUBJECTS[fault.where]} ${VERBS[fault.do](fault)}`;
}

const VERBS: Readonly<Record<FaultAction, (fault: Fault) => string>> = {
  drop: () => 'are dropped',
  duplicate: () => 'are doubled',
  delay: ({ delayMs }) => `are held up by ${durationText(delayMs)}`,
  reorder: ({ delayMs }) => `are held back until overtaken, ${durationText(delayMs)} at most`,
  throttle: () => 'are refused as above the throughput',
  error: (fault) => (fault.where === 'callback' ? `are answered with HTTP ${fault.status}` : failure(fault)),
  slow: ({ delayMs }) => `take ${durationText(delayMs)} longer`,
  crash: () => 'end with their process',
  timeout: () => 'run into their time limit',
  kill: () => 'are reset',
  'half-open': () => 'stay open and carry nothing',
  stall: () => 'takes in and sends out nothing',
};

function failure({ when }: Fault): string {
  return when === 'before' ? 'fail before doing anything' : 'fail after their work is done';
}

function howMany({ ratio, ratePerSecond }: Fault): string {
  if (ratePerSecond !== null) return `${ratePerSecond} per second`;
  return ratio === 1 ? 'all of them' : `${ratioText(ratio)} of them`;
}

function limits({ functionId, shard }: Fault): string[] {
  return [
    ...(functionId === null ? [] : [`function ${functionId} only`]),
    ...(shard === null ? [] : [`shard ${shard} only`]),
  ];
}

/** When a fault was at work: "20 s to 30 s", "20 s to the end", "never: the run ended before". */
export function faultSpan({ fromMs, untilMs }: FaultOutcome): string {
  if (fromMs === null) return 'never: the run ended before';
  return `${secondsText(fromMs)} to ${untilMs === null ? 'the end' : secondsText(untilMs)}`;
}

function secondsText(ms: number): string {
  return `${Number((ms / 1000).toFixed(2))} s`;
}

const TOUCHED: Readonly<Record<FaultSite, readonly [one: string, many: string]>> = {
  ingest: ['message', 'messages'],
  delivery: ['answer', 'answers'],
  shard: ['put', 'puts'],
  function: ['invocation', 'invocations'],
  callback: ['post', 'posts'],
  connection: ['connection', 'connections'],
  gateway: ['frame held up', 'frames held up'],
};

/** What a fault struck, with its unit; "not counted" where nobody counted. */
export function touchedText({ fault, tally }: FaultOutcome): string {
  return tally === null ? 'not counted' : counted(tally.touched, ...TOUCHED[fault.where]);
}

/** What a fault by itself did to messages; null where that depends on what the stage made of it, or nobody counted. */
export function decidedTally({ fault, tally }: FaultOutcome): FaultCounts | null {
  // Earlier versions wrote 0 for what they did not know, so the fault is asked too.
  if (tally === null || !decidesMessages(fault)) return null;
  const { touched, lost, duplicated, reordered } = tally;
  if (lost === null || duplicated === null || reordered === null) return null;
  return { touched, lost, duplicated, reordered };
}

/** How the pipeline recovered, or why that can't be told. A sentence without its full stop. */
export function recoveryText({ fromMs, untilMs, recovery }: FaultOutcome): string {
  if (fromMs === null) return 'it never began';
  if (untilMs === null) return 'it lasted to the end of the run, so there was no recovery to see';
  if (recovery === null) return 'not known: too little was measured before or after it';
  return `${backlogText(recovery)}; ${tailText(recovery)}`;
}

function backlogText({ backlogMs }: FaultRecovery): string {
  if (backlogMs === null) return 'its backlog was still there at the end of the run';
  return backlogMs === 0
    ? 'it left no backlog'
    : `its backlog was gone ${durationText(backlogMs)} after its end`;
}

function tailText({ p99Ms, p99BeforeMs, ...recovery }: FaultRecovery): string {
  const percentile = recovery.percentile ?? 'p99';
  const before = `within 10 % of its earlier ${msText(p99BeforeMs)}`;
  if (p99Ms === null) return `${percentile} did not come back ${before}`;
  return p99Ms === 0
    ? `${percentile} was ${before} at once`
    : `${percentile} was ${before} again after ${durationText(p99Ms)}`;
}
