/**
 * A Plan says everything about a run before it starts: what is driven, how hard, for how long. It is plain data with no optional
 * field: files and flags are parsed into it once, at the edge. Every time is milliseconds, every rate per second, as the name says.
 *
 * Each setting is declared once, in {@link SETTINGS}. The type of a plan, its schema, the settings of a plan file, the flags and their
 * help, the command that repeats a run, the file that workers get, and what a comparison looks at all follow from its row.
 */
import { z } from 'zod';
import { durationFlag } from './duration.ts';
import { FAULT_PLAN } from './fault.ts';
import { parseFaults } from './fault-list.ts';
import { parseHeaderLines } from './header-lines.ts';
import { MIN_PAYLOAD_BYTES } from './message-layout.ts';
import { amount, count, saved, text } from './saved.ts';
import {
  choice,
  duration,
  localAddresses,
  parameters,
  problem,
  rate,
  rateOrZero,
  textList,
  toggle,
  upTo,
  whole,
} from './setting.ts';
import { REGION_NAME, stageProblem } from './stage-name.ts';

/** How intended times are spread: evenly, as a Poisson process, or evenly at a rate that rises linearly. */
export const ARRIVALS = ['constant', 'poisson', 'ramp'] as const;
export type Arrival = (typeof ARRIVALS)[number];

/** Latency profiles of the local stage. */
export const PROFILES = ['aws', 'ideal'] as const;
export type ProfileName = (typeof PROFILES)[number];

/** How the local gateway takes the messages of one connection: one after the other, or side by side. */
export const DISPATCHES = ['serial', 'concurrent'] as const;
export type Dispatch = (typeof DISPATCHES)[number];

/**
 * What wakes a driver's thread when a message is due: the event loop's timer, a thread that sleeps for it, or nothing
 * because the loop never sleeps. Precision against processor time; bench/method.md has the figures.
 */
export const PACINGS = ['timer', 'metronome', 'spin'] as const;
export type Pacing = (typeof PACINGS)[number];

/** How the payload of a frame is masked: by a random key, as RFC 6455 section 5.3 has it, or by the key zero, which changes nothing. */
export const MASKINGS = ['random', 'zero'] as const;
export type Masking = (typeof MASKINGS)[number];

/** The offered load, as plans hold it. */
const LOAD = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), ratePerSecond: z.number(), arrival: z.enum(ARRIVALS) }),
  z.object({ kind: z.literal('closed'), inFlight: count }),
]);

/**
 * The offered load. `open`: messages are due when the schedule says, whatever happened to earlier ones. `closed`: each
 * connection keeps a number of messages outstanding and sends the next when one is answered.
 */
export type Load = Readonly<z.output<typeof LOAD>>;

/**
 * Connections opened per second on a stack where nothing else is said: four fifths of API Gateway's quota, which is the
 * account's in a region and so shared with whatever else connects there. Elsewhere it is the quota itself, 500/s.
 */
export const STACK_CONNECTS_PER_SECOND = 400;

/** What a run on a stack takes beyond itself: changing and probing the stack, waiting for the next minute, and CloudWatch's delay. */
export const STACK_OVERHEAD_MS = 6 * 60_000;

/** Messages per second where neither a rate nor a number in flight is given. */
export const DEFAULT_RATE_PER_SECOND = 500;

/** Limits with their reasons. */
const MAX_CONNECTIONS = 1_000_000; // Eight hexadecimal digits of stream number would allow more; no machine does.
const MAX_PAYLOAD_BYTES = 128 * 1024; // API Gateway's limit for a message.
const MAX_THREADS = 64;

/** Stands for what a plan does not hold: values of headers, and of a URL's query. */
export const SECRET_VALUE = 'VALUE';

/** What a setting is written as, in a plan file or on the command line. */
export type Written = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

/** One row of the table: a setting of a plan, and all that is known of it. */
interface Setting<
  Name extends string,
  Input extends z.ZodType,
  Saved extends z.ZodType,
  Initial extends Written | undefined,
