/**
 * The flags of a script: --help prints what its first comment says, which is its manual, and what it does not know is refused
 * in a sentence with exit code 2, all of it at once.
 */
import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { withSignedValues } from '../bench/cli/flag-check.ts';
import { orNearest } from '../bench/model/near-miss.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/** Values of the flags, and what stands beside them where the script takes that. Ends the process where it can't go on. */
export function scriptArguments<O extends Options>(
  options: O,
  { positionals = false, args = process.argv.slice(2) } = {},
): Parsed<O> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${manualOf(process.argv[1]!)}\n`);
    process.exit(0);
  }
  const signed = withSignedValues(args);
  refuse(problemsOf(signed, options, positionals));
  return parseArgs({ args: signed, options, allowPositionals: true });
}

/** A whole number, or the end of the process. */
export function wholeOf(name: string, text: string, least = 1, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const to = most === Number.MAX_SAFE_INTEGER ? ' on' : ` to ${most}`;
  return refuse([`${name}: '${text}' is not a whole number from ${least}${to}`]) ?? 0;
}

/** Ends the process with all problems, if there are any. */
export function refuse(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
  if (problems.length > 0) process.exit(2);
}

function problemsOf(args: readonly string[], options: Options, isTaking: boolean): string[] {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const names = Object.keys(options);
  return tokens.flatMap((token) => {
    if (token.kind === 'option-terminator') return [];
    if (token.kind === 'positional')
      return isTaking ? [] : [`unexpected argument '${token.value}'; this takes flags only`];
    const { name, rawName, value } = token;
    const option = options[name];
    if (option === undefined)
      return [
        `${rawName}: there is no such flag${
          orNearest(
            name,
            names.map((known) => `--${known}`),
          ) || '; see --help'
        }`,
      ];
    const isMissing = value === undefined || value === '' || value.startsWith('--');
    if (option.type === 'string')
      return isMissing ? [`${name}: has no value; write one after ${rawName}`] : [];
    return value === undefined ? [] : [`${name}: takes no value; write ${rawName} alone`];
  });
}

/** The first comment of a script, as plain text. */
function manualOf(script: string): string {
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(script, 'utf8')) ?? [];
  return comment
    .split('\n')
    .map((line) => line.replace(/^ \*? ?/, ''))
    .join('\n')
    .trim();
}
