/** What was asked of `bench compare`, parsed: every problem at once, with its remedy. */
import { assertNone } from '../model/failure.ts';

/** Flags as given. */
export interface CompareFlags {
  /** BASE and the candidates; none with a self-check. */
  readonly sides: readonly string[];
  readonly selfCheck: string | undefined;
  readonly smallestEffect: string | undefined;
  readonly smallestRatio: string | undefined;
  readonly effect: string | undefined;
  readonly seed: string | undefined;
  readonly failOn: string | undefined;
  readonly allowSingleRuns: boolean;
  readonly force: boolean;
}

export interface CompareSettings {
  readonly smallestEffect: number;
  readonly smallestRatio: number;
  readonly effect: number;
  readonly seed: number;
  readonly failOnWorse: boolean;
  /** Lets the gate judge sides of one run. */
  readonly allowSingleRuns: boolean;
  readonly force: boolean;
}

/** A share such as `5%`; a bare number would leave open whether 5 is five or five hundred per cent. */
function share(name: string, text: string, problems: string[]): number {
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1];
  const value = Number(percent) / 100;
  if (percent !== undefined && value > 0 && value <= 10) return value;
  problems.push(`${name}: '${text}' is not a share above 0% and up to 1000%, such as 5%`);
  return 1;
}

/** The settings. Throws {@link ConfigurationError} with everything that is wrong. */
export function parseCompare(flags: CompareFlags): CompareSettings {
  const problems: string[] = [];
  const seed = flags.seed ?? '1';
  if (!/^\d{1,15}$/.test(seed)) problems.push(`seed: '${seed}' is not a whole number`);
  if (flags.failOn !== undefined && flags.failOn !== 'worse')
    problems.push(`fail-on: '${flags.failOn}' is not 'worse'`);
  if (flags.selfCheck === undefined && flags.sides.length < 2)
    problems.push(
      'compare takes a BASE and one candidate or more: run directories, or directories of repeats',
    );
  if (flags.selfCheck !== undefined && flags.sides.length > 0)
    problems.push('self-check: takes one directory of repeats and nothing besides');
  if (flags.selfCheck !== undefined && flags.failOn !== undefined)
    problems.push('fail-on: a self-check judges the comparison, not a candidate');
  if (flags.allowSingleRuns && flags.failOn === undefined)
    problems.push('allow-single-runs: only --fail-on asks for repeats');
  if (flags.selfCheck === undefined && flags.effect !== undefined)
    problems.push('effect: only --self-check injects one');
  const settings = {
    smallestEffect: share('smallest-effect', flags.smallestEffect ?? '5%', problems),
    smallestRatio: share('smallest-ratio', flags.smallestRatio ?? '0.1%', problems),
    effect: share('effect', flags.effect ?? '10%', problems),
    seed: Number(seed),
    failOnWorse: flags.failOn === 'worse',
    allowSingleRuns: flags.allowSingleRuns,
    force: flags.force,
  };
  assertNone(problems);
  return settings;
}
