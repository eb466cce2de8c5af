/** `bench run`: its flags, which other verbs that run share, and what it is composed of. */
import type { Argv, Options } from 'yargs';
import { summaryLines } from '../../reports/run/terminal.ts';
import { writeReports } from '../../reports/write.ts';
import { runCommand } from '../command/run.ts';
import { dashed, SETTING_ROWS, type SettingRow } from '../model/plan.ts';
import { type Arguments, handle, lastOf, settingsOf } from './arguments.ts';

/** Flags that are settings of a plan, of those of which `is` holds. */
export function settingFlags(is: (row: SettingRow) => boolean = () => true): Record<string, Options> {
  return Object.fromEntries(
    SETTING_ROWS.filter(([, row]) => is(row)).map(([name, { flag = 'text', help }]) => [
      dashed(name),
      flagOf(flag, help),
    ]),
  );
}

function flagOf(flag: NonNullable<SettingRow['flag']>, describe: string): Options {
  if (flag === 'switch') return { type: 'boolean', describe };
  return flag === 'text' ? { type: 'string', describe } : { type: 'string', array: true, nargs: 1, describe };
}

/** Flags of `bench run` but its plan. */
export function runOptions() {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return {
    ...settingFlags(),
    metrics: {
      type: 'boolean',
      default: true,
      describe: "read the stage's metrics; --no-metrics leaves them out",
    },
    'metrics-wait': text(
      'how long after its last minute the metrics of a run on AWS are read (default 180s)',
    ),
    calibration: {
      type: 'boolean',
      default: true,
      describe: 'measure what the driver can do here first, about 2 s; --no-calibration leaves it out',
    },
    'max-cost': text('US dollars; a run on a stack that is estimated to cost more does not begin'),
    prices: text(
      'price table for the cost of the run (default stack/prices.json, list prices with their dates)',
    ),
    out: text(
      'run directory (default reports/runs/TIME-NAME-ID); one that holds something, or that another command is writing, is refused',
    ),
    quiet: {
      type: 'boolean',
      default: false,
      describe: 'print where the report is, and a verdict when the exit code is not 0',
    },
    json: { type: 'boolean', default: false, describe: 'print result.json and nothing else' },
  } as const;
}

/** Flags of `bench run` but those of these names. */
export function runOptionsWithout(...names: readonly string[]): Record<string, Options> {
  return Object.fromEntries(Object.entries(runOptions()).filter(([name]) => !names.includes(name)));
}

export function runVerbs(parser: Argv): Argv {
  return parser.command('run [plan]', 'one run: drive a stage, measure, report', runFlags, handle(runVerb));
}

function runFlags(parser: Argv): Argv {
  return parser
    .positional('plan', {
      type: 'string',
      default: 'quick',
      describe: 'bundled plan (quick, bursty, closed-loop) or a YAML or JSON file',
    })
    .options(runOptions())
    .example('$0 run --connections 5000 --rate 1000', 'the local stage, harder')
    .example('$0 run --stage my-stack --region eu-west-1 --max-cost 1', 'a deployed stack, with its metrics')
    .example('$0 run --stage wss://… --rate 200 --duration 5m', 'any echo service');
}

function runVerb(argv: Arguments): Promise<number> {
  return runCommand(
    {
      plan: argv.plan as string,
      settings: settingsOf(argv),
      options: {
        metrics: lastOf(argv.metrics) !== false,
        metricsWait: lastOf(argv['metrics-wait']) as string | undefined,
        maxCost: lastOf(argv['max-cost']) as string | undefined,
        calibration: lastOf(argv.calibration) !== false,
        prices: lastOf(argv.prices) as string | undefined,
      },
      out: lastOf(argv.out) as string | undefined,
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { write: writeReports, summary: summaryLines },
  );
}
