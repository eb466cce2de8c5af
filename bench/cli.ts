/**
 * The command line: the verbs, their flags, and what each is composed of. Anything beyond naming and handing over is in
 * the commands. Flags that are plan settings go through the plan's schema unread, so that a misspelt flag and a wrong
 * value are reported together.
 */
import yargs, { type Argv } from 'yargs';
import { parseResult } from '../reports/schema.ts';
import { summaryLines } from '../reports/terminal.ts';
import { writeReports } from '../reports/write.ts';
import { doctorCommand, STAGE_PORT } from './command/doctor.ts';
import { EXIT, report } from './command/exit.ts';
import { reportCommand } from './command/report.ts';
import { runCommand } from './command/run.ts';
import { LOCAL_STACK_NAME } from './command/stage.ts';
import { stageDownCommand } from './command/stage-down.ts';
import { STAGE_DOWN_FLAGS, STAGE_STATUS_FLAGS, STAGE_UP_FLAGS } from './command/stage-flags.ts';
import { stageLocalCommand } from './command/stage-local.ts';
import { stageStatusCommand } from './command/stage-status.ts';
import { stageUpCommand } from './command/stage-up.ts';
import { ARRIVALS, DISPATCHES, PROFILES } from './core/plan.ts';
import { packageVersion } from './edge/machine.ts';
import { ConfigurationError, type PlanInput, parsePlan } from './edge/plan-file.ts';

/** Parses the arguments, runs the command, and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = EXIT.ok;
  try {
    await commandLine(args).parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function commandLine(args: readonly string[]): Argv {
  return yargs([...args])
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures latency, order and loss of an event-driven WebSocket API.')
    .command('run [plan]', 'one run: drive a stage, measure, report', runFlags, handle(runVerb))
    .command('report <run>', 'render the reports of a run directory again', reportFlags, handle(reportVerb))
    .command('stage', 'stages to drive', stageVerbs)
    .command(
      'doctor',
      'look for what would spoil a run on this machine',
      noFlags,
      handle(() => doctorCommand()),
    )
    .demandCommand(1, 'Which command? See bench --help.')
    .strictCommands()
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false, 'parse-numbers': false })
    .version(packageVersion())
    .help()
    .alias('h', 'help')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message: string | undefined, error: Error | undefined) => {
      throw error ?? new ConfigurationError([message ?? 'bad usage']);
    });
}

type Arguments = Readonly<Record<string, unknown>>;

/** A yargs handler that sets the exit code the verb answers. */
function handle(verb: (argv: Arguments) => Promise<number> | number): (argv: Arguments) => Promise<void> {
  return async (argv) => {
    process.exitCode = await verb(argv);
  };
}

function reportFlags(parser: Argv): Argv {
  return parser
    .options({
      'refresh-metrics': {
        type: 'boolean',
        default: false,
        describe: "read the metrics of a stack's run from CloudWatch again, which publishes them late",
      },
      region: { type: 'string', describe: 'region to ask (default: that of the run)' },
    })
    .strict();
}

function noFlags(parser: Argv): Argv {
  return parser.strict();
}

/** The default and what follows from the choice, where it is made. */
const DISPATCH_HELP =
  `how the local gateway takes the messages of one connection: ${DISPATCHES.join(', ')} (default serial). ` +
  'serial keeps their order up to the stream and passes one message per integration latency; concurrent lets them ' +
  'overtake each other before the stream. AWS documents neither';

function runFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  const list = (describe: string) => ({ type: 'string', array: true, nargs: 1, describe }) as const;
  return parser
    .positional('plan', {
      type: 'string',
      default: 'quick',
      describe: 'bundled plan (quick, bursty, closed-loop) or a YAML or JSON file',
    })
    .options({
      stage: text(
        "'local', the name or ARN of a stack, or the ws:// or wss:// URL of any server that echoes",
      ),
      region: text('AWS region of the stack (default: that of the environment)'),
      connections: text('WebSocket connections'),
      'connect-rate': text('connections opened per second (API Gateway allows 500)'),
      rate: text('messages per second over all connections (open loop)'),
      arrival: text(`spread of the messages: ${ARRIVALS.join(', ')}`),
      'in-flight': text('messages outstanding per connection (closed loop, instead of --rate)'),
      duration: text('length of the measured window, such as 30s or 5m'),
      warmup: text('driven before it and counted apart'),
      drain: text('wait for outstanding answers after it'),
      'payload-bytes': text('size of a message'),
      trace: { type: 'boolean', describe: 'ask the reference service for hop timestamps' },
      parameter: list('Key=Value: template parameter of the local stage'),
      template: text('CloudFormation template for the local stage'),
      profile: text(`latencies and quotas of the local stage: ${PROFILES.join(', ')}`),
      dispatch: text(DISPATCH_HELP),
      header: list("'Name: value' sent on connect; the value is never written anywhere"),
      threshold: list("such as 'latency.response.p99 < 250'; exit code 3 when one fails"),
      threads: text('threads of the driver'),
      seed: text('seed of everything that is left to chance'),
      name: text('name of the run'),
      metrics: {
        type: 'boolean',
        default: true,
        describe: "read the stage's metrics; --no-metrics leaves them out",
      },
      'metrics-wait': text(
        'how long after its last minute the metrics of a run on AWS are read (default 180s)',
      ),
      'max-cost': text('US dollars; a run on a stack that is estimated to cost more does not begin'),
      out: text('run directory (default reports/runs/TIME-NAME)'),
      quiet: { type: 'boolean', default: false, describe: 'print only where the report is' },
      json: { type: 'boolean', default: false, describe: 'print result.json and nothing else' },
    })
    .example('$0 run --connections 5000 --rate 1000', 'the local stage, harder')
    .example('$0 run --stage my-stack --region eu-west-1 --max-cost 1', 'a deployed stack, with its metrics')
    .example('$0 run --stage wss://… --rate 200 --duration 5m', 'any echo service');
}

