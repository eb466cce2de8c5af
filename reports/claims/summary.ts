/** The Markdown summary of the claims: verdicts, and the findings that led to them, for a job page or a pull request. */
import type { ClaimResult, ClaimsResult, ClaimVerdict } from '../../bench/core/claims/claim.ts';
import { escapeMarkdown as text } from '../escape.ts';
import { durationText, instantText } from '../figures.ts';
import { BASIS_NAMES, caveatOf, stageText, stateText, tallyText, VERDICTS } from './words.ts';

const SIGNS: Readonly<Record<ClaimVerdict, string>> = { supported: '✅', refuted: '❌', 'not shown': '❔' };

/** The summary as Markdown. */
export function renderClaimsSummary(result: ClaimsResult): string {
  const caveat = caveatOf(result);
  const partial = result.partial ? ' (partial)' : '';
  const blocks = [
    `### The claims of the architecture: ${text(tallyText(result))}${partial}`,
    caveat === null ? '' : `> ${text(caveat)}`,
    verdictTable(result.claims),
    ...result.claims.map(findings),
    `<sub>${text(provenance(result))}</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function verdictTable(claims: readonly ClaimResult[]): string {
  const rows = claims.map((claim) => [
    text(claim.title),
    `${SIGNS[claim.verdict]} ${VERDICTS[claim.verdict].name}${stateText(claim)}`,
    text(claim.sentence),
  ]);
  return [['claim', 'verdict', 'why'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function findings({ title, findings: list, problems }: ClaimResult): string {
  const lines = list.map(
    ({ question, verdict, basis, evidence }) =>
      `- ${SIGNS[verdict]} ${text(question)} ${text(evidence)} <sub>rests on ${BASIS_NAMES[basis]}</sub>`,
  );
  const wrong = problems.map((problem) => `- ⚠️ ${text(problem)}`);
  return [`**${text(title)}**`, '', ...lines, ...wrong].join('\n');
}

function provenance(result: ClaimsResult): string {
  const { environment, startedAt, endedAt, seed, isQuick } = result;
  const took = durationText(Date.parse(endedAt) - Date.parse(startedAt));
  const commit = environment.commit === null ? '' : `, commit ${environment.commit.slice(0, 12)}`;
  return `${stageText(result)} · ${isQuick ? 'quick · ' : ''}seed ${seed} · ${took} · ${instantText(startedAt)} · Node ${environment.node}${commit}`;
}
