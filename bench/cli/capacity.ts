/** `bench capacity`: the flags of a run, less what the search decides itself, and its own. */
import type { Argv } from 'yargs';
import { capacityDocument, probeLine } from '../../reports/capacity/document.ts';
import { renderTerminal } from '../../reports/document/terminal.ts';
import { writeSavedReports } from '../../reports/saved-reports.ts';
import { writeReports } from '../../reports/write.ts';
import { capacityCommand } from '../command/capacity.ts';
import { DEFAULT_SLOS } from '../command/capacity-options.ts';
import { type Arguments, handle, lastOf, settingsOf } from './arguments.ts';
import { runOptionsWithout } from './run.ts';

export function capacityVerbs(parser: Argv): Argv {
  return parser.command(
    'capacity [plan]',
    'search the highest rate that still meets the SLOs',
    capacityFlags,
    handle(capacityVerb),
  );
}

/** Flags of `bench run`, less what the search decides itself, and its own. */
function capacityFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return parser
    .positional('plan', {
      type: 'string',
      default: 'quick',
      describe: 'as for run; its rate and duration are not used',
    })
    .options({
      slo: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: `what has to hold, as a --threshold of run (default: the plan's, or '${DEFAULT_SLOS.join("' and '")}')`,
      },
      'min-rate': text('lowest rate to try (default 50)'),
      'max-rate': text('highest rate to try (default: until it fails)'),
      precision: text('gap between what holds and what fails, 1% to 50% (default 5%)'),
      'probe-duration': text(
        "measured window of a probe (default 'auto': what the SLOs' percentiles take, 10s or more)",
      ),
      confirmations: text('how often the rate found has to hold again (default 2)'),
      budget: text('time for all probes (default 10m)'),
      ...runOptionsWithout('rate', 'in-flight', 'duration', 'threshold', 'metrics-wait'),
      metrics: {
        type: 'boolean',
        default: true,
        describe: "read the stage's metrics; of a stack only where an SLO names one, for they come late",
      },
      'max-cost': text(
        'US dollars; a search on a stack that could cost more does not begin (needs --max-rate)',
      ),
      quiet: {
        type: 'boolean',
        default: false,
        describe: 'print where the report is, and a verdict when the exit code is not 0',
      },
      json: { type: 'boolean', default: false, describe: 'print capacity.json and nothing else' },
    })
    .example("$0 capacity --slo 'latency.response.p99 < 100'", 'the local stage')
    .example('$0 capacity --stage my-stack --max-rate 5000 --max-cost 2 --budget 20m', 'a deployed stack');
}

function capacityVerb(argv: Arguments): Promise<number> {
  const given = (name: string) => lastOf(argv[name]) as string | undefined;
  return capacityCommand(
    {
      plan: argv.plan as string,
      settings: settingsOf(argv),
      flags: {
        slo: argv.slo as string[] | undefined,
        minRate: given('min-rate'),
        maxRate: given('max-rate'),
        precision: given('precision'),
        probeDuration: given('probe-duration'),
        confirmations: given('confirmations'),
        budget: given('budget'),
        metrics: lastOf(argv.metrics) !== false,
        maxCost: given('max-cost'),
        prices: given('prices'),
        calibration: lastOf(argv.calibration) !== false,
      },
      out: given('out'),
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    {
      writeRun: writeReports,
      writeCapacity: (directory) => writeSavedReports('capacity.json', directory),
      probeLine,
      summary: (result, options) => renderTerminal(capacityDocument(result), options),
    },
  );
}
