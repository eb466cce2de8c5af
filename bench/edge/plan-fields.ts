import { isIP } from 'node:net';
import { z } from 'zod';
import type { FaultPlan } from '../core/fault.ts';
import { MIN_PAYLOAD_BYTES } from '../core/message.ts';
import { orNearest } from '../core/near-miss.ts';
import { ARRIVALS, DISPATCHES, PACINGS, PROFILES } from '../core/plan.ts';
import { stageProblem } from '../core/stage-name.ts';
import { emptyFigures } from '../core/summary.ts';
import { isKnownPath, parseThreshold } from '../core/threshold.ts';
import { parseFaults, readFaultFile } from './fault-file.ts';
import { parseHeaderLines } from './header-lines.ts';
import { duration, problem, rate, rateOrZero, whole } from './setting.ts';

/** Limits with their reasons. */
const MAX_CONNECTIONS = 1_000_000; // Eight hexadecimal digits of stream number would allow more; no machine does.
const MAX_PAYLOAD_BYTES = 128 * 1024; // API Gateway's limit for a message.
export const MAX_FRAME_BYTES = 32 * 1024; // API Gateway's limit for a frame.
const MAX_THREADS = 64;

const count = (max: number) => whole(1, max);

const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' })
  .transform(String);

const listOfText = (what: string) =>
  z.union([z.string().transform((one) => [one]), z.array(z.string())], {
    error: `must be ${what}, or a list of them`,
  });

/** `Key=Value` strings, or a map. Pairs become properties one by one: a key such as `__proto__` is one too. */
const parameter = z.unknown().transform((value, context) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return parameterMap(value, context);
  const pairs: unknown[] = Array.isArray(value) ? value : [value];
  const parameters: [string, string][] = [];
  for (const pair of pairs) {
    const at = String(pair).indexOf('=');
    if (typeof pair !== 'string' || at < 1) problem(context, `'${pair}' is not Key=Value`);
    else parameters.push([pair.slice(0, at), pair.slice(at + 1)]);
  }
  return Object.fromEntries(parameters);
});

function parameterMap(map: object, context: z.RefinementCtx): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value))
        problem(context, `${key} must be a text or number`);
      return [key, String(value)];
    }),
  );
}

/** `Name: value` strings. */
const header = listOfText("'Name: value'").transform((lines, context) => {
  const { headers, problems } = parseHeaderLines(lines);
  for (const sentence of problems) problem(context, sentence);
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

/** Those that a threshold can name, but for the open-ended ones. */
const PATHS = numberPaths(EXAMPLE);

function numberPaths(value: object): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'object' && inner !== null
      ? numberPaths(inner).map((path) => `${name}.${path}`)
      : [name],
  );
}

const threshold = listOfText('an expression').transform((expressions, context) => {
  for (const expression of expressions) {
    const parsed = parseThreshold(expression);
    if (typeof parsed === 'string') problem(context, parsed);
    else if (!isKnownPath(parsed.path, EXAMPLE))
      problem(context, `'${expression}' ${UNKNOWN_PATH}${orNearest(parsed.path.join('.'), PATHS)}`);
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
export const PLAN_SCHEMA = SCHEMA.partial({
  rate: true,
  inFlight: true,
  template: true,
  region: true,
  faults: true,
});

/** In force where neither file nor flag says otherwise. The load has none of its own: see {@link loadOf}. */
export const DEFAULTS = {
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

/** The settings of a plan, each by itself valid. */
export type PartialFields = z.output<typeof PLAN_SCHEMA>;
