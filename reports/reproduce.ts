/**
 * The command line that makes the same run again, derived from the plan and nothing else. Values of headers and queries are secrets
 * that a result never holds: their place is marked for the reader to fill. Words are quoted for a POSIX shell, so a
 * hostile name is an argument and not a command.
 */
import type { Plan } from '../bench/core/plan.ts';
import type { RunResult } from '../bench/core/result.ts';
import { durationFlag } from './figures.ts';

/** Stands where the reader puts the value of a header or of a URL's query. */
const VALUE = 'VALUE';

const MAX_COLUMNS = 88;

/** The command as words for a shell, one flag with its value per element, unquoted: [['--rate', '500'], …]. */
function flagsOf(plan: Plan): (readonly string[])[] {
  return [
    ['--stage', plan.stage.replaceAll('…', VALUE)],
    ...(plan.region === null ? [] : [['--region', plan.region]]),
    ['--connections', String(plan.connections)],
    ['--connect-rate', String(plan.connectRatePerSecond)],
    ...(plan.reconnect ? [['--reconnect']] : []),
    ...(plan.churnPerSecond > 0 ? [['--churn', String(plan.churnPerSecond)]] : []),
    ...plan.localAddresses.map((address) => ['--local-address', address]),
    ...loadFlags(plan),
    ['--duration', durationFlag(plan.durationMs)],
    ['--warmup', durationFlag(plan.warmupMs)],
    ['--drain', durationFlag(plan.drainMs)],
    ['--payload-bytes', String(plan.payloadBytes)],
    ...(plan.trace ? [['--trace']] : []),
    ...stageFlags(plan),
    ...plan.headerNames.map((name) => ['--header', `${name}: ${VALUE}`]),
    ...plan.thresholds.map((expression) => ['--threshold', expression]),
    ['--threads', String(plan.threads)],
    ['--pacing', plan.pacing],
    ['--seed', String(plan.seed)],
    ['--name', plan.name],
  ];
}

function loadFlags({ load }: Plan): string[][] {
  if (load.kind === 'closed') return [['--in-flight', String(load.inFlight)]];
  return [
    ['--rate', String(load.ratePerSecond)],
    ['--arrival', load.arrival],
  ];
}

/** Template, parameters, profile and dispatch say something only about the local stage. */
function stageFlags(plan: Plan): string[][] {
  if (plan.stage !== 'local') return [];
  return [
    ...(plan.template === null ? [] : [['--template', plan.template]]),
    ...Object.entries(plan.parameters).map(([key, value]) => ['--parameter', `${key}=${value}`]),
    ['--profile', plan.profile],
    ['--dispatch', plan.dispatch],
  ];
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
