/**
 * What a job on GitHub Actions should see beside its log: thresholds that failed and checks of validity that did not hold,
 * as workflow commands. Elsewhere nothing is said: the summary has it all.
 * Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import type { RunResult } from '../core/result.ts';
import { visible } from '../core/visible.ts';

/** The lines, empty outside of GitHub Actions. */
export function annotationsOf(
  { name, thresholds, validity }: Pick<RunResult, 'name' | 'thresholds' | 'validity'>,
  environment: NodeJS.ProcessEnv,
): string[] {
  if (environment.GITHUB_ACTIONS !== 'true') return [];
  const failed = thresholds
    .filter(({ ok }) => !ok)
    .map(({ expression, value }) =>
      annotation('error', `${name}: threshold failed`, `${expression}, but it is ${value ?? 'not known'}`),
    );
  const doubtful = validity.checks
    .filter(({ verdict }) => verdict !== 'valid')
    .map(({ name: check, verdict, evidence }) =>
      annotation(verdict === 'invalid' ? 'error' : 'warning', `${name}: ${check} ${verdict}`, evidence),
    );
  return [...failed, ...doubtful];
}

function annotation(level: 'error' | 'warning', title: string, text: string): string {
  return `::${level} title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(text)}`;
}

function escaped(text: string): string {
  return text.split('\n').map(visible).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
}
