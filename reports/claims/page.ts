/**
 * The HTML report of the claims. The verdicts come first; then each experiment in the order in which it was thought: claim,
 * hypothesis, method, settings, the rule that was set before, and only then what was found and what it takes to show more.
 */
import type { ClaimResult, ClaimsResult, ClaimVerdict, Finding } from '../../bench/core/claims/claim.ts';
import { countText, durationText, instantText } from '../figures.ts';
import { type Html, html, NOTHING } from '../html/html.ts';
import { shell } from '../html/shell.ts';
import { facts, table } from '../html/table.ts';
import { timelineFigures } from './timeline.ts';
import { BASIS_MEANINGS, BASIS_NAMES, caveatOf, stageText, stateText, tallyText, VERDICTS } from './words.ts';

/** The report, as the text of an HTML file. */
export function renderClaimsPage(result: ClaimsResult): string {
  return shell({
    title: `Claims: ${tallyText(result)}`,
    main: html`${headline(result)}
${basisSection(result)}
${result.claims.map(claimSection)}
${setup(result)}`,
    footer: html`Made from this directory’s <a href="claims.json">claims.json</a> by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`,
  });
}

const CLASSES: Readonly<Record<ClaimVerdict, string>> = {
  supported: 'good',
  refuted: 'bad',
  'not shown': 'unsure',
};

function mark(verdict: ClaimVerdict): Html {
  const { sign, name } = VERDICTS[verdict];
  return html`<span class="mark ${CLASSES[verdict]}">${sign} ${name}</span>`;
}

/** Which banner: all in favour, something against, or something open. */
function bannerOf({ claims, partial }: ClaimsResult): { readonly status: string; readonly sign: string } {
  if (partial) return { status: 'partial', sign: '◐' };
  if (claims.some(({ verdict }) => verdict === 'refuted')) return { status: 'threshold-failed', sign: '✗' };
  const isAll = claims.length > 0 && claims.every(({ verdict }) => verdict === 'supported');
  return isAll ? { status: 'pass', sign: '✓' } : { status: 'measured', sign: '?' };
}

function headline(result: ClaimsResult): Html {
  const { status, sign } = bannerOf(result);
  const caveat = caveatOf(result);
  const items = result.claims.map(
    (claim) =>
      html`<li><a href="#${claim.id}"><strong>${claim.title}</strong></a> ${mark(claim.verdict)}${stateText(claim)}<br>${claim.sentence}</li>\n`,
  );
  return html`<header>
<p class="kicker">WebSocket benchmark · claims</p>
<h1>The claims of the architecture</h1>
<p class="subtitle">${stageText(result)}${result.isQuick ? ' · quick, too short for most answers' : ''} · ${instantText(result.startedAt)}</p>
</header>
<section class="banner ${status}" aria-labelledby="verdict">
<h2 id="verdict"><span class="sign" aria-hidden="true">${sign}</span> ${tallyText(result)}</h2>
${caveat === null ? NOTHING : html`<p>${caveat}</p>`}
${result.partial ? html`<p>Not every experiment was made to its end: ${result.claims.length} of ${result.asked.length} are here.</p>` : NOTHING}
</section>
<section aria-labelledby="verdicts">
<h2 id="verdicts" class="unseen">Verdicts</h2>
<ul class="warnings">${items}</ul>
</section>`;
}

/** Which answers are whose: the question that a reader of a local stage's verdicts must ask. */
function basisSection({ claims }: ClaimsResult): Html {
  const all = claims.flatMap(({ title, findings }) => findings.map((finding) => ({ title, finding })));
  const bases = (['template', 'model', 'measured'] as const).filter((basis) =>
    all.some(({ finding }) => finding.basis === basis),
  );
  if (bases.length === 0) return NOTHING;
  const parts = bases.map((basis) => {
    const own = all.filter(({ finding }) => finding.basis === basis);
    const items = own.map(
      ({ title, finding }) => html`<li>${title}: ${finding.question} ${mark(finding.verdict)}</li>\n`,
    );
    return html`<h3>${capitalised(BASIS_NAMES[basis])}</h3>
<p class="note">${BASIS_MEANINGS[basis]}</p>
<ul>${items}</ul>`;
  });
  return html`<section aria-labelledby="bases">
<h2 id="bases">What the answers rest on</h2>
${parts}
</section>`;
}

