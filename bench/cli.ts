/**
 * The command line: the verbs in the order of their help, each defined in a file of its own, which names its flags and
 * what it is composed of. Anything beyond naming and handing over is in the commands. Flags that are plan settings go
 * through the plan's schema unread; flags that a verb does not have are refused before it is asked to do anything.
 */
import yargs, { type Argv } from 'yargs';
import { flagProblems, type Line, plainly, verbOf, withSignedValues } from './cli/flag-check.ts';
import { type Arguments, declare, givenOf, type Verb } from './cli/verb.ts';
import { EXIT, report } from './command/exit.ts';
import { assertNone, ConfigurationError } from './model/failure.ts';
import { dashed } from './model/plan.ts';
import { packageVersion } from './node/machine.ts';
import { settingProblems } from './node/plan-file.ts';
import { discardOpen } from './node/run-directory.ts';
import { guardStandardStreams } from './node/terminal.ts';

interface Group {
  /** What its verbs have in common, where it has several. */
  readonly help?: string;
  load(): Promise<{ readonly verbs: readonly Verb[] }>;
}

/** By their first words, in the order of the help. Each is loaded when it is wanted: all of them together take as long as a short command. */
const GROUPS: Readonly<Record<string, Group>> = {
  run: { load: () => import('./cli/run.ts') },
  simulate: { load: () => import('./cli/simulate.ts') },
  capacity: { load: () => import('./cli/capacity.ts') },
  sweep: { load: () => import('./cli/sweep.ts') },
  claims: { load: () => import('./cli/claims.ts') },
  fleet: {
    help: 'the same run on many machines, by an engine that runs arrays of tasks',
    load: () => import('./cli/fleet.ts'),
  },
  worker: { load: () => import('./cli/worker.ts') },
  compare: { load: () => import('./cli/compare.ts') },
  history: { load: () => import('./cli/history.ts') },
  report: { load: () => import('./cli/report.ts') },
  stage: { help: 'stages to drive', load: () => import('./cli/stage.ts') },
  doctor: { load: () => import('./cli/doctor.ts') },
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

/** All verbs. */
export async function allVerbs(): Promise<Verb[]> {
  const groups = await Promise.all(Object.values(GROUPS).map(({ load }) => load()));
  return groups.flatMap(({ verbs }) => verbs);
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

/** The group that is named, or all of them where none is: for the help, and for what to say of an unknown one. */
function groupsFor(name: string): [string, Group][] {
  const all = Object.entries(GROUPS);
  const named = all.filter(([word]) => word === name);
  return named.length > 0 ? named : all;
}

/** Throws a {@link ConfigurationError} for what the verb does not have, with the values that would be refused too. */
async function assertKnown(given: Line, verbs: readonly Verb[]): Promise<void> {
  if (flagProblems(given, verbs).length === 0) return;
  const problems = flagProblems(given, await allVerbs());
  const verb = verbOf((given.argv._ as string[]).map(String), verbs);
  throw new ConfigurationError([...problems, ...(verb === undefined ? [] : refusedValues(verb, given.argv))]);
}

/** What is wrong with the values that are given; flags that are missing are none of it. */
function refusedValues(verb: Verb, argv: Arguments): string[] {
  const given = Object.fromEntries(Object.entries(argv).filter(([, value]) => value !== ''));
  const isGiven = (name: string) => given[dashed(name)] !== undefined;
  const flags = Object.fromEntries(Object.entries(verb.flags).filter(([name]) => isGiven(name)));
  const { settings, problems } = givenOf({ ...verb, flags }, given);
  return [...settingProblems(settings), ...problems];
}

async function commandLine(args: readonly string[]): Promise<Argv> {
  const named = yargs([...args])
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures latency, order and loss of an event-driven WebSocket API.');
  const known: Verb[] = [];
  for (const [word, { help, load }] of groupsFor(args[0] ?? '')) {
    const { verbs } = await load();
    known.push(...verbs);
    if (help === undefined) for (const verb of verbs) declare(named, verb);
    else
      named.command(word, help, (inner) =>
        verbs.reduce(declare, inner).demandCommand(1, `Which one? See bench ${word} --help.`),
      );
  }
  return named
    .demandCommand(1, 'Which command? See bench --help.')
    .check(async (argv) => {
      await assertKnown({ args, argv }, known);
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
