/**
 * From what a person wrote to a Plan: the file (YAML or JSON) and the flags have the same names and go through the same
 * schema, flags on top. It happens once, here; every problem is found at once and says which field and what to do.
 */

import { existsSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { counted } from '../core/counted.ts';
import { orNearest } from '../core/near-miss.ts';
import { type Plan, STACK_CONNECTS_PER_SECOND } from '../core/plan.ts';
import { addressWith, maskedAddress, maskedKeys, queryOf, queryWith } from '../core/secrets.ts';
import { isStackStage, isUrl, regionOfStackArn, stageProblem } from '../core/stage-name.ts';
import { PLAN_FILE_BYTES, readTextFile } from './bounded-file.ts';
import { ConfigurationError, unreadable } from './configuration-error.ts';
import { type Environment, environmentSecrets, QUERY_VARIABLE } from './environment-secrets.ts';
import { type Headers, headersWith } from './header-lines.ts';
import { DEFAULTS, MAX_FRAME_BYTES, type PartialFields, PLAN_FIELDS, PLAN_SCHEMA } from './plan-fields.ts';

const DEFAULT_RATE = 500;

/** Fields that mean something to the local stage only. */
const LOCAL_ONLY = ['parameter', 'template', 'profile', 'dispatch', 'faults'] as const;

export type PlanInput = Readonly<Record<string, unknown>>;

export interface ParsedPlan {
  readonly plan: Plan;
  /** Values of the headers, kept out of the plan because the plan is written down. */
  readonly headers: Headers;
  /** Query of the stage's URL, or to be added to it; empty for none. In the plan its values are masked. */
  readonly query: string;
}

export interface Sources {
  /** Problems that were found before. */
  readonly found?: readonly string[];
  /** Where headers and a query come from besides; null when the plan is read and nothing is dialled. */
  readonly environment?: Environment | null;
}

/** Reads a plan file. Throws {@link ConfigurationError}. */
export function readPlanFile(path: string): PlanInput {
  let text: string;
  try {
    text = readTextFile(path, PLAN_FILE_BYTES);
  } catch (error) {
    throw new ConfigurationError([`plan: ${unreadable(path, error as NodeJS.ErrnoException)}`]);
  }
  let value: unknown;
  try {
    // What it would warn of it prints itself, with the line in question, which may hold a secret.
    value = parseYaml(text, { logLevel: 'error' });
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
 * The plan of a file's settings with flags on top, headers and query from the environment below them. Throws
 * {@link ConfigurationError} with every problem.
 */
export function parsePlan(
  file: PlanInput,
  flags: PlanInput,
  { found = [], environment = process.env }: Sources = {},
): ParsedPlan {
  const given = withoutRivals(file, flags);
  const parsed = PLAN_SCHEMA.safeParse({ ...DEFAULTS, ...ofStage(given.stage), ...given });
  const problems = [
    ...found,
    ...rivalProblems(file, flags),
    ...(parsed.success ? [] : parsed.error.issues.flatMap(sentences)),
  ];
  const secrets = environmentSecrets(environment ?? {}, problems);
  if (parsed.success) problems.push(...crossProblems(parsed.data, flags));
  const query = parsed.success ? queryWith(queryOf(parsed.data.stage), secrets.query) : '';
  if (environment !== null) problems.push(...maskProblems(query));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  const headers = headersWith(secrets.headers, parsed.data.header);
  return { plan: planOf(parsed.data, query, headers), headers, query };
}

/** What is the default on a stage of that kind, where it is another than {@link DEFAULTS} has. */
function ofStage(stage: unknown): PlanInput {
  const isStack = typeof stage === 'string' && stageProblem(stage) === null && isStackStage({ stage });
  return isStack ? { connectRate: STACK_CONNECTS_PER_SECOND } : {};
}

/** A report's masks are no values. */
function maskProblems(query: string): string[] {
  return maskedKeys(query).map(
    (key) =>
      `stage: the value of '${key}' in its query is a mask; put the value there, or '${key}=…' into ${QUERY_VARIABLE} of the environment`,
  );
}

/** What is wrong with settings by themselves, whatever the others are. */
export function settingProblems(settings: PlanInput): string[] {
  return PLAN_SCHEMA.partial().safeParse(settings).error?.issues.flatMap(sentences) ?? [];
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
    return issue.keys.map(
      (key) =>
        `${key}: there is no such setting${orNearest(key, PLAN_FIELDS) || `; known are ${PLAN_FIELDS.join(', ')}`}`,
    );
  }
  return [`${issue.path.join('.') || 'plan'}: ${issue.message}`];
}

function crossProblems(fields: PartialFields, flags: PlanInput): string[] {
  const problems: string[] = [];
  if (fields.threads > fields.connections) {
    problems.push(
      `threads: ${counted(fields.threads, 'thread')} can't share ${counted(fields.connections, 'connection')}; use at most that many`,
    );
  }
  if (fields.churn > fields.connectRate) {
    problems.push(
      `churn: ${fields.churn}/s can't be opened again at a connectRate of ${fields.connectRate}/s; churn less, or connect faster`,
    );
  }
  problems.push(...closedLoopProblems(fields, flags));
  return [...problems, ...deployedOrLocalProblems(fields, flags)];
}

/** What the flags say of a rate means nothing where the answers set it. */
function closedLoopProblems({ inFlight }: PartialFields, { arrival }: PlanInput): string[] {
  if (inFlight === undefined || arrival === undefined) return [];
  return [
    'arrival: a closed loop sends when an answer comes; leave it out, or give a rate in place of inFlight',
  ];
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

function planOf(fields: PartialFields, query: string, headers: Headers): Plan {
  return {
    name: fields.name,
    stage: isUrl(fields.stage) ? maskedAddress(addressWith(fields.stage, query)) : fields.stage,
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
    headerNames: Object.keys(headers),
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
