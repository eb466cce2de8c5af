/**
 * What a capacity search was asked: the SLOs, the rates, how precise and how long. The plan says what is driven, as for a
 * run; its rate and duration are the search's. Every problem of plan and search is told at once.
 */

import { absence } from '../judge/absent-goals.ts';
import { parseDollars, parseDuration, parseRate } from '../model/duration.ts';
import { ConfigurationError } from '../model/failure.ts';
import { probeTookMs, samplesFor } from '../model/probe-plan.ts';
import { isStackStage } from '../model/stage-name.ts';
import { type ParsedPlan, type PlanInput, parsePlan, readPlanFile } from '../node/plan-file.ts';
import { pricesProblems } from './pricing.ts';

/** As the command line has them. */
export interface CapacityFlags {
  readonly slo: readonly string[] | undefined;
  readonly minRate: string | undefined;
  readonly maxRate: string | undefined;
  readonly precision: string | undefined;
  readonly probeDuration: string | undefined;
  readonly confirmations: string | undefined;
  readonly budget: string | undefined;
  readonly metrics: boolean;
  readonly maxCost: string | undefined;
  /** Path of another price table than the bundled one. */
  readonly prices: string | undefined;
  /** False with --no-calibration. */
  readonly calibration: boolean;
}

/** The search as it will be done, without its own clockwork. */
export interface SearchOptions {
  readonly minRatePerSecond: number;
  readonly maxRatePerSecond: number;
  readonly precision: number;
  readonly confirmations: number;
  readonly budgetMs: number;
  /** Null: as long as the SLOs' strictest percentile takes. */
  readonly probeDurationMs: number | null;
  /** Messages that every probe needs for the SLOs to be judged. */
  readonly samples: number;
  readonly isWithMetrics: boolean;
  readonly isCalibrated: boolean;
  readonly maxCostUsd: number | null;
  readonly pricesPath: string | undefined;
}

/** In force where neither flag nor plan says otherwise: what people call real-time, and no loss. */
export const DEFAULT_SLOS = ['latency.response.p99 < 250', 'messages.lost == 0'];

/** A plan allows no more. */
const MAX_RATE_PER_SECOND = 1_000_000;

const DEFAULTS = { minRate: '50', precision: '5%', probeDuration: 'auto', confirmations: '2', budget: '10m' };

/** Finer than this the noise of two probes is wider than the gap; coarser, doubling alone answers. */
const MIN_PRECISION = 0.01;
const MAX_PRECISION = 0.5;

/** Each costs a probe: what ten don't settle, an eleventh won't. */
const MAX_CONFIRMATIONS = 10;

const MIN_PROBE_MS = 1000;
const MAX_BUDGET_MS = 24 * 3_600_000;

/** Warm-up, the first rate, and its confirmation or second look. */
const LEAST_PROBES = 3;

/** Settings of a plan that the search decides itself; flags for them don't exist. */
const NOT_THE_PLANS = ['rate', 'duration', 'inFlight'];

/** The plan of the probes and the search. Throws {@link ConfigurationError} with every problem of either. */
export function parseCapacity(
  planPath: string,
  settings: PlanInput,
  flags: CapacityFlags,
): ParsedPlan & { readonly search: SearchOptions } {
  const problems: string[] = [];
  const search = searchOf(flags, problems);
  const file = readPlanFile(planPath);
  problems.push(...loadProblems(file, settings));
  const ours = Object.fromEntries(Object.entries(file).filter(([name]) => !NOT_THE_PLANS.includes(name)));
  const slos = flags.slo ?? slosIn(file);
  const parsed = planOf(ours, { ...settings, threshold: slos, rate: search.minRatePerSecond || 1 }, problems);
  const options = { ...search, samples: samplesFor(slos) };
  problems.push(...lengthProblems(parsed, options, problems.length === 0), ...costProblems(parsed, flags));
  problems.push(...metricsProblems(slos, flags), ...pricesProblems(flags.prices));
  problems.push(...absenceProblems(parsed));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  return { ...parsed, search: options };
}

/** SLOs that no probe could have a value for; the length of a probe follows from the percentiles. */
function absenceProblems(parsed: ParsedPlan | null): string[] {
  if (parsed === null) return [];
  const { plan } = parsed;
  const isUrl = plan.stage !== 'local' && !isStackStage(plan);
  return plan.thresholds.flatMap((slo) => {
    const why = absence(slo, { ...plan, durationMs: Number.MAX_SAFE_INTEGER }, isUrl);
    return why === null ? [] : [`slo: '${slo}' would be absent from every probe: ${why}`];
  });
}

/** A plan's thresholds are its SLOs. */
function slosIn({ threshold }: PlanInput): readonly string[] {
  if (typeof threshold === 'string') return [threshold];
  return Array.isArray(threshold) && threshold.length > 0 ? (threshold as string[]) : DEFAULT_SLOS;
}

function planOf(file: PlanInput, settings: PlanInput, problems: string[]): ParsedPlan | null {
  try {
    return parsePlan(file, settings);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems.map((problem) => problem.replace(/^threshold:/, 'slo:')));
    return null;
  }
}

