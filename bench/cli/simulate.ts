/** `bench simulate`: the flags of a run that mean something on virtual time, and its own. */
import type { Argv } from 'yargs';
import { summaryLines } from '../../reports/run/terminal.ts';
import { writeReports } from '../../reports/write.ts';
import { simulateCommand } from '../command/simulate.ts';
import { dashed } from '../model/plan.ts';
import { settingsThat } from '../model/plan-settings.ts';
import { type Arguments, handle, lastOf, settingsOf } from './arguments.ts';
import { runOptionsWithout } from './run.ts';

export function simulateVerbs(parser: Argv): Argv {
  return parser.command(
    'simulate [plan]',
    'the same run on virtual time: driver and local stage in one process, repeatable to the byte',
    simulateFlags,
    handle(simulateVerb),
  );
}

/** What a simulation has none of: another stage, the network, the machine, metrics that come late. */
const OF_REAL_RUNS = [
  ...[...settingsThat(({ isReal }) => isReal)].map(dashed),
  ...['max-cost', 'metrics', 'metrics-wait', 'calibration'],
];

function simulateFlags(parser: Argv): Argv {
  return parser
    .positional('plan', { type: 'string', default: 'quick', describe: 'as for run' })
    .options({
      ...runOptionsWithout(...OF_REAL_RUNS),
      functions: {
        type: 'string',
        default: 'code',
        describe:
          "code runs the template's own functions; model does what the reference stack's do, which is faster",
      },
      verify: {
        type: 'boolean',
        default: false,
        describe: 'simulate twice and compare the bytes of both results',
      },
    })
    .example('$0 simulate quick --seed 7', 'the quick plan in seconds, the same every time')
    .example('$0 simulate --faults lossy --verify', 'with faults, twice');
}

function simulateVerb(argv: Arguments): Promise<number> {
  return simulateCommand(
    {
      plan: argv.plan as string,
      settings: settingsOf(argv),
      functions: String(lastOf(argv.functions)),
      verify: lastOf(argv.verify) === true,
      prices: lastOf(argv.prices) as string | undefined,
      out: lastOf(argv.out) as string | undefined,
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { write: writeReports, summary: summaryLines },
  );
}
