/** What yargs hands over, and how the verbs read it: settings of a plan by their names, repeated flags, exit codes. */
import { ConfigurationError } from '../edge/configuration-error.ts';
import type { PlanInput } from '../edge/plan-file.ts';

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

/** Flags of `bench run` that are not plan settings. */
const NOT_SETTINGS = new Set([
  ...['_', '$0', 'plan', 'help', 'h', 'version'],
  ...['out', 'quiet', 'json', 'metrics', 'metrics-wait', 'max-cost', 'calibration', 'prices'],
  ...['functions', 'verify'],
  ...['slo', 'min-rate', 'max-rate', 'precision', 'probe-duration', 'confirmations', 'budget'],
  ...['vary', 'goal', 'repeats', 'order-seed', 'on', 'parallel', 'resume'],
]);

/** Flags that may be repeated and add up; of any other the last one counts, so that a script's flags can be overridden. */
const LISTS = new Set(['parameter', 'header', 'threshold', 'localAddress']);

/** The last of a repeated flag. */
export function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Flags that are plan settings, by their setting's name. */
export function settingsOf(argv: Arguments): PlanInput {
  const extra = (argv._ as string[]).slice(1);
  if (extra.length > 0) throw new ConfigurationError([`one plan at a time: ${extra.join(' ')} is too much`]);
  return Object.fromEntries(
    Object.entries(argv)
      .filter(([name, value]) => !NOT_SETTINGS.has(name) && value !== undefined)
      .map(([name, value]) => [camelCase(name), LISTS.has(camelCase(name)) ? value : lastOf(value)]),
  );
}
