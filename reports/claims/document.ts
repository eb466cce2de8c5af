/**
 * The claims as a document. The verdicts come first; then each experiment in the order in which it was thought: claim, hypothesis,
 * method, settings, the rule that was set before, and only then what was found and what it takes to show more.
 */
import type { Basis, ClaimResult, ClaimsResult, ClaimVerdict, Finding } from '../../bench/model/claim.ts';
import {
  type Blocks,
  callout,
  count,
  type Document,
  facts,
  heading,
  list,
  none,
  note,
  only,
  page,
  paragraph,
  type Status,
  section,
  table,
  untitled,
  word,
} from '../document/blocks.ts';
import {
  BREAK,
  html,
  type Inline,
  lines,
  link,
  mark,
  prose,
  quiet,
  shown,
  strong,
  type Tone,
} from '../document/inline.ts';
import { visible } from '../escape.ts';
import { capitalized, countText, instantText } from '../figures.ts';
import { driverFacts, nodeText, stageText, tookText, validityMark } from '../provenance.ts';
import { timelineFigures } from './timeline.ts';

/** Sign and tone of a verdict. Signs tell them apart without colour. */
const VERDICTS: Readonly<Record<ClaimVerdict, { readonly sign: string; readonly tone: Tone }>> = {
  supported: { sign: '✓', tone: 'good' },
  refuted: { sign: '✗', tone: 'bad' },
  'not shown': { sign: '?', tone: 'unsure' },
};

/** What a finding rests on, in a word or two, and what that means. */
const BASES: Readonly<Record<Basis, readonly [name: string, meaning: string]>> = {
  template: [
    'the template',
    'Code and settings of the template, which the local stage executes by the rules that AWS documents. It holds on AWS as far as AWS keeps to them.',
  ],
  model: [
    'the model',
    'Latencies, the gateway’s order, back-off: what the local stage assumes. Its figures are told, and show nothing about AWS either way.',
  ],
  measured: ['measured on AWS', 'The stack on AWS itself, at that time and place.'],
};

const TITLE = 'The claims of the architecture';

/** The claims as a document. */
export function claimsDocument(result: ClaimsResult): Document {
  const { claims, stage, isQuick, seed, partial, asked } = result;
  const tally = tallyText(result);
  const head = partial ? `${tally} (partial)` : tally;
  const caveat = caveatOf(result);
  const unfinished = `Not every experiment was made to its end: ${claims.length} of ${asked.length} are here.`;
  return {
    kind: 'claims',
    madeFrom: link('claims.json', 'claims.json'),
    heading: `Claims: ${tally}`,
    title: TITLE,
    subtitle: [
      stageText(stage),
      ...(isQuick ? ['quick, too short for most answers'] : []),
      instantText(result.startedAt),
    ],
    provenance: [`seed ${seed}`, tookText(result), nodeText(result.environment)],
    blocks: [
      callout({
        ...bannerOf(result),
        head,
        name: TITLE,
        text: [...(caveat === null ? [] : [caveat]), ...(partial ? [unfinished] : [])],
      }),
      page(() => untitled('verdicts', 'Verdicts', verdicts(claims))),
      only('markdown', () => [
        table('Verdicts', claims, [
          word('claim', ({ title }) => title),
          word('verdict', verdictOf),
          word('why', ({ sentence }) => sentence),
        ]),
        claims.map(({ title, findings, problems }) => [
          heading(title),
          findingList(findings),
          list(problems.map((problem) => mark('unsure', problem, '!'))),
        ]),
      ]),
      only('terminal', () => [
        paragraph(stageText(stage)),
        list(
          claims.map((claim) => [
            mark(VERDICTS[claim.verdict].tone, [
              claim.title.padEnd(26),
              ' ',
              claim.verdict,
              stateText(claim),
            ]),
            [claim.sentence, ...claim.problems].map((sentence) => [BREAK, sentence]),
          ]),
        ),
      ]),
      page(() => [bases(claims), claims.map(experiment), setup(result)]),
    ],
  };
}

/** All in favour, something against, or something open. */
function bannerOf({ claims, partial }: ClaimsResult): { readonly status: Status; readonly sign: string } {
  if (partial) return { status: 'partial', sign: '◐' };
  if (claims.some(({ verdict }) => verdict === 'refuted')) return { status: 'threshold-failed', sign: '✗' };
  const isAll = claims.length > 0 && claims.every(({ verdict }) => verdict === 'supported');
  return isAll ? { status: 'pass', sign: '✓' } : { status: 'measured', sign: '?' };
}

/** Counts of the verdicts: `2 supported · 3 not shown`. */
function tallyText({ claims }: ClaimsResult): string {
  const counts = (Object.keys(VERDICTS) as ClaimVerdict[])
    .map((kind) => [claims.filter(({ verdict }) => verdict === kind).length, kind] as const)
    .filter(([count]) => count > 0);
  return counts.length === 0
    ? 'No experiment was made'
    : counts.map(([count, kind]) => `${count} ${kind}`).join(' · ');
}