/** Flags of `bench run` that are not plan settings. */
const NOT_SETTINGS = new Set([
  ...['_', '$0', 'plan', 'help', 'h', 'version'],
  ...['out', 'quiet', 'json', 'metrics', 'metrics-wait', 'max-cost'],
]);

/** Flags that may be repeated and add up; of any other the last one counts, so that a script's flags can be overridden. */
const LISTS = new Set(['parameter', 'header', 'threshold']);

function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function runVerb(argv: Arguments): Promise<number> {
  const extra = (argv._ as string[]).slice(1);
  const settings: PlanInput = Object.fromEntries(
    Object.entries(argv)
      .filter(([name, value]) => !NOT_SETTINGS.has(name) && value !== undefined)
      .map(([name, value]) => [camelCase(name), LISTS.has(name) ? value : lastOf(value)]),
  );
  if (extra.length > 0) throw new ConfigurationError([`one plan at a time: ${extra.join(' ')} is too much`]);
  return runCommand(
    {
      plan: argv.plan as string,
      settings,
      options: {
        metrics: lastOf(argv.metrics) !== false,
        metricsWait: lastOf(argv['metrics-wait']) as string | undefined,
        maxCost: lastOf(argv['max-cost']) as string | undefined,
      },
      out: lastOf(argv.out) as string | undefined,
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { write: writeReports, summary: summaryLines },
  );
}

function reportVerb(argv: Arguments): Promise<number> {
  return reportCommand(
    {
      run: argv.run as string,
      refreshMetrics: argv['refresh-metrics'] === true,
      region: lastOf(argv.region) as string | undefined,
    },
    { parse: parseResult, write: writeReports },
  );
}

function stageVerbs(parser: Argv): Argv {
  return parser
    .command('local', 'serve the local stage until Ctrl-C', stageLocalFlags, handle(stageLocalVerb))
    .command(
      'up',
      'deploy a template as a stack on AWS, or change the stack to it',
      (stage) => stage.options(STAGE_UP_FLAGS).strict(),
      handle(stageUpCommand),
    )
    .command(
      'status',
      'what is deployed, with which settings, and what it costs',
      (stage) => stage.options(STAGE_STATUS_FLAGS).strict(),
      handle(stageStatusCommand),
    )
    .command(
      'down',
      'delete a stack that this tool made, and show that nothing is left',
      (stage) => stage.options(STAGE_DOWN_FLAGS).strict(),
      handle(stageDownCommand),
    )
    .demandCommand(1, 'Which stage command? See bench stage --help.')
    .strict();
}

function stageLocalFlags(parser: Argv): Argv {
  return parser
    .options({
      port: {
        type: 'string',
        default: String(STAGE_PORT),
        describe: 'port on 127.0.0.1; 0 for any free one',
      },
      template: { type: 'string', describe: 'CloudFormation template (default: the reference stack)' },
      name: { type: 'string', describe: `name of the stack (default: ${LOCAL_STACK_NAME})` },
      parameter: { type: 'string', array: true, nargs: 1, describe: 'Key=Value: template parameter' },
      empty: {
        type: 'boolean',
        default: false,
        describe: 'start without a stack; deploy some through the AWS endpoints',
      },
      profile: { type: 'string', default: 'aws', describe: `latencies and quotas: ${PROFILES.join(', ')}` },
      dispatch: { type: 'string', default: 'serial', describe: DISPATCH_HELP },
      seed: { type: 'string', default: '1', describe: 'seed of everything that is left to chance' },
    })
    .strict();
}

/** Settings that a stage shares with a plan are checked as a plan's. */
function stageLocalVerb(argv: Arguments): Promise<number> {
  const { parameter, template, profile, dispatch, seed, name } = argv;
  const given = { parameter, template, profile, dispatch, seed, name };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const port = Number(argv.port);
  const problems: string[] = [];
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push(`port: '${argv.port}' is not a port number from 0 to 65535`);
  const empty = argv.empty === true;
  for (const flag of empty ? ['template', 'name', 'parameter'] : [])
    if (argv[flag] !== undefined)
      problems.push(`${flag}: a stage that starts without a stack has none; leave out --empty or --${flag}`);
  const { plan } = parsePlan({}, { name: LOCAL_STACK_NAME, ...settings }, problems);
  return stageLocalCommand({
    port,
    empty,
    template: plan.template ?? undefined,
    name: plan.name,
    parameters: plan.parameters,
    profile: plan.profile,
    dispatch: plan.dispatch,
    seed: plan.seed,
  });
}
