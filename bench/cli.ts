/**
 * The command line: the verbs, their flags, and what each is composed of. Anything beyond naming and handing over is in
 * the commands. Flags that are plan settings go through the plan's schema unread, so that a misspelt flag and a wrong
 * value are reported together.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import yargs, { type Argv } from 'yargs';
import { capacityLines, probeLine } from '../reports/capacity/terminal.ts';
import { writeCapacityReports } from '../reports/capacity/write.ts';
import { parseResult } from '../reports/schema.ts';
import { summaryLines } from '../reports/terminal.ts';
import { writeReports } from '../reports/write.ts';
import { capacityCommand } from './command/capacity.ts';
import { DEFAULT_SLOS } from './command/capacity-options.ts';
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
import { ARRIVALS, DISPATCHES, PACINGS, PROFILES } from './core/plan.ts';
import { packageVersion } from './edge/machine.ts';
import { ConfigurationError, type PlanInput, parsePlan } from './edge/plan-file.ts';

/** Parses the arguments, runs the command, and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = EXIT.ok;
  // Whoever reads the output may leave early (`… | head`): what the command does goes on, and so does its exit code.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
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
    .command(
      'capacity [plan]',
      'search the highest rate that still meets the SLOs',
      capacityFlags,
      handle(capacityVerb),
    )
    .command('report <run>', 'render the reports of a run directory again', reportFlags, handle(reportVerb))
    .command('stage', 'stages to drive', stageVerbs)
    .command(
      'doctor',
      'look for what would spoil a run on this machine',
      doctorFlags,
      handle((argv) => doctorCommand({ isSelfTest: argv['self-test'] === true })),
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

function doctorFlags(parser: Argv): Argv {
  return parser
    .options({
      'self-test': {
        type: 'boolean',
        default: false,
        describe: 'prove that a frozen server shows in the percentiles and that a slow driver is caught',
      },
    })
    .strict();
}

/** The default and what follows from the choice, where it is made. */
const DISPATCH_HELP =
  `how the local gateway takes the messages of one connection: ${DISPATCHES.join(', ')} (default serial). ` +
  'serial keeps their order up to the stream and passes one message per integration latency; concurrent lets them ' +
  'overtake each other before the stream. AWS documents neither';

const PACING_HELP =
  `what wakes the driver when a message is due: ${PACINGS.join(', ')} (default metronome). timer is about 0.6 ms late and ` +
  'costs nothing; metronome about 0.1 ms, for a third of a core at 10,000 messages/s and little at hundreds; spin ' +
  'hardly at all, for a whole core per thread';

/** Flags of `bench run` but its plan. */
function runOptions() {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  const list = (describe: string) => ({ type: 'string', array: true, nargs: 1, describe }) as const;
  return {
    stage: text("'local', the name or ARN of a stack, or the ws:// or wss:// URL of any server that echoes"),
    region: text('AWS region of the stack (default: that of the environment)'),
    connections: text('WebSocket connections'),
    'connect-rate': text('connections opened per second, at most (API Gateway allows 500)'),
    reconnect: {
      type: 'boolean',
      describe: 'open a connection that failed, or that the stage closed, again as a new stream',
    },
    churn: text('connections closed and opened again per second, as new streams (default 0)'),
    'local-address': list(
      'address of this machine that connections come from; several are used in turn (A,B,C or repeated)',
    ),
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
    pacing: text(PACING_HELP),
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
    calibration: {
      type: 'boolean',
      default: true,
      describe: 'measure what the driver can do here first, about 2 s; --no-calibration leaves it out',
    },
    'max-cost': text('US dollars; a run on a stack that is estimated to cost more does not begin'),
    out: text('run directory (default reports/runs/TIME-NAME)'),
    quiet: { type: 'boolean', default: false, describe: 'print only where the report is' },
    json: { type: 'boolean', default: false, describe: 'print result.json and nothing else' },
  } as const;
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

/** Flags of `bench run`, less what the search decides itself, and its own. */
function capacityFlags(parser: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  const { rate, 'in-flight': inFlight, duration, threshold, 'metrics-wait': wait, ...shared } = runOptions();
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
      ...shared,
      metrics: {
        type: 'boolean',
        default: true,
        describe: "read the stage's metrics; of a stack only where an SLO names one, for they come late",
      },
      'max-cost': text(
        'US dollars; a search on a stack that could cost more does not begin (needs --max-rate)',
      ),
      quiet: { type: 'boolean', default: false, describe: 'print only where the report is' },
      json: { type: 'boolean', default: false, describe: 'print capacity.json and nothing else' },
    })
    .example("$0 capacity --slo 'latency.response.p99 < 100'", 'the local stage')
    .example('$0 capacity --stage my-stack --max-rate 5000 --max-cost 2 --budget 20m', 'a deployed stack');
}

/** Flags of `bench run` that are not plan settings. */
const NOT_SETTINGS = new Set([
  ...['_', '$0', 'plan', 'help', 'h', 'version'],
  ...['out', 'quiet', 'json', 'metrics', 'metrics-wait', 'max-cost', 'calibration'],
  ...['slo', 'min-rate', 'max-rate', 'precision', 'probe-duration', 'confirmations', 'budget'],
]);

/** Flags that may be repeated and add up; of any other the last one counts, so that a script's flags can be overridden. */
const LISTS = new Set(['parameter', 'header', 'threshold', 'localAddress']);

function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Flags that are plan settings, by their setting's name. */
function settingsOf(argv: Arguments): PlanInput {
  const extra = (argv._ as string[]).slice(1);
  if (extra.length > 0) throw new ConfigurationError([`one plan at a time: ${extra.join(' ')} is too much`]);
  return Object.fromEntries(
    Object.entries(argv)
      .filter(([name, value]) => !NOT_SETTINGS.has(name) && value !== undefined)
      .map(([name, value]) => [camelCase(name), LISTS.has(camelCase(name)) ? value : lastOf(value)]),
  );
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
        calibration: lastOf(argv.calibration) !== false,
      },
      out: given('out'),
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { writeRun: writeReports, writeCapacity: writeCapacityReports, probeLine, summary: capacityLines },
  );
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
      },
      out: lastOf(argv.out) as string | undefined,
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { write: writeReports, summary: summaryLines },
  );
}

/** A directory is a run's, or that of a capacity search, by what is in it. */
function writeAnyReports(directory: string): Promise<unknown> {
  const isCapacity = existsSync(path.join(directory, 'capacity.json'));
  return isCapacity ? writeCapacityReports(directory) : writeReports(directory);
}

function reportVerb(argv: Arguments): Promise<number> {
  return reportCommand(
    {
      run: argv.run as string,
      refreshMetrics: argv['refresh-metrics'] === true,
      region: lastOf(argv.region) as string | undefined,
    },
    { parse: parseResult, write: writeAnyReports },
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