function claimSection(claim: ClaimResult): Html {
  return html`<section aria-labelledby="${claim.id}">
<h2 id="${claim.id}">${claim.title}: ${mark(claim.verdict)}${stateText(claim)}</h2>
${facts([
  ['claim', claim.claim],
  ['hypothesis', prose(claim.hypothesis)],
])}
<h3>Method</h3>
<ul>${claim.method.map((step) => html`<li>${prose(step)}</li>\n`)}</ul>
${claim.settings.length === 0 ? NOTHING : html`<h3>Settings</h3>${facts(claim.settings)}`}
${rules(claim.findings)}
<h3>Findings</h3>
${findingList(claim.findings)}
${claim.problems.map((problem) => html`<p class="note"><strong class="unsure">!</strong> ${problem}</p>`)}
<p class="sum"><strong>${capitalised(VERDICTS[claim.verdict].name)}.</strong> ${claim.sentence}</p>
${timelineFigures(claim.timelines)}
<h3>What it would take to show more</h3>
<ul>${claim.more.map((step) => html`<li>${prose(step)}</li>\n`)}</ul>
${runTable(claim)}
</section>
`;
}

/** Questions that share a rule are told together. */
function rules(findings: readonly Finding[]): Html {
  if (findings.length === 0) return NOTHING;
  const byRule = new Map<string, string[]>();
  for (const { rule, question } of findings) byRule.set(rule, [...(byRule.get(rule) ?? []), question]);
  const items = [...byRule].map(
    ([rule, questions]) =>
      html`<li>${questions.map((question, at) => html`${at === 0 ? NOTHING : html`<br>`}${question}`)}<br><span class="quiet">${rule}</span></li>\n`,
  );
  return html`<h3>Questions and rules, set before</h3>
<ul>${items}</ul>`;
}

/** A list and not a table: evidence is prose, and has to be read on a narrow screen too. */
function findingList(findings: readonly Finding[]): Html {
  if (findings.length === 0) return html`<p class="none">None: the experiment was not made to its end.</p>`;
  const items = findings.map(
    ({
      question,
      verdict,
      basis,
      evidence,
      samples,
      isDeciding,
    }) => html`<li><strong>${question}</strong> ${mark(verdict)}<br>${evidence}
<br><span class="quiet">Rests on ${BASIS_NAMES[basis]}${samples === null ? '' : ` · n = ${countText(samples)}`}${isDeciding ? '' : ' · told beside, decides nothing'}</span></li>
`,
  );
  return html`<ul class="warnings">${items}</ul>`;
}

/** Commands in backticks as code. */
function prose(text: string): Html {
  const parts = text.split('`');
  return html`${parts.map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

const VALIDITIES = {
  valid: html`<span class="mark good">✓ valid</span>`,
  unknown: html`<span class="mark unsure">? unknown</span>`,
  invalid: html`<span class="mark bad">✗ invalid</span>`,
} as const;

function runTable({ runs }: ClaimResult): Html {
  if (runs.length === 0) return NOTHING;
  const rows = runs.map(({ name, purpose, directory, samples, validity }) => [
    html`<a href="${directory}/index.html">${name}</a>`,
    purpose,
    VALIDITIES[validity],
    countText(samples),
  ]);
  return html`<h3>Runs</h3>
${table({ caption: 'Each leads to its own report', head: ['run', 'what was done', 'validity', 'delivered'], wordColumns: 3, rows })}`;
}

function setup({ environment, stage, seed, slos, startedAt, endedAt, isQuick }: ClaimsResult): Html {
  const took = Date.parse(endedAt) - Date.parse(startedAt);
  return html`<section aria-labelledby="setup">
<h2 id="setup">The experiments</h2>
${facts([
  ['took', durationText(took)],
  ['length of runs', isQuick ? 'quick' : 'full'],
  ['SLOs', slos.join(' and ')],
  ['seed', String(seed)],
  ['driver', `Node ${environment.node}, ${environment.cpus}, ${environment.os}`],
  [
    'version',
    `${environment.version}${environment.commit === null ? '' : `, commit ${environment.commit.slice(0, 12)}`}`,
  ],
])}
${stage.notes.length === 0 ? NOTHING : html`<ul class="stage-notes">${stage.notes.map((note) => html`<li>${note}</li>`)}</ul>`}
</section>
`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
