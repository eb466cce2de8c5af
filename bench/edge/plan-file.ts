/**
 * From what a person wrote to a Plan: the file (YAML or JSON) and the flags have the same names and go through the same
 * schema, flags on top. It happens once, here; every problem is found at once and says which field and what to do.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { FaultPlan } from '../core/fault.ts';
import { MIN_PAYLOAD_BYTES } from '../core/message.ts';
import { ARRIVALS, DISPATCHES, PACINGS, type Plan, PROFILES } from '../core/plan.ts';
import { isStackStage, regionOfStackArn, stageProblem } from '../core/stage-name.ts';
import { emptyFigures } from '../core/summary.ts';
import { isKnownPath, parseThreshold } from '../core/threshold.ts';
import { parseFaults, readFaultFile } from './fault-file.ts';
import { duration, problem, rate, rateOrZero, whole } from './setting.ts';

/** Configuration that can't be used: every problem, each a sentence that names the field and the remedy. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Limits with their reasons. */
const MAX_CONNECTIONS = 1_000_000; // Eight hexadecimal digits of stream number would allow more; no machine does.
const MAX_PAYLOAD_BYTES = 128 * 1024; // API Gateway's limit for a message.
const MAX_FRAME_BYTES = 32 * 1024; // API Gateway's limit for a frame.
const MAX_THREADS = 64;

const count = (max: number) => whole(1, max);

const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' })
  .transform(String);

const listOfText = (what: string) =>
  z.union([z.string().transform((one) => [one]), z.array(z.string())], {
    error: `must be ${what}, or a list of them`,
  });

/** `Key=Value` strings, or a map. */
const parameter = z.unknown().transform((value, context) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return parameterMap(value, context);
  const pairs: unknown[] = Array.isArray(value) ? value : [value];
  const parameters: Record<string, string> = {};
  for (const pair of pairs) {
    const at = String(pair).indexOf('=');
    if (typeof pair !== 'string' || at < 1) problem(context, `'${pair}' is not Key=Value`);
    else parameters[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return parameters;
});

function parameterMap(map: object, context: z.RefinementCtx): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [key, value] of Object.entries(map)) {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      problem(context, `${key} must be a text or number`);
    parameters[key] = String(value);
  }
  return parameters;
}

