/** What was asked of `bench compare`: every problem at once, with its remedy. */
import { assertNone } from '../model/failure.ts';
import {
  flag,
  flagOr,
  type Given,
  oneOf,
  output,
  shareFrom,
  TEXT,
  toggle,
  type Values,
  wholeFrom,
} from './flags.ts';

const SHARE = shareFrom(1e-12, 10);

export const COMPARE_FLAGS = {
  smallestEffect: flagOr('5%', SHARE, 'smallest change of a percentile or of throughput that matters'),
  smallestRatio: flagOr('0.1%', SHARE, 'ratios of violations nearer than this are the same'),
  failOn: flag(
    oneOf(['worse']),
    'exit code 3 when any metric is worse, 4 when a run is invalid or partial; takes two runs or more a side',
  ),
  allowSingleRuns: toggle('with --fail-on: judge one run a side too, although runs of one setting differ'),
  force: toggle('compare runs of different load, connections, payload, duration or kind of stage'),
  selfCheck: flag(TEXT, 'directory of repeats of one setting: false-alarm rate and power of comparing them'),
  effect: flag(SHARE, 'of a self-check: the effect whose power is asked for (default 10%)'),
  seed: flagOr('1', wholeFrom(0, 999_999_999_999_999), 'seed of the resampling'),
  ...output('comparison.json', 'new or empty directory (default reports/runs/TIME-compare-ID)'),
};

export type CompareSettings = Omit<Values<typeof COMPARE_FLAGS>, 'effect'> & { readonly effect: number };

/** Throws a ConfigurationError with everything that is wrong. */
export function compareSettings({
  words,
  flags,
  problems: found,
}: Given<typeof COMPARE_FLAGS>): CompareSettings {
  const problems = [...found];
  const { selfCheck, failOn, allowSingleRuns, effect } = flags;
  if (selfCheck === null && words.length < 2)
    problems.push(
      'compare takes a BASE and one candidate or more: run directories, or directories of repeats',
    );
  if (selfCheck !== null && words.length > 0)
    problems.push('self-check: takes one directory of repeats and nothing besides');
  if (selfCheck !== null && failOn !== null)
    problems.push('fail-on: a self-check judges the comparison, not a candidate');
  if (allowSingleRuns && failOn === null) problems.push('allow-single-runs: only --fail-on asks for repeats');
  if (selfCheck === null && effect !== null) problems.push('effect: only --self-check injects one');
  assertNone(problems);
  return { ...flags, effect: effect ?? 0.1 };
}
