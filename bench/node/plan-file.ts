/**
 * From what a person wrote to a Plan: the file (YAML or JSON) and the flags have the same names and go through the same
 * schema, flags on top. It happens once, here; every problem is found at once and says which field and what to do.
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { emptyFigures } from '../judge/summary.ts';
import { isKnownPath, parseThreshold } from '../judge/threshold.ts';
import { counted } from '../model/counted.ts';
import { attempted, ConfigurationError, unreadable } from '../model/failure.ts';
import { type Headers, headersWith } from '../model/header-lines.ts';
import { orNearest } from '../model/near-miss.ts';
import { PLAN_FIELDS, type Plan, STACK_CONNECTS_PER_SECOND } from '../model/plan.ts';
import { FIELDS_SCHEMA, type Fields, INITIAL, planOf, settingsThat } from '../model/plan-settings.ts';
import { addressWith, maskedAddress, maskedKeys, queryOf, queryWith } from '../model/secrets.ts';
import { isStackStage, isUrl, regionOfStackArn, stageProblem } from '../model/stage-name.ts';
import { PLAN_FILE_BYTES, readTextFile } from './bounded-file.ts';
import { type Environment, environmentSecrets, QUERY_VARIABLE } from './environment-secrets.ts';

const MAX_FRAME_BYTES = 32 * 1024; // API Gateway's limit for a frame.

const LOCAL_ONLY = [...settingsThat(({ isLocal }) => isLocal)];

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
  return planInputOf(readText('plan', path), path);
}

/** What the text of a plan file holds; `path` is where it is from. Throws {@link ConfigurationError}. */
export function planInputOf(text: string, path: string): PlanInput {
  const value = yamlOf('plan', path, text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigurationError([`plan: ${path} must be a map of settings, such as 'connections: 1000'`]);
  return value as PlanInput;
}

/** Bundled fault plans, named without their extension. */
const BUNDLED = fileURLToPath(new URL('../plans/faults/', import.meta.url));

/** What a fault file has – a list `faults` – or a bundled one by its name. Throws {@link ConfigurationError}. */
export function readFaultFile(nameOrPath: string): unknown {
  const bundled = `${BUNDLED}${nameOrPath}.yaml`;
  const isBundled = /^[\w-]+$/.test(nameOrPath) && !existsSync(nameOrPath) && existsSync(bundled);
  const file = isBundled ? bundled : nameOrPath;
  const names = () => readdirSync(BUNDLED).map((name) => name.replace(/\.yaml$/, ''));
  return yamlOf(
    'faults',
    file,
    readText('faults', file, () => orNearest(nameOrPath, names())),
  );
}

/** `meant` adds to the message about a file that can't be read. */
function readText(setting: string, path: string, meant: () => string = () => ''): string {
  try {
    return readTextFile(path, PLAN_FILE_BYTES);
  } catch (error) {
    throw new ConfigurationError([
      `${setting}: ${unreadable(path, error as NodeJS.ErrnoException)}${meant()}`,
    ]);
  }
}

function yamlOf(setting: string, path: string, text: string): unknown {
  try {
    // The parser would print a warning by itself, with the line in question, which may hold a secret.
    return parseYaml(text, { logLevel: 'error' });
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new ConfigurationError([`${setting}: ${path} is neither YAML nor JSON: ${line}`]);
  }
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
  const problems = [...found, ...rivalProblems(file, flags)];
  const given = withoutRivals(file, flags);
  const fields = fieldsOf({ ...INITIAL, ...ofStage(given.stage), ...given }, FIELDS_SCHEMA, problems);
  const secrets = environmentSecrets(environment ?? {}, problems);
  if (fields !== null) problems.push(...crossProblems(fields, flags));
  const query = fields === null ? '' : queryWith(queryOf(fields.stage), secrets.query);
  if (environment !== null) problems.push(...maskProblems(query));
  if (fields === null || problems.length > 0) throw new ConfigurationError(problems);
  const headers = headersWith(secrets.headers, fields.header);
  const { stage } = fields;
  const plan = planOf(fields, {
    stage: isUrl(stage) ? maskedAddress(addressWith(stage, query)) : stage,
    headerNames: Object.keys(headers),
  });
  return { plan, headers, query };
}

/** What is the default on a stage of that kind, where it is another than {@link INITIAL} has. */
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
  const problems: string[] = [];
  fieldsOf(settings, FIELDS_SCHEMA.partial(), problems);
  return problems;
}

