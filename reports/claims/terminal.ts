/** The claims in the terminal: one line an experiment while it goes on, and the verdicts at the end. */
import { styleText } from 'node:util';
import type { ClaimResult, ClaimsResult, ClaimVerdict } from '../../bench/core/claims/claim.ts';
import { visible } from '../escape.ts';
import { wrapped } from '../wrap.ts';
import { caveatOf, stageText, stateText, tallyText, VERDICTS } from './words.ts';

const COLOURS = { supported: 'green', refuted: 'red', 'not shown': 'yellow' } as const;

/** Line of an experiment that is over. */
export function claimLine(claim: ClaimResult): string {
  const { sign, name } = VERDICTS[claim.verdict];
  return `${sign} ${claim.title}: ${name}${stateText(claim)}. ${visible(claim.sentence)}`;
}

/** The verdicts, line by line, without line ends. */
export function claimsLines(
  result: ClaimsResult,
  { colour, width }: { readonly colour: boolean; readonly width: number },
): string[] {
  const paint = (verdict: ClaimVerdict, text: string) =>
    colour ? styleText(['bold', COLOURS[verdict]], text, { validateStream: false }) : text;
  const room = Math.max(40, width);
  const caveat = caveatOf(result);
  const claims = result.claims.flatMap((claim) => {
    const { sign, name } = VERDICTS[claim.verdict];
    const head = `${sign} ${claim.title.padEnd(26)} ${name}${stateText(claim)}`;
    const told = [claim.sentence, ...claim.problems].flatMap((text) => wrapped(visible(text), room - 4));
    return [paint(claim.verdict, head), ...told.map((line) => `    ${line}`)];
  });
  const partial = result.partial ? ' · partial' : '';
  return [
    '',
    `${tallyText(result)} · ${visible(stageText(result))}${partial}`,
    ...claims,
    ...(caveat === null ? [] : wrapped(caveat, room)),
  ];
}
