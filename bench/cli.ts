/**
 * The command line: the verbs in the order of their help, each defined in a file of its own, which names its flags and
 * what it is composed of. Anything beyond naming and handing over is in the commands. Flags that are plan settings go
 * through the plan's schema unread, so that a misspelt flag and a wrong value are reported together.
 */
import yargs, { type Argv } from 'yargs';
import { EXIT, report } from './command/exit.ts';
import { ConfigurationError } from './edge/configuration-error.ts';
import { packageVersion } from './edge/machine.ts';

/** By name, in the order of the help. Each is loaded when it is wanted: all of them together take as long as a short command. */
const VERBS: Readonly<Record<string, () => Promise<(parser: Argv) => Argv>>> = {
  run: async () => (await import('./cli/run.ts')).runVerbs,
  simulate: async () => (await import('./cli/simulate.ts')).simulateVerbs,
  capacity: async () => (await import('./cli/capacity.ts')).capacityVerbs,
  sweep: async () => (await import('./cli/sweep.ts')).sweepVerbs,
  claims: async () => (await import('./cli/claims.ts')).claimsVerbs,
  fleet: async () => (await import('./cli/fleet.ts')).fleetVerbs,
  worker: async () => (await import('./cli/worker.ts')).workerVerbs,
  compare: async () => (await import('./cli/compare.ts')).compareVerbs,
  history: async () => (await import('./cli/history.ts')).historyVerbs,
  report: async () => (await import('./cli/report.ts')).reportVerbs,
  stage: async () => (await import('./cli/stage.ts')).stageVerbs,
  doctor: async () => (await import('./cli/doctor.ts')).doctorVerbs,
};

/** Parses the arguments, runs the command, and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = EXIT.ok;
  // Whoever reads the output may leave early (`… | head`): what the command does goes on, and so does its exit code.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await (await commandLine(args)).parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The verb that is named, or all of them where none is: for the help, and for what to say of an unknown one. */
async function verbsFor(args: readonly string[]): Promise<((parser: Argv) => Argv)[]> {
  const name = args[0] ?? '';
  const wanted = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  return wanted === undefined ? Promise.all(Object.values(VERBS).map((load) => load())) : [await wanted()];
}

async function commandLine(args: readonly string[]): Promise<Argv> {
  const verbs = await verbsFor(args);
  const named = yargs([...args])
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures latency, order and loss of an event-driven WebSocket API.');
  return verbs
    .reduce((parser, add) => add(parser), named)
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
