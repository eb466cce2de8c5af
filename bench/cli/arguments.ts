/** What yargs hands over, and how the verbs read it: settings of a plan by their names, repeated flags, exit codes. */
import { PLAN_FIELDS, undashed } from '../model/plan.ts';
import { settingsThat } from '../model/plan-settings.ts';
import type { PlanInput } from '../node/plan-file.ts';

/** Flags and positionals as given. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A yargs handler that sets the exit code the verb answers. */
export function handle(
  verb: (argv: Arguments) => Promise<number> | number,
): (argv: Arguments) => Promise<void> {
  return async (argv) => {
    process.exitCode = await verb(argv);
  };
}

/** Flags that may be repeated and add up; of any other the last one counts, so that a script's flags can be overridden. */
const LISTS = settingsThat(({ flag }) => flag === 'list');

/** The last of a repeated flag. */
export function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

/** Flags that are plan settings, by their setting's name. */
export function settingsOf(argv: Arguments): PlanInput {
  return Object.fromEntries(
    Object.entries(argv)
      .map(([name, value]) => [undashed(name), value] as const)
      .filter(([name, value]) => PLAN_FIELDS.includes(name) && value !== undefined)
      .map(([name, value]) => [name, LISTS.has(name) ? value : lastOf(value)]),
  );
}
