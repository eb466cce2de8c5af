/** What `bench run` was asked for: its flags beside the plan's settings, and the plan, with the problems of both at once. */
import { attempted, ConfigurationError } from '../model/failure.ts';
import { isStackStage } from '../model/stage-name.ts';
import { type ParsedPlan, parsePlan, readPlanFile } from '../node/plan-file.ts';
import {
  DOLLARS,
  flag,
  type Given,
  METRICS_WAIT,
  output,
  PRICES_FLAG,
  toggle,
  type Values,
} from './flags.ts';
import { planPath } from './plan-path.ts';

/** How a run is made; none of it changes what is driven, so it is no part of the plan. */
export const RUN_FLAGS = {
  metrics: toggle("read the stage's metrics; --no-metrics leaves them out", true),
  metricsWait: flag(
    METRICS_WAIT,
    'how long after its last minute the metrics of a run on AWS are read (default 180s)',
  ),
  calibration: toggle(
    'measure what the driver can do here first, about 2 s; --no-calibration leaves it out',
    true,
  ),
  maxCost: flag(DOLLARS, 'a run on a stack that is estimated to cost more does not begin'),
  ...PRICES_FLAG,
  ...output(
    'result.json',
    'run directory (default reports/runs/TIME-NAME-ID); one that holds something, or that another command is writing, is refused',
  ),
};

/** Plan of a run where none is named. */
export const DEFAULT_PLAN = 'quick';

/** The plan. Throws {@link ConfigurationError} with every problem of plan and flags. */
export function parseRun({ words, settings, flags, problems: found }: Given<typeof RUN_FLAGS>): ParsedPlan {
  const problems = [...found];
  const file = () => readPlanFile(planPath(words[0] ?? DEFAULT_PLAN));
  const parsed = attempted(() => parsePlan(file(), settings), problems);
  if (parsed !== null) problems.push(...optionProblems(parsed, flags));
  if (parsed === null || problems.length > 0) throw new ConfigurationError(problems);
  return parsed;
}

type Options = Pick<Values<typeof RUN_FLAGS>, 'metrics' | 'metricsWait' | 'maxCost'>;

function optionProblems(parsed: ParsedPlan, { metrics, metricsWait, maxCost }: Options): string[] {
  const problems = metricsProblems('threshold', parsed.plan.thresholds, metrics);
  if (isStackStage(parsed.plan)) return problems;
  if (metricsWait !== null)
    problems.push(
      "metrics-wait: only the metrics of a stack come late; this stage's are there at once, or never",
    );
  if (maxCost !== null) problems.push('max-cost: only a run against a stack costs anything that is known');
  return problems;
}

/** Whether an expression needs the stage's metrics. */
export function isOfMetrics(expression: string): boolean {
  return expression.trimStart().startsWith('metrics.');
}

/** Expressions of metrics that are not read. */
export function metricsProblems(flag: string, expressions: readonly string[], metrics: boolean): string[] {
  return !metrics && expressions.some(isOfMetrics)
    ? [`${flag}: with --no-metrics there are no metrics to judge`]
    : [];
}
