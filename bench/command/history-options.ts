/** What was asked of `bench history`, parsed: every problem at once, with its remedy. */
import { assertNone } from '../model/failure.ts';

/** Flags as given. */
export interface HistoryFlags {
  readonly smallestEffect: string | undefined;
  readonly last: string | undefined;
  readonly seed: string | undefined;
  readonly metrics: readonly string[];
  /** False with --no-fail. */
  readonly fail: boolean;
}

export interface HistorySettings {
  readonly smallestEffect: number;
  readonly last: number;
  readonly seed: number;
  readonly metrics: readonly string[];
  readonly isFailing: boolean;
}

/** Entries of a group that are looked at when nothing is said: enough for most of a year of daily runs, tested in seconds. */
export const DEFAULT_LAST = 200;

/** The tests take the square of the entries: twelve metrics of a thousand are half a minute. */
const MAX_LAST = 1_000;

/** A change below a thousandth is noise to anyone; above ten times, no test is needed. */
const MIN_EFFECT = 0.001;
const MAX_EFFECT = 10;

/** The settings. Throws {@link ConfigurationError} with everything that is wrong. */
export function parseHistoryFlags(flags: HistoryFlags): HistorySettings {
  const problems: string[] = [];
  const whole = (name: string, text: string, least: number, most: number): number => {
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < least || value > most)
      problems.push(`${name}: '${text}' is not a whole number from ${least} to ${most}`);
    return value;
  };
  const settings = {
    smallestEffect: effectOf(flags.smallestEffect ?? '5%', problems),
    last: whole('last', flags.last ?? String(DEFAULT_LAST), 1, MAX_LAST),
    seed: whole('seed', flags.seed ?? '1', 0, 999_999_999_999_999),
    metrics: flags.metrics,
    isFailing: flags.fail,
  };
  assertNone(problems);
  return settings;
}

function effectOf(text: string, problems: string[]): number {
  const value = Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1]) / 100;
  if (value >= MIN_EFFECT && value <= MAX_EFFECT) return value;
  problems.push(`smallest-effect: '${text}' is not a share from 0.1% to 1000%, such as 5%`);
  return 1;
}
