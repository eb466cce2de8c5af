/**
 * The command line that makes the same run again, derived from the plan and nothing else. Values of headers and queries are secrets
 * that a result never holds: their place is marked for the reader to fill. Words are quoted for a POSIX shell, so a
 * hostile name is an argument and not a command.
 */
import { dashed, type Plan, SECRET_VALUE, type SettingRow, type Written } from '../../bench/model/plan.ts';
import { writtenOf } from '../../bench/model/plan-settings.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { MASK } from '../../bench/model/secrets.ts';

const MAX_COLUMNS = 88;

/** The command as words for a shell, one flag with its value per element, unquoted: [['--rate', '500'], …]. */
function flagsOf(plan: Plan): (readonly string[])[] {
  const isHere = (row: SettingRow) => row.isLocal === undefined || plan.stage === 'local';
  return writtenOf({ ...plan, stage: plan.stage.replaceAll(MASK, SECRET_VALUE) }, isHere).flatMap(
    ([name, value]) => flagWords(`--${dashed(name)}`, value),
  );
}

function flagWords(flag: string, value: Written): (readonly string[])[] {
  if (typeof value === 'boolean') return value ? [[flag]] : [];
  const values =
    typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map((pair) => pair.join('='))
      : [value].flat();
  return values.map((one) => [flag, String(one)]);
}

/** The lines for a shell: checkout of the commit where known, install, and the command over several lines. */
export function reproductionLines({ plan, environment }: RunResult): string[] {
  const checkout = environment.commit === null ? [] : [`git checkout ${quoted(environment.commit)}`];
  const command = folded(['npm run bench --', ...flagsOf(plan).map(flagText)]);
  const continued = command.map((line, at) => (at < command.length - 1 ? `${line} \\` : line));
  return [...checkout, 'npm ci', ...continued];
}

/** Joins parts into lines of at most MAX_COLUMNS; a flag stays with its value. */
function folded(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const extended = `${lines.at(-1) ?? ''} ${part}`;
    if (lines.length > 0 && extended.length <= MAX_COLUMNS) lines[lines.length - 1] = extended;
    else lines.push(lines.length === 0 ? part : `  ${part}`);
  }
  return lines;
}

/** A value that looks like a flag is tied to its own with `=`. */
function flagText(words: readonly string[]): string {
  const isAmbiguous = words[1]?.startsWith('-') ?? false;
  return words.map(quoted).join(isAmbiguous ? '=' : ' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
