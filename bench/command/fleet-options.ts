/** What `bench fleet run` was asked beyond its plan, checked together with it: every problem at once. */

import { ENGINES, type EngineName } from '../fleet/engine.ts';
import { parseFleetPlan } from '../fleet/fleet-plan-file.ts';
import { travelProblems } from '../fleet/plan-identity.ts';
import { parseDollars, parseDuration } from '../model/duration.ts';
import { ConfigurationError } from '../model/failure.ts';
import { isStackStage } from '../model/stage-name.ts';
import type { ParsedPlan, PlanInput } from '../node/plan-file.ts';
import { MAX_WORKERS } from './worker-options.ts';

/** As the command line has them. */
export interface FleetArguments {
  /** Settings of the plan file, and those that the flags say. */
  readonly file: PlanInput;
  readonly settings: PlanInput;
  readonly engine: string | undefined;
  readonly engineArguments: readonly string[];
  readonly workers: string | undefined;
  readonly store: string | undefined;
  /** How long to wait for workers to come. */
  readonly patience: string;
  /** False with --no-metrics. */
  readonly metrics: boolean;
  /** A duration. */
  readonly metricsWait: string | undefined;
  /** US dollars; left out for no limit. */
  readonly maxCost?: string | undefined;
  readonly out: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

export interface FleetOptions extends ParsedPlan {
  readonly engine: EngineName;
  readonly workers: number;
  readonly store: string;
  readonly patienceMs: number;
  readonly isWithMetrics: boolean;
  /** From the end of the run to the first reading of a stack's metrics; null is what experience says. */
  readonly metricsWaitMs: number | null;
  readonly maxCostUsd: number | null;
}

/** An hour: by then CloudWatch has published what it will publish. */
const MAX_METRICS_WAIT_MS = 3_600_000;

/** The options and the plan. Throws {@link ConfigurationError}. */
export function parseFleet(given: FleetArguments): FleetOptions {
  const problems: string[] = [];
  const engine = ENGINES.find((name) => name === given.engine);
  if (engine === undefined) problems.push(`engine: must be one of ${ENGINES.join(', ')}`);
  const workers = /^\d{1,5}$/.test(given.workers ?? '') ? Number(given.workers) : 0;
  if (workers < 1 || workers > MAX_WORKERS)
    problems.push(`workers: must be a number from 1 to ${MAX_WORKERS}`);
  if (given.store === undefined)
    problems.push('store: say where plan and partials go: file:///shared/directory or s3://bucket/prefix');
  const patienceMs = parseDuration(given.patience);
  if (patienceMs === null) problems.push(`patience: '${given.patience}' is not a duration such as 10m`);
  const metricsWaitMs = given.metricsWait === undefined ? null : parseDuration(given.metricsWait);
  const parsed = planOf(given, problems);
  problems.push(...metricsProblems(given, metricsWaitMs, parsed));
  const maxCostUsd = given.maxCost === undefined ? null : parseDollars(given.maxCost);
  problems.push(...costProblems(given, maxCostUsd, parsed));
  if (parsed !== null && workers > 0) problems.push(...travelProblems(parsed.plan, workers));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  return {
    ...{ ...parsed, engine: engine!, workers, store: given.store!, patienceMs: patienceMs! },
    ...{ isWithMetrics: given.metrics, metricsWaitMs, maxCostUsd },
  };
}

function metricsProblems(
  { metrics, metricsWait }: FleetArguments,
  waitMs: number | null,
  parsed: ParsedPlan | null,
): string[] {
  const problems: string[] = [];
  if (metricsWait !== undefined && (waitMs === null || waitMs > MAX_METRICS_WAIT_MS))
    problems.push(`metrics-wait: '${metricsWait}' is not a duration up to 60m, such as 180s`);
  if (metricsWait !== undefined && parsed !== null && !isStackStage(parsed.plan))
    problems.push('metrics-wait: only the metrics of a stack come late; a URL has none');
  const isJudged = parsed?.plan.thresholds.some((expression) =>
    expression.trimStart().startsWith('metrics.'),
  );
  if (!metrics && isJudged === true)
    problems.push('threshold: with --no-metrics there are no metrics to judge');
  return problems;
}

function costProblems(
  { maxCost, engine }: FleetArguments,
  usd: number | null,
  parsed: ParsedPlan | null,
): string[] {
  if (maxCost === undefined) return [];
  if (usd === null) return [`max-cost: '${maxCost}' is not an amount of US dollars, such as 0.50`];
  const isPriced = engine === 'aws-batch' || (parsed !== null && isStackStage(parsed.plan));
  return isPriced
    ? []
    : [`max-cost: neither the machines of ${engine} nor a stage given by its URL have a price`];
}

function planOf({ file, settings }: FleetArguments, problems: string[]): ParsedPlan | null {
  try {
    return parseFleetPlan(file, settings, process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}
