/** The words of the claims that every format shares. */
import type { Basis, ClaimResult, ClaimsResult, ClaimVerdict } from '../../bench/core/claims/claim.ts';

/** Sign and name of a verdict. Signs tell them apart without colour. */
export const VERDICTS: Readonly<Record<ClaimVerdict, { readonly sign: string; readonly name: string }>> = {
  supported: { sign: '✓', name: 'supported' },
  refuted: { sign: '✗', name: 'refuted' },
  'not shown': { sign: '?', name: 'not shown' },
};

/** What a finding rests on, in a word or two, and what that means. */
export const BASIS_NAMES: Readonly<Record<Basis, string>> = {
  template: 'the template',
  model: 'the model',
  measured: 'measured on AWS',
};

export const BASIS_MEANINGS: Readonly<Record<Basis, string>> = {
  template:
    'Code and settings of the template, which the local stage executes by the rules that AWS documents. It holds on AWS as far as AWS keeps to them.',
  model:
    'Latencies, the gateway’s order, back-off: what the local stage assumes. Its figures are told, and show nothing about AWS either way.',
  measured: 'The stack on AWS itself, at that time and place.',
};

/** Counts of the verdicts: `2 supported · 3 not shown`. */
export function tallyText({ claims }: Pick<ClaimsResult, 'claims'>): string {
  const kinds = Object.keys(VERDICTS) as ClaimVerdict[];
  const counts = kinds.map(
    (kind) => [claims.filter(({ verdict }) => verdict === kind).length, kind] as const,
  );
  const text = counts
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${VERDICTS[kind].name}`);
  return text.length === 0 ? 'No experiment was made' : text.join(' · ');
}

/** How far an experiment came, where that is not all the way. */
export function stateText({ state }: ClaimResult): string {
  return state === 'done' ? '' : ` (${state})`;
}

/** The stage in a few words. */
export function stageText({ stage: { kind, name, region, profile } }: Pick<ClaimsResult, 'stage'>): string {
  if (kind === 'local') return profile === null ? 'Local stage' : `Local stage, profile ${profile}`;
  return `AWS stack ${name}${region === null ? '' : ` in ${region}`}`;
}

/** What everybody must know who reads verdicts of a local stage; null on AWS. */
export function caveatOf({ stage }: Pick<ClaimsResult, 'stage'>): string | null {
  return stage.kind === 'aws'
    ? null
    : 'These experiments ran on a local stage, not on AWS. Answers that rest on the template carry over as far as AWS keeps to its documented rules; what rests on the model is never more than “not shown”.';
}