/** `Name: value` strings. Field names as in RFC 9110. */
const header = listOfText("'Name: value'").transform((lines, context) => {
  const headers: Record<string, string> = {};
  for (const [index, line] of lines.entries()) {
    const match = /^([!#$%&'*+.^_`|~\w-]+):\s*([\t\x20-\x7e]*)$/.exec(line);
    // The line is not repeated: it may hold a secret.
    if (match === null) problem(context, `number ${index + 1} must be 'Name: value' in printable ASCII`);
    else headers[match[1]!] = match[2]!;
  }
  return headers;
});

/** Addresses, each an element or several in one text with commas between them. Whether this machine has them is asked later. */
const localAddress = listOfText('an IP address').transform((texts, context) => {
  const addresses = texts.flatMap((one) => one.split(',')).map((one) => one.trim());
  for (const address of addresses)
    if (isIP(address) === 0) problem(context, `'${address}' is not an IP address`);
  return [...new Set(addresses)];
});

const UNKNOWN_PATH = 'names nothing that result.json has; bench/README.md lists what it has';

/** Has every path that a result has. */
const EXAMPLE = emptyFigures();

const threshold = listOfText('an expression').transform((expressions, context) => {
  for (const expression of expressions) {
    const parsed = parseThreshold(expression);
    if (typeof parsed === 'string') problem(context, parsed);
    else if (!isKnownPath(parsed.path, EXAMPLE)) problem(context, `'${expression}' ${UNKNOWN_PATH}`);
  }
  return expressions;
});

const stage = z.string().transform((value, context) => {
  const found = stageProblem(value);
  return found === null ? value : problem(context, found);
});

const region = z
  .string({ error: 'must be the name of a region, such as eu-west-1' })
  .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'must be the name of a region, such as eu-west-1');

/** A list of faults, or where there is one. */
const faults = z
  .union([z.string(), z.array(z.unknown()), z.looseObject({})], {
    error: 'must be a list of faults, or a file that has one',
  })
  .transform((value, context): FaultPlan => {
    const { plan, problems } = typeof value === 'string' ? readFaultFile(value) : parseFaults(value);
    for (const { path, message } of problems) context.addIssue({ code: 'custom', path: [...path], message });
    return plan;
  });

const SCHEMA = z.strictObject({
  name: z
    .string({ error: 'must be a text' })
    .regex(/^[\w.-]{1,80}$/, 'must be 1 to 80 letters, digits, dots, dashes or underscores'),
  stage,
  region,
  connections: count(MAX_CONNECTIONS),
  connectRate: rate,
  reconnect: flag,
  churn: rateOrZero,
  localAddress,
  rate,
  arrival: z.enum(ARRIVALS, { error: `must be one of ${ARRIVALS.join(', ')}` }),
  inFlight: count(10_000),
  duration: duration(1000),
  warmup: duration(0),
  drain: duration(0),
  payloadBytes: count(MAX_PAYLOAD_BYTES).refine((bytes) => bytes >= MIN_PAYLOAD_BYTES, {
    error: `must be at least ${MIN_PAYLOAD_BYTES}, the size of a message without padding`,
  }),
  trace: flag,
  parameter,
  template: z.string(),
  profile: z.enum(PROFILES, { error: `must be one of ${PROFILES.join(', ')}` }),
  dispatch: z.enum(DISPATCHES, { error: `must be one of ${DISPATCHES.join(', ')}` }),
  faults,
  header,
  threshold,
  threads: count(MAX_THREADS),
  pacing: z.enum(PACINGS, { error: `must be one of ${PACINGS.join(', ')}` }),
  seed: whole(0, 2 ** 32 - 1),
});

/** Names that a plan file and the command line share. */
export const PLAN_FIELDS = Object.keys(SCHEMA.shape);

/** What a plan may leave out and no default fills in. */
const PARTIAL_SCHEMA = SCHEMA.partial({
  rate: true,
  inFlight: true,
  template: true,
  region: true,
  faults: true,
});

/** In force where neither file nor flag says otherwise. The load has none of its own: see {@link loadOf}. */
const DEFAULTS = {
  name: 'run',
  stage: 'local',
  connections: 1000,
  connectRate: 500,
  reconnect: false,
  churn: 0,
  localAddress: [],
  arrival: 'constant',
  duration: '20s',
  warmup: '5s',
  drain: '10s',
  payloadBytes: 256,
  trace: false,
  parameter: {},
  profile: 'aws',
  dispatch: 'serial',
  header: [],
  threshold: [],
  threads: 1,
  pacing: 'metronome',
  seed: 1,
} as const;

const DEFAULT_RATE = 500;

/** Fields that mean something to the local stage only. */
const LOCAL_ONLY = ['parameter', 'template', 'profile', 'dispatch', 'faults'] as const;

export type PlanInput = Readonly<Record<string, unknown>>;

export interface ParsedPlan {
  readonly plan: Plan;
  /** Values of the headers, kept out of the plan because the plan is written down. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads a plan file. Throws {@link ConfigurationError}. */
export function readPlanFile(path: string): PlanInput {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([`plan ${path} can't be read: ${(error as Error).message}`]);
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new ConfigurationError([
      `plan ${path} is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]}`,
    ]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError([`plan ${path} must be a map of settings, such as 'connections: 1000'`]);
  }
  return value as PlanInput;
}

/**
 * The plan of a file's settings with flags on top. Throws {@link ConfigurationError} with every problem, those `found`
 * before included.
 */
export function parsePlan(file: PlanInput, flags: PlanInput, found: readonly string[] = []): ParsedPlan {
  const given = withoutRivals(file, flags);
  const parsed = PARTIAL_SCHEMA.safeParse({ ...DEFAULTS, ...given });
  const problems = [
    ...found,
    ...rivalProblems(file, flags),
    ...(parsed.success ? [] : parsed.error.issues.flatMap(sentences)),
  ];
  if (parsed.success) problems.push(...crossProblems(parsed.data, flags));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return { plan: planOf(parsed.data), headers: parsed.data.header };
}

/** A rate on the command line replaces a file's in-flight number, and the other way round. */
function withoutRivals(file: PlanInput, flags: PlanInput): PlanInput {
  const { rate: fileRate, inFlight: fileInFlight, ...rest } = file;
  const load: Record<string, unknown> = {};
  if (fileRate !== undefined && flags.inFlight === undefined) load.rate = fileRate;
  if (fileInFlight !== undefined && flags.rate === undefined) load.inFlight = fileInFlight;
  return { ...rest, ...load, ...flags };
}

function rivalProblems(file: PlanInput, flags: PlanInput): string[] {
  const both = [file, flags].some((source) => source.rate !== undefined && source.inFlight !== undefined);
  return both ? ['rate and inFlight exclude each other: rate is an open loop, inFlight a closed one'] : [];
}

function sentences(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys' && issue.keys.includes('vary'))
    return ["vary: this is the plan of a sweep; run it with 'bench sweep'"];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${key}: there is no such setting; known are ${PLAN_FIELDS.join(', ')}`);
  }
  return [`${issue.path.join('.') || 'plan'}: ${issue.message}`];
}

type PartialFields = z.output<typeof PARTIAL_SCHEMA>;

function crossProblems(fields: PartialFields, flags: PlanInput): string[] {
  const problems: string[] = [];
  if (fields.threads > fields.connections) {
    problems.push(
      `threads: ${fields.threads} threads can't share ${fields.connections} connections; use at most that many`,
    );
  }
  if (fields.churn > fields.connectRate) {
    problems.push(
      `churn: ${fields.churn}/s can't be opened again at a connectRate of ${fields.connectRate}/s; churn less, or connect faster`,
    );
  }
  return [...problems, ...deployedOrLocalProblems(fields, flags)];
}

