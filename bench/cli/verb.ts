/** A verb as it is declared: what it is called, what it takes, and what it does. Parsing and help are made of it here, by yargs. */
import type { Argv, Options } from 'yargs';
import { type Flag, type FlagTable, type Given, lastOf, readFlags } from '../command/flags.ts';
import { dashed, SETTINGS, type SettingName, type SettingRow } from '../model/plan.ts';
import type { PlanInput } from '../node/plan-file.ts';

export interface Verb<Table extends FlagTable = FlagTable> {
  /** As it is typed, with its arguments that are no flags: `run [plan]`, `stage up`. */
  readonly usage: string;
  readonly help: string;
  /** What its arguments are. */
  readonly words?: string;
  /** Settings of a plan that are flags of it. */
  readonly settings?: readonly SettingName[];
  readonly flags: Table;
  readonly examples?: readonly (readonly [command: string, help: string])[];
  /** Does it and returns the exit code. */
  run(given: Given<Table>): Promise<number>;
}

/** Flags and arguments as yargs gives them. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The declaration of a verb, whatever its flags. */
export function verb<const Table extends FlagTable>(row: Verb<Table>): Verb {
  return row as unknown as Verb;
}

/** Without its arguments: `run`, `stage up`. */
export function nameOf({ usage }: Verb): string {
  return usage.replace(/ [[<].*/, '');
}

/** Name of the argument, or of the list of them. */
export function argumentOf({ usage }: Verb): { readonly name: string; readonly isList: boolean } | null {
  const [, name, dots] = /[[<](\w+)(\.\.)?/.exec(usage) ?? [];
  return name === undefined ? null : { name, isList: dots !== undefined };
}

/** What is shown of a flag. */
export interface Shown extends Pick<Flag, 'shape' | 'help'> {
  readonly isNeeded: boolean;
  readonly unit: string;
  /** What holds where it is not given, as it would be typed; empty where nothing has to be said. */
  readonly initial: string;
}

/** A row of a verb's table, or of the plan's settings, which call the same by other names. */
function shownOf(row: Flag | SettingRow): Shown {
  const shape = 'shape' in row ? row.shape : (row.flag ?? 'text');
  const schema = 'schema' in row ? row.schema : row.input;
  const isShown = row.initial !== undefined && row.initial !== false && shape !== 'list';
  return {
    shape,
    help: row.help,
    isNeeded: 'needed' in row,
    unit: schema.description ?? '',
    initial: isShown ? String(row.initial) : '',
  };
}

/** All flags of a verb by their names without dashes, settings of a plan first. */
export function flagsOf({ settings = [], flags }: Verb): ReadonlyMap<string, Shown> {
  const rows = [...settings.map((name) => [name, SETTINGS[name]] as const), ...Object.entries(flags)];
  return new Map(rows.map(([name, row]) => [dashed(name), shownOf(row as Flag | SettingRow)]));
}

/** The help of a flag, with its unit. */
function helpOf({ help, unit, isNeeded }: Shown): string {
  const notes = [unit, isNeeded ? 'required' : ''].filter((note) => note !== '');
  return notes.length === 0 ? help : `${help} (${notes.join(', ')})`;
}

function optionOf(flag: Shown): Options {
  const { shape, initial } = flag;
  const described = { describe: helpOf(flag) };
  const option = initial === '' ? described : { ...described, defaultDescription: initial };
  if (shape === 'switch') return { ...option, type: 'boolean' };
  return shape === 'text'
    ? { ...option, type: 'string' }
    : { ...option, type: 'string', array: true, nargs: 1 };
}

/** What yargs is to know of the verb's flags. */
export function optionsOf(row: Verb): Record<string, Options> {
  return Object.fromEntries([...flagsOf(row)].map(([name, flag]) => [name, optionOf(flag)]));
}

/** Adds the verb to the parser by its last word. */
export function declare(parser: Argv, row: Verb): Argv {
  const argument = argumentOf(row);
  const usage = nameOf(row).split(' ').length > 1 ? row.usage.replace(/^\S+ /, '') : row.usage;
  return parser.command(
    usage,
    row.help,
    (inner) => {
      if (argument !== null)
        inner.positional(argument.name, {
          type: 'string',
          array: argument.isList,
          describe: row.words ?? '',
        });
      for (const [command, help] of row.examples ?? []) inner.example(`$0 ${command}`, help);
      return inner.options(optionsOf(row));
    },
    async (argv) => {
      process.exitCode = await row.run(givenOf(row, argv));
    },
  );
}

/** What the verb is given. */
export function givenOf(row: Verb, argv: Arguments): Given<FlagTable> {
  const problems: string[] = [];
  const argument = argumentOf(row);
  return {
    words: [argument === null ? [] : (argv[argument.name] ?? [])].flat().map(String),
    settings: settingsOf(row.settings ?? [], argv),
    flags: readFlags(row.flags, argv, problems),
    problems,
  };
}

/** Flags that are plan settings, by their setting's name. A list adds up; of any other the last one counts. */
export function settingsOf(names: readonly SettingName[], argv: Arguments): PlanInput {
  const given = names.flatMap((name) => {
    const { flag }: SettingRow = SETTINGS[name];
    const value = argv[dashed(name)];
    return value === undefined ? [] : [[name, flag === 'list' ? value : lastOf(value)] as const];
  });
  return Object.fromEntries(given);
}