> {
  /** The property of the plan that holds it, with its unit. */
  readonly as: Name;
  /** As people write it. Its description is the unit. */
  readonly input: Input;
  /** As plans hold it, and results with them. */
  readonly saved: Saved;
  /** In force where neither file nor flag says otherwise; undefined for what may be left out. */
  readonly initial: Initial;
  /** One sentence for `--help`. */
  readonly help: string;
  readonly flag?: 'text' | 'list' | 'switch';
  /** The plan's value as a person would write it; undefined where nothing is to be said. */
  readonly write: (value: z.output<Saved>) => Written | undefined;
  /** Whether it means something to the local stage only. */
  readonly isLocal?: true;
  /** Whether it is left out of what workers of a fleet get, because it holds secrets or means nothing to them. */
  readonly stays?: true;
  /** Whether it means nothing on virtual time. */
  readonly isReal?: true;
  /** Whether all cells of a sweep have it in common. */
  readonly isFixed?: true;
  /** In a comparison: whether runs that differ in it can't be compared, or whether it makes no difference at all. Else it is listed. */
  readonly compared?: 'refused' | 'ignored';
}

function setting<
  const Name extends string,
  Input extends z.ZodType,
  Saved extends z.ZodType,
  Initial extends Written | undefined,
>(row: Setting<Name, Input, Saved, Initial>): Setting<Name, Input, Saved, Initial> {
  return row;
}

const texts = z.array(text).readonly();
const amountOf = (value: number) => value;
const sameText = (value: string) => value;
const textOrNothing = (value: string | null) => value ?? undefined;
const region = z
  .string({ error: 'must be the name of a region, such as eu-west-1' })
  .regex(REGION_NAME, 'must be the name of a region, such as eu-west-1');

