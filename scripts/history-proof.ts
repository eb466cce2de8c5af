/**
 * What `bench history` finds, and what it finds falsely: made-up series of known levels and noise, judged as the command judges them.
 * Flat series must raise few alarms and hardly ever fail the command; staircases and drifts whose steps are each too small to matter must
 * fail it. From one seed the figures are the same to the last digit.
 *
 * Usage: npm run history:proof [-- --trials 400] [--seed 1] [--only flat|drift|stairs|alike]
 * Exit code 1 when a rate is beyond its bound by more than two standard errors.
 */
import { CASES, type Case, rateOf } from '../reports/history/testing/proof.ts';
import { refuse, scriptArguments, wholeOf } from './script-arguments.ts';

const { values } = scriptArguments({
  trials: { type: 'string', default: '400' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
});
const trials = wholeOf('trials', values.trials);
const seed = wholeOf('seed', values.seed, 0);
const kinds = [...new Set(CASES.map(({ kind }) => kind))];
if (values.only !== undefined && !kinds.some((kind) => kind === values.only))
  refuse([`only: '${values.only}' is not one of ${kinds.join(', ')}`]);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(8);

/** Two standard errors of a rate in so many trials: a bound that is just held is missed by less. */
const reach = (rate: number, trials: number): number => 2 * Math.sqrt((rate * (1 - rate)) / trials);

/** Rates of a case as a line, with what they are held to. */
function judge(one: Case): boolean {
  const { alarms, failures } = rateOf(one, trials, seed);
  const isFine =
    alarms <= one.mostAlarms + reach(one.mostAlarms, trials) &&
    failures <= one.mostFailures + reach(one.mostFailures, trials) &&
    failures >= one.leastFailures - reach(one.leastFailures, trials);
  process.stdout.write(
    `${isFine ? 'ok  ' : 'MISS'}  ${one.name.padEnd(64)}${percent(alarms)}${percent(failures)}\n`,
  );
  return isFine;
}

process.stdout.write(`      ${''.padEnd(64)}   found  exit 3\n`);
const asked = CASES.filter(({ kind }) => values.only === undefined || kind === values.only);
if (!asked.map(judge).every(Boolean)) process.exitCode = 1;
