/**
 * What a job on GitHub Actions should see beside its log: thresholds that failed and checks of validity that did not hold,
 * as workflow commands. Elsewhere nothing is said: the summary has it all.
 * Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import type { RunResult } from '../model/result.ts';
import { visible } from '../model/visible.ts';

type Level = 'error' | 'warning';

interface Annotation {
  readonly level: Level;
  readonly title: string;
  readonly text: string;
}

/** GitHub shows ten errors and ten warnings of a step (workflow commands, "limits"), and a step may have several runs. */
const MAX_SHOWN = 10;

/**
 * The lines, empty outside of GitHub Actions. What spoils the run comes first: with it the thresholds mean nothing. Of more
 * than can be shown the last line says how many there are.
 */
export function annotationsOf(
  { name, thresholds, validity }: Pick<RunResult, 'name' | 'thresholds' | 'validity'>,
  environment: NodeJS.ProcessEnv,
): string[] {
  if (environment.GITHUB_ACTIONS !== 'true') return [];
  const failed = thresholds
    .filter(({ ok }) => !ok)
    .map(({ expression, value }) => ({
      level: 'error' as const,
      title: `${name}: threshold failed`,
      text: `${expression}, but it is ${value ?? 'not known'}`,
    }));
  const checks = (wanted: string, level: Level) =>
    validity.checks
      .filter(({ verdict }) => verdict === wanted)
      .map(({ name: check, evidence: text }) => ({ level, title: `${name}: ${check} ${wanted}`, text }));
  const all = [...checks('invalid', 'error'), ...failed, ...checks('unknown', 'warning')];
  return shown(name, all).map(commandOf);
}

function shown(name: string, all: readonly Annotation[]): readonly Annotation[] {
  if (all.length <= MAX_SHOWN) return all;
  const [first, more] = [all.slice(0, MAX_SHOWN - 1), all.slice(MAX_SHOWN - 1)];
  const text = `${more.length} more are in the log and in summary.md: ${more.map(({ title }) => title).join('; ')}`;
  return [...first, { level: more[0]!.level, title: `${name}: more`, text }];
}

function commandOf({ level, title, text }: Annotation): string {
  return `::${level} title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(text)}`;
}

function escaped(text: string): string {
  return text.split('\n').map(visible).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
}
