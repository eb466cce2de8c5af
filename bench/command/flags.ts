/**
 * Flags: each is a row of its verb's table, with the schema of what may be typed. Parsing, checks, help, suggestions and
 * bench/FLAGS.md follow from the tables; flags that are settings of a plan follow from the table of settings instead.
 */
import { z } from 'zod';
import { readPrices } from '../../stack/aws/prices.ts';
import { parseDollars, parseDuration, parseRate } from '../model/duration.ts';
import { dashed } from '../model/plan.ts';
import { problem } from '../model/setting.ts';
import { REGION_NAME } from '../model/stage-name.ts';
import type { PlanInput } from '../node/plan-file.ts';

/** A flag whose value is a `Value`. */
export interface Flag<Value = unknown> {
  /** A list may be repeated and adds up; of any other flag the last one counts, so that a script's flags can be overridden. */
  readonly shape: 'text' | 'list' | 'switch';
  /** Of what was typed. Its description is the unit. */
  readonly schema: z.ZodType;
  readonly help: string;
  /** What holds where the flag is not given, as it would be typed. Without one the value is null. */
  readonly initial?: string | boolean | readonly string[];
  /** What to say where a flag without which the command can't do is not given. */
  readonly needed?: string;
  /** Carries the type of the value, and is never there. */
  readonly value?: Value;
}

/** By name; the flag of `maxCost` is --max-cost. */
export type FlagTable = Readonly<Record<string, Flag>>;

export type Values<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Exclude<Table[Name]['value'], undefined>;
};

/** What a command was asked. */
export interface Given<Table extends FlagTable> {
  /** Arguments that are no flags. */
  readonly words: readonly string[];
  /** Flags that are settings of a plan, unread, by the setting's name. */
  readonly settings: PlanInput;
  /** A flag that was refused has its initial value, or null; then there are problems, and the command may not go on. */
  readonly flags: Values<Table>;
  /** What is wrong with the flags. The command adds what else is, and tells all of it. */
  readonly problems: readonly string[];
}

/** A flag with a value, null where it is not given. */
export function flag<T>(schema: z.ZodType<T>, help: string): Flag<T | null> {
  return { shape: 'text', schema, help };
}

/** A flag with a value that is `initial` where it is not given. */
export function flagOr<T>(initial: string, schema: z.ZodType<T>, help: string): Flag<T> {
  return { shape: 'text', schema, help, initial };
}

/** A flag that must be given; `needed` says so. */
export function neededFlag<T>(needed: string, schema: z.ZodType<T>, help: string): Flag<T> {
  return { shape: 'text', schema, help, needed };
}

/** A flag that may be repeated; null where it is not given. */
export function list(help: string): Flag<readonly string[] | null> {
  return { shape: 'list', schema: z.array(z.string()), help };
}

/** `Key=Value`, repeatable; empty where it is not given. */
export function pairs(help: string): Flag<Readonly<Record<string, string>>> {
  const schema = z.array(z.string()).transform((texts, context) => {
    const entries = texts.map((pair) => [pair, pair.indexOf('=')] as const);
    for (const [pair, at] of entries) if (at < 1) problem(context, `'${pair}' is not Key=Value`);
    return Object.fromEntries(entries.map(([pair, at]) => [pair.slice(0, at), pair.slice(at + 1)]));
  });
  return { shape: 'list', schema, help, initial: [] };
}

/** A flag without a value; one that is on is turned off by its name with no- before it. */
export function toggle(help: string, initial = false): Flag<boolean> {
  return { shape: 'switch', schema: z.boolean(), help, initial };
}

/** What is typed as a text, is `what`, and is shown in the help as `unit`. */
export function typed<T>(
  unit: string,
  what: string,
  parse: (text: string) => T | null,
): z.ZodType<T, string> {
  return z
    .string()
    .transform((text, context) => parse(text) ?? problem(context, `'${text}' is not ${what}`))
    .describe(unit);
}

export const TEXT = z.string();

export const DOLLARS = typed('US dollars', 'an amount of US dollars, such as 0.50', (text) =>
  parseDollars(text.replace(/^\$/, '')),
);

export const REGION = typed('region', 'a region such as us-east-1', (text) =>
  REGION_NAME.test(text) ? text : null,
);

/** Milliseconds. */
export function durationFrom(leastMs: number, mostMs: number, what: string): z.ZodType<number, string> {
  return typed('duration', what, (text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= leastMs && ms <= mostMs ? ms : null;
  });
}

/** Milliseconds of any duration. */
export const DURATION = durationFrom(0, Infinity, 'a duration such as 15m or 90s');

/** By an hour after the last minute of a run CloudWatch has published what it will publish. */
export const METRICS_WAIT = durationFrom(0, 3_600_000, 'a duration up to 60m, such as 180s');

/** Messages per second. */
export function rateUpTo(most: number): z.ZodType<number, string> {
  return typed('messages/s', `a rate above 0 and at most ${most}, such as 500`, (text) => {
    const rate = parseRate(text);
    return rate !== null && rate > 0 && rate <= most ? rate : null;
  });
}

export function wholeFrom(least: number, most: number): z.ZodType<number, string> {
  return typed('whole number', `a whole number from ${least} to ${most}`, (text) =>
    /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : null,
  );
}

/** A share such as `5%`; a bare number would leave open whether 5 is five or five hundred per cent. */
export function shareFrom(least: number, most: number): z.ZodType<number, string> {
  return typed('%', `a share from ${least * 100}% to ${most * 100}%, such as 5%`, (text) => {
    const share = Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1]) / 100;
    return share >= least && share <= most ? share : null;
  });
}

export function oneOf<const Name extends string>(names: readonly Name[]): z.ZodType<Name, string> {
  return typed('', `one of ${names.join(', ')}`, (text) => names.find((name) => name === text) ?? null);
}

/** Path of a price table that can be read. */
const PRICES = TEXT.superRefine((path, context) => {
  try {
    readPrices(path);
  } catch (error) {
    const message = (error as Error).message.replaceAll(/\s+/g, ' ');
    problem(context, `${path} is no table of prices such as stack/prices.json: ${message}`);
  }
});

/** Flags of commands that write results. */
export const output = (file: string, directory = 'run directory (default reports/runs/TIME-NAME-ID)') => ({
  out: flag(TEXT, directory),
  quiet: toggle('print where the report is, and a verdict when the exit code is not 0'),
  json: toggle(`print ${file} and nothing else`),
});

export const PRICES_FLAG = {
  prices: flag(
    PRICES,
    'price table for the cost of the run (default stack/prices.json, list prices with their dates)',
  ),
};

/** The values of what was typed; what is wrong is added to the problems. */
export function readFlags<Table extends FlagTable>(
  table: Table,
  typedFlags: Readonly<Record<string, unknown>>,
  problems: string[],
): Values<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([name, row]) => [name, readFlag(dashed(name), row, typedFlags, problems)]),
  ) as Values<Table>;
}

function readFlag(
  name: string,
  { shape, schema, initial, needed }: Flag,
  typedFlags: Readonly<Record<string, unknown>>,
  problems: string[],
): unknown {
  const fallback = initial === undefined ? null : schema.parse(initial);
  const value = shape === 'list' ? typedFlags[name] : lastOf(typedFlags[name]);
  if (value === undefined && needed !== undefined) problems.push(`${name}: ${needed}`);
  if (value === undefined) return fallback;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  problems.push(...parsed.error.issues.map(({ message }) => `${name}: ${message}`));
  return fallback;
}

/** The last of a repeated flag. */
export function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}
