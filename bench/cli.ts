/**
 * The command line: the verbs in the order of their help, each defined in a file of its own, which names its flags and
 * what it is composed of. Anything beyond naming and handing over is in the commands. Flags that are plan settings go
 * through the plan's schema unread; flags that a verb does not have are refused before it is asked to do anything.
 */
import yargs, { type Argv } from 'yargs';
import { settingsOf } from './cli/arguments.ts';
import { flagProblems, type Given, type KnownFlags, plainly, withSignedValues } from './cli/flag-check.ts';
import { verbFlags } from './cli/verb-flags.ts';
import { EXIT, report } from './command/exit.ts';
import { assertNone, ConfigurationError } from './model/failure.ts';
import { packageVersion } from './node/machine.ts';
import { settingProblems } from './node/plan-file.ts';
import { discardOpen } from './node/run-directory.ts';
import { guardStandardStreams } from './node/terminal.ts';

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
  guardStandardStreams();
  try {
    assertNoDash(args);
    assertNoInherited(args);
    await (await commandLine(withSignedValues(args))).parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  } finally {
    discardOpen();
  }
}

type Declaration = (parser: Argv) => Argv;

/** What all verbs declare. */
export function allVerbs(): Promise<Declaration[]> {
  return Promise.all(Object.values(VERBS).map((load) => load()));
}

/** Elsewhere it stands for standard input; yargs takes it for an empty value. */
function assertNoDash(args: readonly string[]): void {
  if (args.includes('-'))
    throw new ConfigurationError([
      "'-' names no file here: nothing is read from standard input; name a file or directory",
    ]);
}

/** yargs looks flags up in plain objects, finds `constructor` in every one of them, and comes to grief. */
function assertNoInherited(args: readonly string[]): void {
  const names = args.map((arg) => /^--(?:no-)?([^=]+)/.exec(arg)?.[1] ?? '');
  const problems = names.filter((name) => name in {}).map((name) => `--${name}: there is no such flag`);
  assertNone(problems);
}

/** The verb that is named, or all of them where none is: for the help, and for what to say of an unknown one. */
async function verbsFor(args: readonly string[]): Promise<Declaration[]> {
  const name = args[0] ?? '';
  const wanted = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  return wanted === undefined ? allVerbs() : [await wanted()];
}

/** Throws a {@link ConfigurationError} for what the verb does not have, with the values that would be refused too. */
async function assertKnown(given: Given, verbs: readonly Declaration[]): Promise<void> {
  if (flagProblems(given, verbFlags(verbs)).length === 0) return;
  const problems = flagProblems(given, verbFlags(await allVerbs()));
  const own = Object.entries(given.argv).filter(
    ([name, value]) => Object.hasOwn(given.known.key, name) && value !== '',
  );
  throw new ConfigurationError([...problems, ...settingProblems(settingsOf(Object.fromEntries(own)))]);
}

async function commandLine(args: readonly string[]): Promise<Argv> {
  const verbs = await verbsFor(args);
  const named = yargs([...args])
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures latency, order and loss of an event-driven WebSocket API.');
  return verbs
    .reduce((parser, add) => add(parser), named)
    .demandCommand(1, 'Which command? See bench --help.')
    .check(async (argv, options) => {
      await assertKnown({ args, argv, known: options as unknown as KnownFlags }, verbs);
      return true;
    })
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false, 'parse-numbers': false })
    .version(packageVersion())
    .help()
    .alias('h', 'help')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message: string | undefined, error: Error | undefined) => {
      // Errors of yargs' own are complaints about what was typed, as its messages are.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new ConfigurationError([plainly(error?.message ?? message ?? 'bad usage')]);
    });
}
