/** `bench fleet`: its verbs and their flags. */
import type { Argv } from 'yargs';
import { summaryLines } from '../../reports/run/terminal.ts';
import { writeReports } from '../../reports/write.ts';
import { fleetMergeCommand } from '../command/fleet-merge.ts';
import { fleetPlanCommand } from '../command/fleet-plan.ts';
import { fleetRunCommand } from '../command/fleet-run.ts';
import { planPath } from '../command/run.ts';
import { FLEET_PATIENCE } from '../command/worker-options.ts';
import { ENGINES } from '../fleet/engine.ts';
import { readPlanFile } from '../node/plan-file.ts';
import { type Arguments, handle, lastOf, settingsOf } from './arguments.ts';
import { runOptions, settingFlags } from './run.ts';

const REPORTING = { write: writeReports, summary: summaryLines };

const PLAN_POSITIONAL = {
  type: 'string',
  default: 'quick',
  describe: 'bundled plan, or a YAML or JSON file',
} as const;

export function fleetVerbs(parser: Argv): Argv {
  return parser.command(
    'fleet',
    'the same run on many machines, by an engine that runs arrays of tasks',
    (inner) =>
      inner
        .command(
          'run [plan]',
          'submit the workers, watch them, merge what they measured',
          runFlags,
          handle(runVerb),
        )
        .command(
          'merge <store>',
          'merge the partials of a directory or s3:// URI',
          mergeFlags,
          handle(mergeVerb),
        )
        .command(
          'plan [plan]',
          'how many workers a plan needs, and what it meets',
          planFlags,
          handle(planVerb),
        )
        .demandCommand(1, 'Which one? See bench fleet --help.'),
  );
}

function outputFlags() {
  return {
    out: { type: 'string', describe: 'new or empty run directory (default reports/runs/TIME-NAME-ID)' },
    quiet: {
      type: 'boolean',
      default: false,
      describe: 'print where the report is, and a verdict when the exit code is not 0',
    },
    json: { type: 'boolean', default: false, describe: 'print result.json and nothing else' },
  } as const;
}

function runFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  const { metrics, 'metrics-wait': metricsWait } = runOptions();
  return parser
    .positional('plan', PLAN_POSITIONAL)
    .options({
      ...settingFlags(),
      engine: text(`what runs the workers: ${ENGINES.join(', ')}`),
      'engine-arg': {
        ...text(
          'option for the engine: a flag of sbatch; queue=…, definition=…; image=…, namespace=…, cpu=…, memory=…',
        ),
        array: true,
        nargs: 1,
      } as const,
      workers: text('how many machines'),
      store: text('where plan and partials go: file:///shared/directory or s3://bucket/prefix'),
      patience: { ...text('how long to wait for the workers to come'), default: FLEET_PATIENCE },
      'max-cost': text(
        'US dollars; a fleet whose workers and run are estimated to cost more is not submitted',
      ),
      metrics,
      'metrics-wait': metricsWait,
      ...outputFlags(),
    })
    .example('$0 fleet run plan.yaml --engine slurm --workers 8 --store file:///shared/bench', '')
    .example('$0 fleet run plan.yaml --engine slurm --engine-arg=--partition=load --workers 8 --store …', '');
}

function mergeFlags(parser: Argv): Argv {
  return parser.options(outputFlags());
}

function planFlags(parser: Argv): Argv {
  return parser.positional('plan', PLAN_POSITIONAL).options({
    ...settingFlags(),
    'workers-ceiling': {
      type: 'string',
      describe: "messages/s that a worker's thread can drive (default: this machine's, measured)",
    },
    json: { type: 'boolean', default: false, describe: 'print it as JSON' },
  } as const);
}

function outputOf(argv: Arguments) {
  return {
    out: lastOf(argv.out) as string | undefined,
    quiet: argv.quiet === true,
    json: argv.json === true,
  };
}

function runVerb(argv: Arguments): Promise<number> {
  return fleetRunCommand(
    {
      file: readPlanFile(planPath(argv.plan as string)),
      settings: settingsOf(argv),
      engine: lastOf(argv.engine) as string | undefined,
      engineArguments: (argv['engine-arg'] as string[] | undefined) ?? [],
      workers: lastOf(argv.workers) as string | undefined,
      store: lastOf(argv.store) as string | undefined,
      patience: lastOf(argv.patience) as string,
      maxCost: lastOf(argv['max-cost']) as string | undefined,
      metrics: lastOf(argv.metrics) !== false,
      metricsWait: lastOf(argv['metrics-wait']) as string | undefined,
      ...outputOf(argv),
    },
    REPORTING,
  );
}

function mergeVerb(argv: Arguments): Promise<number> {
  return fleetMergeCommand({ store: argv.store as string, ...outputOf(argv) }, REPORTING);
}

function planVerb(argv: Arguments): Promise<number> {
  return fleetPlanCommand({
    file: readPlanFile(planPath(argv.plan as string)),
    settings: settingsOf(argv),
    ceiling: lastOf(argv['workers-ceiling']) as string | undefined,
    json: argv.json === true,
  });
}
