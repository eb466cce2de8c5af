/**
 * SweepResult: what a sweep did and found, as plain versioned data (sweep.json). It is saved after every run, so it is also
 * what an interrupted sweep goes on from; reports and other people's scripts read it and nothing else. Changes are
 * additions, or the schema number moves. Times are milliseconds and rates per second unless a name says otherwise.
 */
import { z } from 'zod';
import { PLAN } from './plan.ts';
import { PRICES_OF } from './prices-text.ts';
import { RUN_RESULT } from './result.ts';
import { amount, count, instant, maybe, saved, text, texts, verdict } from './saved.ts';

const VARIATION = saved({
  name: text,
  /** A parameter of the template, or a setting of the plan. */
  kind: z.enum(['parameter', 'plan']),
  values: z.array(text).min(1).readonly(),
});

/** A setting that is varied. */
export type Variation = Readonly<z.output<typeof VARIATION>>;

/** What makes a sweep this sweep: a resumed one must agree with it. */
const DEFINITION = saved({
  name: text,
  /** Without the varied settings. */
  plan: PLAN,
  /** On local stages, on stacks of its own, or on any server by its URL. */
  place: z.enum(['local', 'aws', 'url']),
  /** Beginning of the names of its stacks; null where it makes none. */
  stackPrefix: text.nullable(),
  vary: z.array(VARIATION).readonly(),
  repeats: z.int().positive(),
  orderSeed: amount,
  /** Expressions as of --threshold. */
  goals: z.array(text).readonly(),
});

export type SweepDefinition = Readonly<z.output<typeof DEFINITION>>;
export type SweepPlace = SweepDefinition['place'];

const PERCENTILES = saved({ p50: maybe, p90: maybe, p99: maybe });

export type Percentiles = Readonly<z.output<typeof PERCENTILES>>;

/** What a finished run came to. */
const FIGURES = PRICES_OF.partial().extend({
  verdict,
  response: PERCENTILES,
  service: PERCENTILES,
  offeredPerSecond: amount,
  deliveredPerSecond: amount,
  delivered: count,
  lost: count,
  lossRatio: amount,
  reordered: count,
  reorderedRatio: amount,
  /** US dollars at list prices; null where the stage has no prices. */
  costUsd: maybe,
  perMillionRoundTripsUsd: maybe,
  perMonthUsd: maybe,
  goals: RUN_RESULT.shape.thresholds,
});

export type SweepFigures = Readonly<z.output<typeof FIGURES>>;

/** `repeat` counts from 1. */
const RUN_BASE = { repeat: z.int().positive(), startedAt: instant, tookMs: amount };

const DONE_RUN = saved({
  ...RUN_BASE,
  status: z.literal('done'),
  /** The run's directory, relative to that of the sweep, and nothing that leads out of it. */
  directory: text.regex(/^cells\/[\w-][\w.-]*\/\d+$/, 'not a directory of a run'),
  figures: FIGURES,
});

const SWEEP_RUN = z.discriminatedUnion('status', [
  DONE_RUN,
  saved({ ...RUN_BASE, status: z.literal('failed'), error: text }),
]);

/** One run of a cell, done or failed. What is not in the list was not made, or was cut and is to be made again. */
export type SweepRun = Readonly<z.output<typeof SWEEP_RUN>>;
export type DoneRun = Readonly<z.output<typeof DONE_RUN>>;

const CELL = saved({
  /** Its directory's name below `cells/`. */
  id: text.regex(/^[\w-][\w.-]*$/),
  /** The varied settings by name, in the order of the grid. */
  settings: texts,
  plan: PLAN,
  runs: z.array(SWEEP_RUN).readonly(),
});

export type SweepCell = Readonly<z.output<typeof CELL>>;

/** The runs of a cell that were made to their end. */
export function doneRuns({ runs }: Pick<SweepCell, 'runs'>): DoneRun[] {
  return runs.filter((run): run is DoneRun => run.status === 'done');
}

/** The cheapest cell in which all goals hold in every repeat. */
const RECOMMENDATION = saved({
  /** Null when there is none. */
  cell: text.nullable(),
  sentence: text,
  /** Cells in which all goals hold in every repeat, cheapest first. */
  holding: z.array(text).readonly(),
});

export type Recommendation = Readonly<z.output<typeof RECOMMENDATION>>;

export const SWEEP_RESULT = DEFINITION.extend({
  schema: z.literal(1),
  kind: z.literal('sweep'),
  id: text,
  startedAt: instant,
  /** When it was saved last. */
  endedAt: instant,
  /** True while runs are missing; a run that failed is not. */
  partial: z.boolean(),
  environment: RUN_RESULT.shape.environment,
  /** Of the first run; null before there is one. */
  stage: RUN_RESULT.shape.stage.nullable(),
  cells: z.array(CELL).min(1).readonly(),
  /** Names of stacks that were made, or were about to be, and are not known to be gone. */
  stacks: z.array(text).readonly(),
  /** ARNs of those stacks, by name, as soon as AWS has told them: a name may become somebody else's. */
  stackIds: texts.exactOptional(),
  /** Account and region of the stacks; left out before it makes any. */
  home: saved({ account: text, region: text }).exactOptional(),
  /** Resources that outlived their stacks, since the template's DeletionPolicy keeps them; left out when there are none. */
  leftOver: z.array(text).readonly().exactOptional(),
  /** What it cost by the count so far, stacks between runs included, and what it was estimated to; null where nothing is billed. */
  cost: PRICES_OF.partial().extend({ spentUsd: amount, estimatedUsd: amount }).nullable(),
  recommendation: RECOMMENDATION,
});

export type SweepResult = Readonly<z.output<typeof SWEEP_RESULT>>;
