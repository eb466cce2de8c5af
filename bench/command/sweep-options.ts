/**
 * What a sweep was asked: a plan as for a run, the settings that vary, how often, where, and what is wanted of it. Every
 * problem of the plan, of each cell's plan and of the sweep itself is told at once, before anything starts.
 */

import { absence } from '../judge/absent-goals.ts';
import { emptyFigures } from '../judge/summary.ts';
import { cellsOf, gridSize, MAX_CELLS } from '../judge/sweep/grid.ts';
import { isKnownPath, parseThreshold } from '../judge/threshold.ts';
import { attempted, ConfigurationError } from '../model/failure.ts';
import { PLAN_FIELDS, STACK_CONNECTS_PER_SECOND, undashed } from '../model/plan.ts';
import { settingsThat } from '../model/plan-settings.ts';
import { isStackStage, STACK_NAME } from '../model/stage-name.ts';
import type { SweepCell, SweepDefinition, SweepPlace, Variation } from '../model/sweep.ts';
import { type ParsedPlan, type PlanInput, parsePlan, readPlanFile } from '../node/plan-file.ts';
import {
  DOLLARS,
  flag,
  type Given,
  list,
  oneOf,
  output,
  PRICES_FLAG,
  TEXT,
  type Values,
  wholeFrom,
} from './flags.ts';
import { planPath } from './plan-path.ts';
import { metricsProblems, RUN_FLAGS } from './run-options.ts';
import { gridParameterProblems } from './sweep-parameters.ts';

/** Stacks at a time: as many change sets as an account takes without throttling, and shards within its default quota. */
const MAX_PARALLEL = 8;

/** More repeats than that narrow no interval that is worth the time. */
const REPEATS = wholeFrom(1, 100);
const DEFAULT_REPEATS = '2';

const ORDER_SEED = wholeFrom(0, 2 ** 32 - 1);
const DEFAULT_ORDER_SEED = '1';

export const SWEEP_FLAGS = {
  vary: list('Key=a,b,c: a template parameter or a setting of the plan (ShardCount, rate, payload-bytes …)'),
  repeats: flag(
    REPEATS,
    `runs of each cell (default ${DEFAULT_REPEATS}); without repeats there is no telling chance from effect`,
  ),
  goal: list("what the recommended setting must meet in every repeat, such as 'latency.response.p99 < 250'"),
  orderSeed: flag(ORDER_SEED, `seed of the order of runs (default ${DEFAULT_ORDER_SEED})`),
  on: flag(
    oneOf(['local', 'aws']),
    'local (a fresh local stage for each run, the default) or aws (stacks of its own, named after --name)',
  ),
  parallel: flag(
    wholeFrom(1, MAX_PARALLEL),
    'stacks at a time with --on aws (default 1); one run drives at a time all the same',
  ),
  resume: flag(TEXT, 'directory of a sweep to go on with'),
  metrics: RUN_FLAGS.metrics,
  calibration: RUN_FLAGS.calibration,
  ...PRICES_FLAG,
  maxCost: flag(DOLLARS, 'a sweep on AWS that is estimated to cost more does not begin'),
  ...output(
    'sweep.json',
    'directory of the sweep (default reports/runs/TIME-NAME-sweep-ID); one that holds this sweep is gone on with',
  ),
};

type SweepFlags = Values<typeof SWEEP_FLAGS>;

/** How a sweep is made; none of it changes what is measured. */
export interface SweepOptions {
  readonly parallel: number;
  readonly maxCostUsd: number | null;
  readonly isWithMetrics: boolean;
  readonly isCalibrated: boolean;
  readonly pricesPath: string | null;
}

export interface ParsedSweep {
  readonly definition: SweepDefinition;
  /** Without runs. */
  readonly cells: readonly SweepCell[];
  readonly headers: ParsedPlan['headers'];
  readonly query: string;
  readonly options: SweepOptions;
}

/** Settings that name what is measured rather than how hard; a sweep over them compares nothing. */
const NOT_VARIED = settingsThat(({ isFixed }) => isFixed);

/** What a plan file may say of a sweep, besides what it says of a run. */
const OWN_FIELDS = ['vary', 'repeats', 'goal', 'orderSeed'];