function deployedOrLocalProblems(fields: PartialFields, flags: PlanInput): string[] {
  if (isStackStage(fields)) return [...regionProblems(fields), ...localOnlyProblems(fields, flags)];
  const problems = fields.stage === 'local' ? localProblems(fields) : urlProblems(fields, flags);
  if (flags.region === undefined) return problems;
  return [...problems, 'region: only a stage that is given by the name of its stack has one to choose'];
}

/** An ARN has a region of its own. */
function regionProblems({ stage, region }: PartialFields): string[] {
  const own = regionOfStackArn(stage);
  if (own === null || region === undefined || own === region) return [];
  return [`region: the stack's ARN says ${own}; leave out --region, or make it the same`];
}

function localProblems({ payloadBytes, template, faults, duration }: PartialFields): string[] {
  const problems = (faults?.faults ?? [])
    .filter(({ atMs }) => atMs >= duration)
    .map(
      ({ name, atMs }) =>
        `faults: '${name}' begins ${atMs / 1000} s after the start of measurement, which lasts ${duration / 1000} s; raise the duration, or begin earlier`,
    );
  if (payloadBytes > MAX_FRAME_BYTES) {
    problems.push(
      `payloadBytes: API Gateway closes a connection that sends a frame above ${MAX_FRAME_BYTES} bytes, and a message is one frame here`,
    );
  }
  if (template !== undefined && !existsSync(template)) problems.push(`template: ${template} does not exist`);
  return problems;
}

function urlProblems(fields: PartialFields, flags: PlanInput): string[] {
  const problems = localOnlyProblems(fields, flags);
  if (fields.threshold.some((expression) => expression.trimStart().startsWith('metrics.'))) {
    problems.push('threshold: a stage that is given by its URL has no metrics to judge');
  }
  return problems;
}

/** Faults are refused even from the plan file: a run that quietly had none would be taken for one that bore them. */
function localOnlyProblems({ faults }: PartialFields, flags: PlanInput): string[] {
  return LOCAL_ONLY.filter((name) => flags[name] !== undefined || (name === 'faults' && faults)).map(
    (name) =>
      `${name}: only the local stage is configured here; a deployed one is changed where it is deployed`,
  );
}

function planOf(fields: PartialFields): Plan {
  return {
    name: fields.name,
    stage: fields.stage,
    region: fields.region ?? null,
    connections: fields.connections,
    connectRatePerSecond: fields.connectRate,
    reconnect: fields.reconnect === 'true',
    churnPerSecond: fields.churn,
    localAddresses: fields.localAddress,
    load: loadOf(fields),
    warmupMs: fields.warmup,
    durationMs: fields.duration,
    drainMs: fields.drain,
    payloadBytes: fields.payloadBytes,
    trace: fields.trace === 'true',
    parameters: fields.parameter,
    template: fields.template ?? null,
    profile: fields.profile,
    dispatch: fields.dispatch,
    faults: fields.faults ?? null,
    headerNames: Object.keys(fields.header),
    thresholds: fields.threshold,
    threads: fields.threads,
    pacing: fields.pacing,
    seed: fields.seed,
  };
}

function loadOf(fields: PartialFields): Plan['load'] {
  if (fields.inFlight !== undefined) return { kind: 'closed', inFlight: fields.inFlight };
  return { kind: 'open', ratePerSecond: fields.rate ?? DEFAULT_RATE, arrival: fields.arrival };
}
