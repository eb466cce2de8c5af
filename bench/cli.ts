/**
 * The command line: the verbs in the order of their help, each defined in a file of its own, which names its flags and
 * what it is composed of. Anything beyond naming and handing over is in the commands. Flags that are plan settings go
 * through the plan's schema unread, so that a misspelt flag and a wrong value are reported together.
 */
import yargs, { type Argv } from 'yargs';
import { capacityVerbs } from './cli/capacity.ts';
import { claimsVerbs } from './cli/claims.ts';
import { compareVerbs } from './cli/compare.ts';
import { doctorVerbs } from './cli/doctor.ts';
import { fleetVerbs } from './cli/fleet.ts';
import { historyVerbs } from './cli/history.ts';
import { reportVerbs } from './cli/report.ts';
import { runVerbs } from './cli/run.ts';
import { simulateVerbs } from './cli/simulate.ts';
import { stageVerbs } from './cli/stage.ts';
import { sweepVerbs } from './cli/sweep.ts';
import { workerVerbs } from './cli/worker.ts';
import { EXIT, report } from './command/exit.ts';
import { packageVersion } from './edge/machine.ts';
import { ConfigurationError } from './edge/plan-file.ts';

/** In the order of the help. */
const VERBS = [
  runVerbs,
  simulateVerbs,
  capacityVerbs,
  sweepVerbs,
  claimsVerbs,
  fleetVerbs,
  workerVerbs,
  compareVerbs,
  historyVerbs,
  reportVerbs,
  stageVerbs,
  doctorVerbs,
];

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
  const named = yargs([...args])
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures latency, order and loss of an event-driven WebSocket API.');
  return VERBS.reduce((parser, verbs) => verbs(parser), named)
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