/** The sweep. Throws a {@link ConfigurationError} with every problem. */
export function parseSweep(
  plan: string,
  { settings, flags, problems: found }: Given<typeof SWEEP_FLAGS>,
): ParsedSweep {
  const file = readPlanFile(planPath(plan));
  const problems = [...found];
  const vary = variations(flags.vary ?? listOf(file.vary), problems);
  const goals = flags.goal ?? textsOf(file.goal);
  problems.push(
    ...goalProblems(goals),
    ...metricsProblems('goal', goals, flags.metrics),
    ...sizeProblems(vary),
  );
  const place = placeOf(
    flags,
    { ...(file.stage === undefined ? {} : { stage: file.stage }), ...settings },
    problems,
  );
  const bare = {
    // Its plans name no stack yet, and are driven on some.
    ...(place === 'aws' ? { connectRate: STACK_CONNECTS_PER_SECOND } : {}),
    ...Object.fromEntries(Object.entries(file).filter(([name]) => !OWN_FIELDS.includes(name))),
  };
  const base = attempted(() => parsePlan(withoutVaried(bare, vary), settings), problems);
  const usable = gridSize(vary) <= MAX_CELLS ? vary : [];
  const cells = base === null ? [] : plannedCells({ file: bare, settings, vary: usable }, problems);
  problems.push(...twinProblems(usable, cells), ...absenceProblems(goals, cells, place === 'url'));
  if (place !== 'url') problems.push(...gridParameterProblems(base?.plan.template ?? null, cells));
  else problems.push(...urlProblems(vary));
  const definition = {
    name: base?.plan.name ?? '',
    plan: base?.plan as ParsedPlan['plan'],
    place,
    stackPrefix: place === 'aws' ? (base?.plan.name ?? null) : null,
    vary,
    repeats: numberOf('repeats', flags.repeats, [REPEATS, file.repeats ?? DEFAULT_REPEATS], problems),
    orderSeed: numberOf(
      'order-seed',
      flags.orderSeed,
      [ORDER_SEED, file.orderSeed ?? DEFAULT_ORDER_SEED],
      problems,
    ),
    goals,
  };
  const unique = [...new Set(problems)];
  if (base === null || unique.length > 0) throw new ConfigurationError(unique);
  return { definition, cells, headers: base.headers, query: base.query, options: sweepOptions(flags) };
}

/** The options alone. */
export function sweepOptions({ parallel, maxCost, metrics, calibration, prices }: SweepFlags): SweepOptions {
  return {
    parallel: parallel ?? 1,
    maxCostUsd: maxCost,
    isWithMetrics: metrics,
    isCalibrated: calibration,
    pricesPath: prices,
  };
}

/** What a flag says, or else the plan file, or else the default. */
function numberOf(
  name: string,
  given: number | null,
  [schema, inFile]: readonly [typeof REPEATS, unknown],
  problems: string[],
): number {
  if (given !== null) return given;
  const parsed = schema.safeParse(String(inFile));
  if (!parsed.success) problems.push(...parsed.error.issues.map(({ message }) => `${name}: ${message}`));
  return parsed.data ?? 1;
}

/** A plan file has a map of lists, the command line `Key=a,b,c`. */
function listOf(vary: unknown): readonly string[] {
  if (vary === undefined) return [];
  if (Array.isArray(vary)) return vary.map(String);
  if (typeof vary !== 'object' || vary === null) return [String(vary)];
  return Object.entries(vary).map(
    ([name, values]) => `${name}=${Array.isArray(values) ? values.join(',') : String(values)}`,
  );
}