export const SETTINGS = {
  name: setting({
    as: 'name',
    input: z
      .string({ error: 'must be a text' })
      .regex(/^[\w.-]{1,80}$/, 'must be 1 to 80 letters, digits, dots, dashes or underscores'),
    saved: text,
    initial: 'run',
    help: 'name of the run',
    write: sameText,
    isFixed: true,
    compared: 'ignored',
  }),
  stage: setting({
    as: 'stage',
    input: z.string().transform((value, context) => {
      const found = stageProblem(value);
      return found === null ? value : problem(context, found);
    }),
    saved: text,
    initial: 'local',
    help: "'local', the name or ARN of a stack, or the ws:// or wss:// URL of any server that echoes",
    write: sameText,
    isReal: true,
    isFixed: true,
  }),
  region: setting({
    as: 'region',
    input: region,
    saved: text.nullable(),
    initial: undefined,
    help: 'AWS region of the stack (default: that of the environment)',
    write: textOrNothing,
    isReal: true,
    isFixed: true,
    compared: 'ignored',
  }),
  connections: setting({
    as: 'connections',
    input: upTo(MAX_CONNECTIONS),
    saved: count,
    initial: 1000,
    help: 'WebSocket connections',
    write: amountOf,
    compared: 'refused',
  }),
  connectRate: setting({
    as: 'connectRatePerSecond',
    input: rate.describe('connections/s'),
    saved: amount,
    initial: 500,
    help: `connections opened per second, at most; on a stack the default is ${STACK_CONNECTS_PER_SECOND}, for API Gateway allows an account 500`,
    write: amountOf,
  }),
  reconnect: setting({
    as: 'reconnect',
    input: toggle,
    saved: z.boolean(),
    initial: false,
    help: 'open a connection that failed, or that the stage closed, again as a new stream',
    flag: 'switch',
    write: (is) => is,
  }),
  churn: setting({
    as: 'churnPerSecond',
    input: rateOrZero.describe('connections/s'),
    saved: amount,
    initial: 0,
    help: 'connections closed and opened again per second, as new streams',
    write: (perSecond) => (perSecond > 0 ? perSecond : undefined),
  }),
  localAddress: setting({
    as: 'localAddresses',
    input: localAddresses,
    saved: texts,
    initial: [],
    help: 'address of this machine that connections come from; several are used in turn (A,B,C or repeated)',
    flag: 'list',
    write: (addresses) => addresses,
    isReal: true,
    isFixed: true,
  }),
  rate: setting({
    as: 'load',
    input: rate.describe('messages/s'),
    saved: LOAD,
    initial: undefined,
    help: `messages per second over all connections (open loop; ${DEFAULT_RATE_PER_SECOND} where neither this nor --in-flight is given)`,
    write: (load) => (load.kind === 'open' ? load.ratePerSecond : undefined),
    compared: 'refused',
  }),
  arrival: setting({
    as: 'load',
    input: choice(ARRIVALS),
    saved: LOAD,
    initial: 'constant',
    help: `spread of the messages: ${ARRIVALS.join(', ')}`,
    write: (load) => (load.kind === 'open' ? load.arrival : undefined),
    compared: 'refused',
  }),
  inFlight: setting({
    as: 'load',
    input: upTo(10_000),
    saved: LOAD,
    initial: undefined,
    help: 'messages outstanding per connection (closed loop, instead of --rate)',
    write: (load) => (load.kind === 'closed' ? load.inFlight : undefined),
    compared: 'refused',
  }),
  warmup: setting({
    as: 'warmupMs',
    input: duration(0),
    saved: amount,
    initial: '5s',
    help: 'warm-up time before the measured window, excluded from the results',
    write: durationFlag,
  }),
  duration: setting({
    as: 'durationMs',
    input: duration(1000),
    saved: amount,
    initial: '20s',
    help: 'length of the measured window, such as 30s or 5m',
    write: durationFlag,
    compared: 'refused',
  }),
  drain: setting({
    as: 'drainMs',
    input: duration(0),
    saved: amount,
    initial: '10s',
    help: 'how long to wait for outstanding answers after the window',
    write: durationFlag,
  }),
  payloadBytes: setting({
    as: 'payloadBytes',
    input: upTo(MAX_PAYLOAD_BYTES)
      .refine((bytes) => bytes >= MIN_PAYLOAD_BYTES, {
        error: `must be at least ${MIN_PAYLOAD_BYTES}, the size of a message without padding`,
      })
      .describe('bytes'),
    saved: count,
    initial: 256,
    help: 'size of a message',
    write: amountOf,
    compared: 'refused',
  }),
  trace: setting({
    as: 'trace',
    input: toggle,
    saved: z.boolean(),
    initial: false,
    help: 'ask the reference service for hop timestamps',
    flag: 'switch',
    write: (is) => is,
  }),
  parameter: setting({
    as: 'parameters',
    input: parameters,
    saved: z.record(text, text).readonly(),
    initial: {},
    help: 'Key=Value: template parameter of the local stage',
    flag: 'list',
    write: (values) => values,
    isLocal: true,
    stays: true,
    isFixed: true,
    // The stage's own parameters are compared, which hold the defaults too.
    compared: 'ignored',
  }),
  template: setting({
    as: 'template',
    input: text,
    saved: text.nullable(),
    initial: undefined,
    help: 'CloudFormation template for the local stage',
    write: textOrNothing,
    isLocal: true,
    stays: true,
    isFixed: true,
  }),
  profile: setting({
    as: 'profile',
    input: choice(PROFILES),
    saved: z.enum(PROFILES),
    initial: 'aws',
    help: `latencies and quotas of the local stage: ${PROFILES.join(', ')}`,
    write: sameText,
    isLocal: true,
  }),
  dispatch: setting({
    as: 'dispatch',
    input: choice(DISPATCHES),
    saved: z.enum(DISPATCHES),
    initial: 'serial',
    help:
      `how the local gateway takes the messages of one connection: ${DISPATCHES.join(', ')}. ` +
      'serial keeps their order up to the stream and passes one message per integration latency; concurrent lets them ' +
      'overtake each other before the stream. AWS documents neither',
    write: sameText,
    isLocal: true,
  }),
  faults: setting({
    as: 'faults',
    input: z.unknown().transform((value, context) => {
      const { plan, problems } = parseFaults(value);
      for (const { path, message } of problems)
        context.addIssue({ code: 'custom', path: [...path], message });
      return plan;
    }),
    saved: FAULT_PLAN.nullable(),
    initial: undefined,
    help: 'what is to go wrong on the local stage, and when: a YAML or JSON file, or a bundled one (lossy, reordering, recovery)',
    // It came from a file, of which the plan has the content alone.
    write: () => undefined,
    isLocal: true,
    stays: true,
  }),
  header: setting({
    as: 'headerNames',
    input: textList("'Name: value'").transform((lines, context) => {
      const { headers, problems } = parseHeaderLines(lines);
      for (const sentence of problems) problem(context, sentence);
      return headers;
    }),
    saved: texts,
    initial: [],
    help: "'Name: value' sent on connect; the value is never written anywhere",
    flag: 'list',
    write: (names) => names.map((name) => `${name}: ${SECRET_VALUE}`),
    stays: true,
    isReal: true,
    isFixed: true,
    compared: 'ignored',
  }),
  threshold: setting({
    as: 'thresholds',
    input: textList('an expression'),
    saved: texts,
    initial: [],
    help: "such as 'latency.response.p99 < 250'; exit code 3 when one fails",
    flag: 'list',
    write: (expressions) => expressions,
    isFixed: true,
    compared: 'ignored',
  }),
  threads: setting({
    as: 'threads',
    input: upTo(MAX_THREADS),
    saved: count,
    initial: 1,
    help: 'threads of the driver',
    write: amountOf,
    isReal: true,
  }),
  pacing: setting({
    as: 'pacing',
    input: choice(PACINGS),
    saved: z.enum(PACINGS),
    initial: 'metronome',
    help:
      `what wakes the driver when a message is due: ${PACINGS.join(', ')}. timer is about 0.6 ms late and ` +
      'costs nothing; metronome about 0.1 ms, for a third of a core at 10,000 messages/s and little at hundreds; spin ' +
      'hardly at all, for a whole core per thread',
    write: sameText,
    isReal: true,
  }),
  masking: setting({
    as: 'masking',
    input: choice(MASKINGS),
    saved: z.enum(MASKINGS),
    initial: 'random',
    help:
      `key by which the payload of a frame is masked: ${MASKINGS.join(', ')}. random is as RFC 6455 has it; zero ` +
      'leaves the payload as it is, for a little less processor time per message',
    write: sameText,
    isReal: true,
  }),
  seed: setting({
    as: 'seed',
    input: whole(0, 2 ** 32 - 1),
    saved: amount,
    initial: 1,
    help: 'seed of everything that is left to chance',
    write: amountOf,
    isFixed: true,
    compared: 'ignored',
  }),
};

type Table = typeof SETTINGS;
export type SettingName = keyof Table;

/** The table with its rows alike. */
export type SettingRow = Setting<string, z.ZodType, z.ZodType, Written | undefined>;
export const SETTING_ROWS = Object.entries(SETTINGS) as unknown as readonly (readonly [
  SettingName,
  SettingRow,
])[];

/** Names that a plan file and the command line share. */
export const PLAN_FIELDS: readonly string[] = Object.keys(SETTINGS);

export type Plan = {
  readonly [Name in SettingName as Table[Name]['as']]: z.output<Table[Name]['saved']>;
};

/** A plan as results hold it; what a later version adds is kept. */
export const PLAN = saved(
  Object.fromEntries(SETTING_ROWS.map(([, row]) => [row.as, row.saved])),
) as unknown as z.ZodType<Plan>;

/** A setting's name as a flag: connectRate is --connect-rate. */
export function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A flag's name as a setting. */
export function undashed(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
