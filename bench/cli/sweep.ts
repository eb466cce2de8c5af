/** `bench sweep`: the flags of a run, and those of its grid. */
import type { Argv } from 'yargs';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeSavedReports } from '../../reports/saved-reports.ts';
import { sweepDocument } from '../../reports/sweep/document.ts';
import { parseSweepResult } from '../../reports/sweep/saved.ts';
import { runLine } from '../../reports/sweep/text.ts';
import { writeReports } from '../../reports/write.ts';
import { sweepCommand } from '../command/sweep.ts';
import { type Arguments, handle, lastOf, settingsOf } from './arguments.ts';
import { runOptionsWithout } from './run.ts';

export function sweepVerbs(parser: Argv): Argv {
  return parser.command(
    'sweep [plan]',
    'a grid of settings × repeats, interleaved at random, resumable',
    sweepFlags,
    handle(sweepVerb),
  );
}

function sweepFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  const list = (describe: string) => ({ type: 'string', array: true, nargs: 1, describe }) as const;
  return parser
    .positional('plan', {
      type: 'string',
      describe: 'as for run; it may say vary, repeats, goal and orderSeed too',
    })
    .options({
      vary: list(
        'Key=a,b,c: a template parameter or a setting of the plan (ShardCount, rate, payload-bytes …)',
      ),
      repeats: text('runs of each cell (default 2); without repeats there is no telling chance from effect'),
      goal: list(
        "what the recommended setting must meet in every repeat, such as 'latency.response.p99 < 250'",
      ),
      'order-seed': text('seed of the order of runs (default 1)'),
      on: text(
        'local (a fresh local stage for each run, the default) or aws (stacks of its own, named after --name)',
      ),
      parallel: text('stacks at a time with --on aws (default 1); one run drives at a time all the same'),
      resume: text('directory of a sweep to go on with'),
      ...runOptionsWithout('metrics-wait'),
      'max-cost': text('US dollars; a sweep on AWS that is estimated to cost more does not begin'),
      out: text(
        'directory of the sweep (default reports/runs/TIME-NAME-sweep-ID); one that holds this sweep is gone on with',
      ),
      json: { type: 'boolean', default: false, describe: 'print sweep.json and nothing else' },
    })
    .example(
      "$0 sweep quick --vary ShardCount=1,2 --vary BatchSize=16,100 --goal 'latency.response.p99 < 250'",
      'locally',
    )
    .example(
      '$0 sweep quick --vary ShardCount=1,4 --on aws --name demo --max-cost 5',
      'on AWS, torn down afterwards',
    )
    .example('$0 sweep --resume reports/runs/DIRECTORY', 'after an interruption');
}

function sweepVerb(argv: Arguments): Promise<number> {
  const given = (name: string) => lastOf(argv[name]) as string | undefined;
  return sweepCommand(
    {
      plan: argv.plan as string | undefined,
      settings: settingsOf(argv),
      flags: {
        vary: argv.vary as string[] | undefined,
        goal: argv.goal as string[] | undefined,
        repeats: given('repeats'),
        orderSeed: given('order-seed'),
        on: given('on'),
        parallel: given('parallel'),
        maxCost: given('max-cost'),
        metrics: lastOf(argv.metrics) !== false,
        calibration: lastOf(argv.calibration) !== false,
        prices: given('prices'),
      },
      out: given('out'),
      resume: given('resume'),
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    {
      writeRun: writeReports,
      writeSweep: (directory) => writeSavedReports('sweep.json', directory),
      parse: parseSweepResult,
      runLine,
      summary: (result, options) => renderTerminal(sweepDocument(result), options),
    },
  );
}