function textsOf(value: unknown): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function variations(texts: readonly string[], problems: string[]): Variation[] {
  if (texts.length === 0)
    problems.push('vary: name what varies, such as --vary ShardCount=1,2,4 or --vary rate=200,400');
  const seen = new Set<string>();
  return texts.flatMap((text) => {
    const [, given, list = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
    const values = list.split(',').map((value) => value.trim());
    const field = given === undefined ? undefined : undashed(given.trim());
    const name = field !== undefined && PLAN_FIELDS.includes(field) ? field : (given ?? '').trim();
    const problem = variationProblem(text, name, values, seen);
    seen.add(name);
    if (problem === null) return [{ name, kind: PLAN_FIELDS.includes(name) ? 'plan' : 'parameter', values }];
    problems.push(`vary: ${problem}`);
    return [];
  });
}

function variationProblem(
  text: string,
  name: string,
  values: readonly string[],
  seen: Set<string>,
): string | null {
  if (name === '' || values.includes('')) return `'${text}' is not Key=a,b,c`;
  if (seen.has(name)) return `${name} is given twice; give all its values at once`;
  if (new Set(values).size < values.length) return `${name} has a value twice: ${values.join(', ')}`;
  if (NOT_VARIED.has(name)) return `${name} is the same for all cells of a sweep`;
  return null;
}

function goalProblems(goals: readonly string[]): string[] {
  const example = emptyFigures();
  return goals.flatMap((goal) => {
    const parsed = parseThreshold(goal);
    if (typeof parsed === 'string') return [`goal: ${parsed}`];
    return isKnownPath(parsed.path, example)
      ? []
      : [`goal: '${goal}' names nothing that result.json has; bench/README.md lists what it has`];
  });
}

/** Goals that no run of some cell could have a value for: the cell could not hold, whatever the stage does. */
function absenceProblems(goals: readonly string[], cells: readonly SweepCell[], isUrl: boolean): string[] {
  return goals.flatMap((goal) => {
    for (const { id, plan } of cells) {
      const why = absence(goal, plan, isUrl);
      if (why !== null) return [`goal: '${goal}' would be absent in cell ${id}: ${why}`];
    }
    return [];
  });
}

/** Values of a setting that are written differently and mean the same: cells that differ in nothing else have equal plans. */
function twinProblems(vary: readonly Variation[], cells: readonly SweepCell[]): string[] {
  return vary.flatMap(({ name, kind }) => {
    if (kind === 'parameter') return [];
    const first = new Map<string, string>();
    const twins = new Set<string>();
    for (const { settings, plan } of cells) {
      const { [name]: value = '', ...others } = settings;
      const key = JSON.stringify([others, plan]);
      const same = first.get(key);
      if (same === undefined) first.set(key, value);
      else twins.add(`vary: ${name} has a value twice: ${same} and ${value} are the same`);
    }
    return [...twins];
  });
}

function sizeProblems(vary: readonly Variation[]): string[] {
  const size = gridSize(vary);
  if (size <= MAX_CELLS) return [];
  const sizes = vary.map(({ name, values }) => `${name} has ${values.length}`);
  return [
    `vary: the grid has ${size} cells (${sizes.join(', ')}) and may have ${MAX_CELLS}; vary fewer values, or make several sweeps`,
  ];
}

function placeOf(
  { on, maxCost, parallel }: SweepFlags,
  { stage = 'local', name }: PlanInput,
  problems: string[],
): SweepPlace {
  if (on === 'aws') {
    if (stage !== 'local') problems.push('stage: a sweep on AWS makes stacks of its own; leave it out');
    if (name === undefined)
      problems.push('name: say how the stacks are to be named, such as --name demo for demo-1 and so on');
    else if (!STACK_NAME.test(`${String(name)}-1`))
      problems.push(
        `name: '${String(name)}' can't begin the name of a stack: use letters, digits and dashes, beginning with a letter`,
      );
    return 'aws';
  }
  for (const [flag, value] of Object.entries({ 'max-cost': maxCost, parallel }))
    if (value !== null) problems.push(`${flag}: only a sweep with --on aws has stacks`);
  if (stage === 'local') return 'local';
  if (isStackStage({ stage: String(stage) }))
    problems.push('stage: a sweep changes its stacks, so it makes its own; say --on aws --name NAME');
  return 'url';
}

function urlProblems(vary: readonly Variation[]): string[] {
  return vary
    .filter(({ kind }) => kind === 'parameter')
    .map(
      ({ name }) => `vary: ${name} is no setting of a plan, and a stage given by its URL has no parameters`,
    );
}

/** The base plan must not fail for what each cell sets. */
function withoutVaried(file: PlanInput, vary: readonly Variation[]): PlanInput {
  const names = vary.map(({ name }) => name);
  return Object.fromEntries(Object.entries(file).filter(([name]) => !names.includes(name)));
}

interface Varying {
  readonly file: PlanInput;
  readonly settings: PlanInput;
  readonly vary: readonly Variation[];
}

/** The cells with their plans. A varied setting takes the place of the plan's own. */
function plannedCells({ file, settings, vary }: Varying, problems: string[]): SweepCell[] {
  const isPlan = (name: string) => vary.some((one) => one.name === name && one.kind === 'plan');
  const own = Object.fromEntries(Object.entries(settings).filter(([name]) => !isPlan(name)));
  return cellsOf(vary).flatMap(({ id, settings: cell }) => {
    const load = Object.fromEntries(Object.entries(cell).filter(([name]) => isPlan(name)));
    const parsed = attempted(() => parsePlan(file, { ...own, ...load }), problems);
    if (parsed === null) return [];
    const parameters = Object.entries(cell).filter(([name]) => !isPlan(name));
    const plan = {
      ...parsed.plan,
      parameters: { ...parsed.plan.parameters, ...Object.fromEntries(parameters) },
    };
    return [{ id, settings: cell, plan, runs: [] }];
  });
}
