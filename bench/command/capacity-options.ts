/**
 * What a capacity search was asked: the SLOs, the rates, how precise and how long. The plan says what is driven, as for a
 * run; its rate and duration are the search's. Every problem of plan and search is told at once.
 */

import { absence } from '../judge/absent-goals.ts';
import { parseDuration } from '../model/duration.ts';
import { ConfigurationError, renamed } from '../model/failure.ts';
import { probeTookMs, samplesFor } from '../model/probe-plan.ts';
import { MAX_DURATION_MS, MAX_RATE_PER_SECOND } from '../model/setting.ts';
import { isStackStage } from '../model/stage-name.ts';
import { type ParsedPlan, type PlanInput, parsePlan, readPlanFile } from '../node/plan-file.ts';
import {
  DOLLARS,
  durationFrom,
  flag,
  flagOr,
  type Given,
  list,
  output,
  PRICES_FLAG,
  rateUpTo,
  toggle,
  typed,
  type Values,
  wholeFrom,
} from './flags.ts';
import { planPath } from './plan-path.ts';
import { DEFAULT_PLAN, metricsProblems, RUN_FLAGS } from './run-options.ts';

/** In force where neither flag nor plan says otherwise: what people call real-time, and no loss. */
export const DEFAULT_SLOS = ['latency.response.p99 < 250', 'messages.lost == 0'];

/** Finer than 1 % the noise of two probes is wider than the gap; coarser than half, doubling alone answers. */
const PRECISION = typed('%', 'a share from 1% to 50%, such as 5%', (text) => {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent === '%' ? 100 : 1);
  return share >= 0.01 && share <= 0.5 ? share : null;
});

/** Each confirmation costs a probe: what ten don't settle, an eleventh won't. */
const MAX_CONFIRMATIONS = 10;

const PROBE_DURATION = typed(
  'duration',
  "'auto' or a duration of 1s or more, such as 20s",
  (text): number | 'auto' | null => {
    if (text === 'auto') return text;
    const ms = parseDuration(text);
    return ms !== null && ms >= 1000 && ms <= MAX_DURATION_MS ? ms : null;
  },
);

/** What a search is asked beside its plan. */
export const CAPACITY_FLAGS = {
  slo: list(
    `what has to hold, as a --threshold of run (default: the plan's, or '${DEFAULT_SLOS.join("' and '")}')`,
  ),
  minRate: flagOr('50', rateUpTo(MAX_RATE_PER_SECOND), 'lowest rate to try'),
  maxRate: flag(rateUpTo(MAX_RATE_PER_SECOND), 'highest rate to try (default: until it fails)'),
  precision: flagOr('5%', PRECISION, 'gap between what holds and what fails, 1% to 50%'),
  probeDuration: flagOr(
    'auto',
    PROBE_DURATION,
    "measured window of a probe; auto is what the SLOs' percentiles take, 10s or more",
  ),
  confirmations: flagOr('2', wholeFrom(0, MAX_CONFIRMATIONS), 'how often the rate found has to hold again'),
  budget: flagOr(
    '10m',
    durationFrom(0, MAX_DURATION_MS, 'a duration up to 24h, such as 10m'),
    'time for all probes',
  ),
  calibration: RUN_FLAGS.calibration,
  ...PRICES_FLAG,
  metrics: toggle(
    "read the stage's metrics; of a stack only where an SLO names one, for they come late",
    true,
  ),
  maxCost: flag(DOLLARS, 'a search on a stack that could cost more does not begin (needs --max-rate)'),
  ...output('capacity.json', 'new or empty directory (default reports/runs/TIME-NAME-capacity-ID)'),
};

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
}

/** Warm-up, the first rate, and its confirmation or second look. */
const LEAST_PROBES = 3;

/** Settings of a plan that the search decides itself; flags for them don't exist. */
const NOT_THE_PLANS = ['rate', 'duration', 'inFlight'];

/** The plan of the probes and the search. Throws {@link ConfigurationError} with every problem of either. */
export function parseCapacity({
  words,
  settings,
  flags,
  problems: found,
}: Given<typeof CAPACITY_FLAGS>): ParsedPlan & { readonly search: SearchOptions } {
  const problems = [...found];
  const { minRate, maxRate, probeDuration } = flags;
  const file = readPlanFile(planPath(words[0] ?? DEFAULT_PLAN));
  problems.push(...loadProblems(file, settings));
  const ours = Object.fromEntries(Object.entries(file).filter(([name]) => !NOT_THE_PLANS.includes(name)));
  const slos = flags.slo ?? slosIn(file);
  const asked = { ...settings, threshold: slos, rate: minRate };
  const parsed = renamed('threshold', 'slo', () => parsePlan(ours, asked), problems);
  const search = {
    minRatePerSecond: minRate,
    maxRatePerSecond: maxRate ?? MAX_RATE_PER_SECOND,
    precision: flags.precision,
    confirmations: flags.confirmations,
    budgetMs: flags.budget,
    probeDurationMs: probeDuration === 'auto' ? null : probeDuration,
    samples: samplesFor(slos),
  };
  if (minRate > search.maxRatePerSecond)
    problems.push(`max-rate: ${maxRate} is below the lowest rate, --min-rate ${minRate}`);
  problems.push(...lengthProblems(parsed, search, problems.length === 0), ...costProblems(parsed, flags));
  problems.push(...metricsProblems('slo', slos, flags.metrics), ...absenceProblems(parsed));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  return { ...parsed, search };
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
function costProblems(
  parsed: ParsedPlan | null,
  { maxCost, maxRate }: Values<typeof CAPACITY_FLAGS>,
): string[] {
  if (maxCost === null || parsed === null) return [];
  if (!isStackStage(parsed.plan)) return ['max-cost: only a search on a stack costs anything that is known'];
  return maxRate === null ? ['max-cost: what a search can cost is known only with --max-rate'] : [];
}