function searchOf(flags: CapacityFlags, problems: string[]): Omit<SearchOptions, 'samples'> {
  const minRatePerSecond = rateOf('min-rate', flags.minRate ?? DEFAULTS.minRate, problems);
  const maxRatePerSecond = rateOf('max-rate', flags.maxRate ?? String(MAX_RATE_PER_SECOND), problems);
  if (minRatePerSecond > maxRatePerSecond)
    problems.push(`max-rate: ${maxRatePerSecond} is below the lowest rate, --min-rate ${minRatePerSecond}`);
  return {
    minRatePerSecond,
    maxRatePerSecond,
    precision: precisionOf(flags.precision ?? DEFAULTS.precision, problems),
    confirmations: confirmationsOf(flags.confirmations ?? DEFAULTS.confirmations, problems),
    budgetMs: budgetOf(flags.budget ?? DEFAULTS.budget, problems),
    probeDurationMs: probeDurationOf(flags.probeDuration ?? DEFAULTS.probeDuration, problems),
    isWithMetrics: flags.metrics,
    isCalibrated: flags.calibration,
    maxCostUsd: maxCostOf(flags.maxCost, problems),
    pricesPath: flags.prices,
  };
}

function rateOf(name: string, text: string, problems: string[]): number {
  const rate = parseRate(text);
  if (rate !== null && rate > 0 && rate <= MAX_RATE_PER_SECOND) return rate;
  problems.push(`${name}: '${text}' is not a rate above 0 and at most ${MAX_RATE_PER_SECOND}, such as 500`);
  return 0;
}

function precisionOf(text: string, problems: string[]): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (share >= MIN_PRECISION && share <= MAX_PRECISION) return share;
  problems.push(`precision: '${text}' is not a share from 1% to 50%, such as 5%`);
  return MAX_PRECISION;
}

function confirmationsOf(text: string, problems: string[]): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count <= MAX_CONFIRMATIONS) return count;
  problems.push(`confirmations: '${text}' is not a whole number from 0 to ${MAX_CONFIRMATIONS}`);
  return 0;
}

function budgetOf(text: string, problems: string[]): number {
  const budgetMs = parseDuration(text);
  if (budgetMs !== null && budgetMs <= MAX_BUDGET_MS) return budgetMs;
  problems.push(`budget: '${text}' is not a duration up to 24h, such as 10m`);
  return MAX_BUDGET_MS;
}

function probeDurationOf(text: string, problems: string[]): number | null {
  if (text === 'auto') return null;
  const durationMs = parseDuration(text);
  if (durationMs !== null && durationMs >= MIN_PROBE_MS && durationMs <= MAX_BUDGET_MS) return durationMs;
  problems.push(`probe-duration: '${text}' is neither 'auto' nor a duration of 1s or more, such as 20s`);
  return null;
}

function maxCostOf(text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  const dollars = parseDollars(text);
  if (dollars !== null) return dollars;
  problems.push(`max-cost: '${text}' is not an amount of US dollars, such as 0.50`);
  return null;
}

/** A closed loop has no rate to search, and a ramp has many. */
function loadProblems(file: PlanInput, settings: PlanInput): string[] {
  const problems: string[] = [];
  if (file.inFlight !== undefined)
    problems.push(
      'inFlight: a capacity search sets the rate, and a closed loop has none; use a plan without it',
    );
  if ((settings.arrival ?? file.arrival) === 'ramp')
    problems.push('arrival: a ramp has no one rate to judge; use constant or poisson');
  return problems;
}

function lengthProblems(parsed: ParsedPlan | null, search: SearchOptions, areRatesKnown: boolean): string[] {
  if (parsed === null || !areRatesKnown) return [];
  const { minRatePerSecond: ratePerSecond, probeDurationMs: fixedMs, samples, budgetMs } = search;
  const messages = (ratePerSecond * (fixedMs ?? 0)) / 1000;
  if (fixedMs !== null && messages < samples)
    return [
      `probe-duration: ${fixedMs / 1000} s at ${ratePerSecond}/s are ${Math.floor(messages)} messages, and the SLOs' strictest percentile takes ${samples}; probe longer, or raise --min-rate`,
    ];
  const tookMs = probeTookMs(parsed.plan, { ratePerSecond, samples, fixedMs });
  if (tookMs * LEAST_PROBES <= budgetMs) return [];
  return [
    `budget: a probe at ${ratePerSecond}/s takes about ${Math.ceil(tookMs / 1000)} s and a search at least ${LEAST_PROBES} of them; allow more than ${budgetMs / 1000} s, or raise --min-rate`,
  ];
}

/** The most that a search can cost is its highest rate for its whole time. */
function costProblems(parsed: ParsedPlan | null, { maxCost, maxRate }: CapacityFlags): string[] {
  if (maxCost === undefined || parsed === null) return [];
  if (!isStackStage(parsed.plan)) return ['max-cost: only a search on a stack costs anything that is known'];
  return maxRate === undefined ? ['max-cost: what a search can cost is known only with --max-rate'] : [];
}

function metricsProblems(slos: readonly string[], { metrics }: CapacityFlags): string[] {
  const isAsked = slos.some((slo) => slo.trimStart().startsWith('metrics.'));
  return isAsked && !metrics ? ['slo: with --no-metrics there are no metrics to judge'] : [];
}
