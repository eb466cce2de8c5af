/**
 * The command line: the verbs, their flags, and what each is composed of. Anything beyond naming and handing over is in
 * the commands. Flags that are plan settings go through the plan's schema unread, so that a misspelt flag and a wrong
 * value are reported together.
 */
import path from 'node:path';
import yargs, { type Argv } from 'yargs';
import { summaryLines } from '../reports/terminal.ts';
import { writeReports } from '../reports/write.ts';
import { doctorCommand, STAGE_PORT } from './command/doctor.ts';
import { EXIT, OperatingError, report } from './command/exit.ts';
import { runCommand } from './command/run.ts';
import { LOCAL_STACK_NAME } from './command/stage.ts';
import { stageLocalCommand } from './command/stage-local.ts';
import { ARRIVALS, PROFILES } from './core/plan.ts';
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
    .command('report <run>', 'render the reports of a run directory again', noFlags, handle(reportVerb))
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

function noFlags(parser: Argv): Argv {
  return parser.strict();
}

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
      stage: text("'local', or the ws:// or wss:// URL of any server that echoes"),
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
      header: list("'Name: value' sent on connect; the value is never written anywhere"),
      threshold: list("such as 'latency.response.p99 < 250'; exit code 3 when one fails"),
      threads: text('threads of the driver'),
      seed: text('seed of everything that is left to chance'),
      name: text('name of the run'),
      out: text('run directory (default reports/runs/TIME-NAME)'),
      quiet: { type: 'boolean', default: false, describe: 'print only where the report is' },
      json: { type: 'boolean', default: false, describe: 'print result.json and nothing else' },
    })
    .example('$0 run --connections 5000 --rate 1000', 'the local stage, harder')
    .example('$0 run --stage wss://… --rate 200 --duration 5m', 'any echo service');
}

/** Flags of `bench run` that are not plan settings. */
const NOT_SETTINGS = new Set(['_', '$0', 'plan', 'out', 'quiet', 'json', 'help', 'h', 'version']);

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
      out: lastOf(argv.out) as string | undefined,
      quiet: argv.quiet === true,
      json: argv.json === true,
    },
    { write: writeReports, summary: summaryLines },
  );
}

async function reportVerb(argv: Arguments): Promise<number> {
  const given = argv.run as string;
  const directory = given.endsWith('result.json') ? path.dirname(given) : given;
  try {
    await writeReports(directory);
  } catch (error) {
    throw new OperatingError((error as Error).message);
  }
  process.stdout.write(`report: ${directory.replace(/\/$/, '')}/index.html\n`);
  return EXIT.ok;
}

function stageVerbs(parser: Argv): Argv {
  return parser
    .command('local', 'serve the local stage until Ctrl-C', stageLocalFlags, handle(stageLocalVerb))
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
      name: { type: 'string', default: LOCAL_STACK_NAME, describe: 'name of the stack' },
      parameter: { type: 'string', array: true, nargs: 1, describe: 'Key=Value: template parameter' },
      profile: { type: 'string', default: 'aws', describe: `latencies and quotas: ${PROFILES.join(', ')}` },
      seed: { type: 'string', default: '1', describe: 'seed of everything that is left to chance' },
    })
    .strict();
}

/** Settings that a stage shares with a plan are checked as a plan's. */
function stageLocalVerb(argv: Arguments): Promise<number> {
  const { parameter, template, profile, seed, name } = argv;
  const given = { parameter, template, profile, seed, name };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { plan } = parsePlan({}, settings);
  const port = Number(argv.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigurationError([`port: '${argv.port}' is not a port number from 0 to 65535`]);
  }
  return stageLocalCommand({
    port,
    template: plan.template ?? undefined,
    name: plan.name,
    parameters: plan.parameters,
    profile: plan.profile,
    seed: plan.seed,
  });
}