/** How far an experiment came, where that is not all the way. */
function stateText({ state }: ClaimResult): string {
  return state === 'done' ? '' : ` (${state})`;
}

/** What everybody must know who reads verdicts of a local stage; null on AWS. */
function caveatOf({ stage }: ClaimsResult): string | null {
  return stage.kind === 'aws'
    ? null
    : 'These experiments ran on a local stage, not on AWS. Answers that rest on the template carry over as far as AWS keeps to its documented rules; what rests on the model is never more than “not shown”.';
}

const marked = (verdict: ClaimVerdict): Inline => mark(VERDICTS[verdict].tone, verdict);

const verdictOf = (claim: ClaimResult): Inline => [marked(claim.verdict), stateText(claim)];

function verdicts(claims: readonly ClaimResult[]): Blocks {
  return list(
    claims.map((claim) => [
      link(`#${claim.id}`, strong(claim.title)),
      [' ', verdictOf(claim), BREAK, claim.sentence],
    ]),
    'warnings',
  );
}

/** Which answers are whose: the question that a reader of a local stage's verdicts must ask. */
function bases(claims: readonly ClaimResult[]): Blocks {
  const all = claims.flatMap(({ title, findings }) => findings.map((finding) => ({ title, finding })));
  const parts = (['template', 'model', 'measured'] as const).map((basis) => {
    const own = all.filter(({ finding }) => finding.basis === basis);
    const [name, meaning] = BASES[basis];
    return (
      own.length > 0 && [
        heading(capitalized(name)),
        note(meaning),
        list(own.map(({ title, finding }) => [`${title}: ${finding.question} `, marked(finding.verdict)])),
      ]
    );
  });
  return all.length > 0 && section('bases', 'What the answers rest on', parts);
}

function experiment(claim: ClaimResult): Blocks {
  const { id, title, findings, problems, verdict, runs, settings } = claim;
  return section(
    id,
    [`${title}: `, verdictOf(claim)],
    [
      facts([
        ['claim', claim.claim],
        ['hypothesis', prose(claim.hypothesis)],
      ]),
      heading('Method'),
      list(claim.method.map(prose)),
      settings.length > 0 && [heading('Settings'), facts(settings)],
      rules(findings),
      heading('Findings'),
      findings.length === 0 ? none('None: the experiment was not made to its end.') : findingList(findings),
      problems.map((problem) => note([html`<strong class="unsure">!</strong> `, problem])),
      paragraph([strong(`${capitalized(verdict)}.`), ' ', claim.sentence], 'sum'),
      timelineFigures(claim.timelines),
      heading('What it would take to show more'),
      list(claim.more.map(prose)),
      runs.length > 0 && [heading('Runs'), runTable(claim)],
    ],
  );
}

/** Questions that share a rule are told together. */
function rules(findings: readonly Finding[]): Blocks {
  const byRule = new Map<string, string[]>();
  for (const { rule, question } of findings) byRule.set(rule, [...(byRule.get(rule) ?? []), question]);
  const items = [...byRule].map(([rule, questions]) => [lines(questions), BREAK, quiet(rule)]);
  return items.length > 0 && [heading('Questions and rules, set before'), list(items)];
}

/** A list and not a table: evidence is prose, and has to be read on a narrow screen too. */
function findingList(findings: readonly Finding[]): Blocks {
  return list(
    findings.map(({ question, verdict, basis, evidence, samples, isDeciding }) => {
      const n = samples === null ? '' : ` · n = ${countText(samples)}`;
      const beside = isDeciding ? '' : ' · told beside, decides nothing';
      const rests = `ests on ${BASES[basis][0]}${n}${beside}`;
      return [
        shown('html', [strong(question), ' ', marked(verdict), BREAK, evidence, BREAK, quiet(`R${rests}`)]),
        shown('markdown', [marked(verdict), `: ${question} ${evidence} (r${rests})`]),
      ];
    }),
    'warnings',
  );
}

function runTable({ runs }: ClaimResult): Blocks {
  return table('Each leads to its own report', runs, [
    word('run', ({ directory, name }) => link(`${directory}/index.html`, name)),
    word('what was done', ({ purpose }) => purpose),
    word('validity', ({ validity }) => validityMark(validity)),
    count('delivered', ({ samples }) => samples),
  ]);
}

function setup({ environment, stage, seed, slos, isQuick, ...times }: ClaimsResult): Blocks {
  return section('setup', 'The experiments', [
    facts([
      ['took', tookText(times)],
      ['length of runs', isQuick ? 'quick' : 'full'],
      ['SLOs', slos.join(' and ')],
      ['seed', String(seed)],
      ...driverFacts(environment),
    ]),
    list(stage.notes, 'stage-notes'),
  ]);
}

/** Line of an experiment that is over, for the terminal. */
export function claimLine(claim: ClaimResult): string {
  const { verdict, title, sentence } = claim;
  return `${VERDICTS[verdict].sign} ${title}: ${verdict}${stateText(claim)}. ${visible(sentence)}`;
}