/** The settings, each checked by itself; null, and what is wrong. */
function fieldsOf<T>(settings: PlanInput, schema: z.ZodType<T>, problems: string[]): T | null {
  const given = withFaultFile(settings, problems);
  const parsed = schema.safeParse(given);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap(sentences));
  problems.push(...thresholdProblems(given.threshold));
  return parsed.success ? parsed.data : null;
}

const UNKNOWN_PATH = 'names nothing that result.json has; bench/README.md lists what it has';

/** Has every path that a result has. */
const EXAMPLE = emptyFigures();

/** Those that a threshold can name, but for the open-ended ones. */
const PATHS = numberPaths(EXAMPLE);

function numberPaths(value: object): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'object' && inner !== null
      ? numberPaths(inner).map((path) => `${name}.${path}`)
      : [name],
  );
}

/** What thresholds name that no result has, and what is none. Texts that are no list of them are told by the schema. */
function thresholdProblems(given: unknown): string[] {
  return [given].flat().flatMap((expression) => {
    if (typeof expression !== 'string') return [];
    const parsed = parseThreshold(expression);
    if (typeof parsed === 'string') return [`threshold: ${parsed}`];
    if (isKnownPath(parsed.path, EXAMPLE)) return [];
    return [`threshold: '${expression}' ${UNKNOWN_PATH}${orNearest(parsed.path.join('.'), PATHS)}`];
  });
}

/** Faults may be named by their file; what it holds takes its place. */
function withFaultFile({ faults, ...given }: PlanInput, problems: string[]): PlanInput {
  if (faults === undefined) return given;
  if (typeof faults !== 'string') return { ...given, faults };
  const content = attempted(() => ({ faults: readFaultFile(faults) }), problems);
  return { ...given, ...content };
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

function crossProblems(fields: Fields, flags: PlanInput): string[] {
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
function closedLoopProblems({ inFlight }: Fields, { arrival }: PlanInput): string[] {
  if (inFlight === undefined || arrival === undefined) return [];
  return [
    'arrival: a closed loop sends when an answer comes; leave it out, or give a rate in place of inFlight',
  ];
}

function deployedOrLocalProblems(fields: Fields, flags: PlanInput): string[] {
  if (isStackStage(fields)) return [...regionProblems(fields), ...localOnlyProblems(fields, flags)];
  const problems = fields.stage === 'local' ? localProblems(fields) : urlProblems(fields, flags);
  if (flags.region === undefined) return problems;
  return [...problems, 'region: only a stage that is given by the name of its stack has one to choose'];
}

/** An ARN has a region of its own. */
function regionProblems({ stage, region }: Fields): string[] {
  const own = regionOfStackArn(stage);
  if (own === null || region === undefined || own === region) return [];
  return [`region: the stack's ARN says ${own}; leave out --region, or make it the same`];
}

function localProblems({ payloadBytes, template, faults, duration }: Fields): string[] {
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

function urlProblems(fields: Fields, flags: PlanInput): string[] {
  const problems = localOnlyProblems(fields, flags);
  if (fields.threshold.some((expression) => expression.trimStart().startsWith('metrics.'))) {
    problems.push('threshold: a stage that is given by its URL has no metrics to judge');
  }
  return problems;
}

/** Faults are refused even from the plan file: a run that quietly had none would be taken for one that bore them. */
function localOnlyProblems({ faults }: Fields, flags: PlanInput): string[] {
  return LOCAL_ONLY.filter((name) => flags[name] !== undefined || (name === 'faults' && faults)).map(
    (name) =>
      `${name}: only the local stage is configured here; a deployed one is changed where it is deployed`,
  );
}
