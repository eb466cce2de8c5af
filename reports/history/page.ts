/**
 * The HTML page of a history: the verdict, every change that was found with its commit, what is too new to be tested, and the
 * trend of every metric in every group of like runs.
 */
import { readFileSync } from 'node:fs';
import { pText } from '../compare/figures.ts';
import { pageFrame } from '../document/html.ts';
import { counted, instantText, ratioText } from '../figures.ts';
import { type Html, html, NOTHING, trusted } from '../html/html.ts';
import { facts, table } from '../html/table.ts';
import { MIN_SEGMENT } from '../statistics/change-points.ts';
import { trendFigure } from './chart.ts';
import type { History, HistoryChange, HistoryGroup } from './history.ts';
import { LEVELS, SHUFFLES } from './permutation-tests.ts';
import {
  amountOf,
  changesByPlace,
  changeText,
  commitText,
  constantText,
  courseText,
  groupName,
  type HistoryStatus,
  headText,
  isConstant,
  limitsOf,
  listedChanges,
  listedRises,
  meaningOf,
  metricText,
  type PlacedChange,
  pendingTexts,
  placeText,
  remarksOn,
  riseStateText,
  statusOf,
} from './words.ts';

const STYLE = new URL('history.css', import.meta.url);

/** The page, as the text of an HTML file. */
export function renderHistoryPage(history: History): string {
  const changes = listedChanges(history);
  return pageFrame({
    title: `${headText(history)}: ${history.directory}`,
    main: html`<style>${trusted(readFileSync(STYLE, 'utf8'))}</style>
${headline(history)}
${riseList(history)}
${changeList(history, changes)}
${pending(history)}
${history.groups.map((group, index) => trends(group, index, history, changes))}
${leftOut(history)}
${method(history)}`,
    footer: html`Made from this directory’s <a href="history.json">history.json</a> by serverless-websocket-bench; <code>npm run report -- DIRECTORY</code> makes it again.`,
  });
}

const SIGNS: Readonly<Record<HistoryStatus, string>> = {
  pass: '✓',
  measured: '?',
  'threshold-failed': '✗',
};

function headline(history: History): Html {
  const status = statusOf(history);
  const { groups, directory } = history;
  const entries = groups.flatMap((group) => group.entries);
  const times = entries.map(({ startedAt }) => instantText(startedAt).slice(0, 10)).sort();
  const runs = entries.reduce((sum, entry) => sum + entry.runs.length, 0);
  return html`<header>
<p class="kicker">WebSocket benchmark · history</p>
<h1>${directory}</h1>
<p class="subtitle">${counted(entries.length, 'entry', 'entries')} of ${counted(runs, 'run')}, ${times[0] ?? ''} to ${times.at(-1) ?? ''} · ${counted(groups.length, 'group')} of one setting${groups.length === 1 ? '' : ' each'}</p>
</header>
<section class="banner ${status}" aria-labelledby="verdict">
<h2 id="verdict"><span class="sign" aria-hidden="true">${SIGNS[status]}</span> ${headText(history)}</h2>
<p>${meaningOf(history)}</p>
</section>
`;
}

function markOf({ judgement, state }: HistoryChange): Html {
  if (judgement === 'better') return html`<span class="mark good">✓ better</span>`;
  if (judgement === 'small') return html`<span class="mark quiet">· too small to matter</span>`;
  if (state === 'standing') return html`<span class="mark bad">✗ worse, standing</span>`;
  return html`<span class="mark unsure">✗ worse, ${state ?? ''}</span>`;
}

function riseList(history: History): Html {
  const rises = listedRises(history);
  if (rises.length === 0) return NOTHING;
  const many = history.groups.length > 1;
  const rows = rises.map((found) => {
    const { metric, rise } = found;
    const sign = rise.isCertain ? 'bad' : 'unsure';
    return [
      metricText(metric),
      ...(many ? [groupName(history, found.group)] : []),
      html`<span class="mark ${sign}">✗ ${riseStateText(rise)}</span>`,
      courseText(found),
      changeText(rise.change, metric.unit),
      amountOf(rise.best, metric.unit),
      amountOf(rise.newest, metric.unit),
      pText(rise.adjustedP),
    ];
  });
  const head = ['metric', ...(many ? ['group'] : []), 'verdict', 'since', 'change', 'best', 'newest', 'p'];
  return html`<section aria-labelledby="rises">
<h2 id="rises">Newest level against the best before it</h2>
${table({ caption: 'Metrics whose newest level is worse', head, wordColumns: many ? 4 : 3, rows })}
<p class="note">Steps that are each too small to matter, and drifts, add up. What was recovered from is left out. p is that of a trend from the best level to the newest; a single step is certain by its own p, below.</p>
</section>
`;
}

function changeList({ groups }: History, changes: readonly PlacedChange[]): Html {
  const places = changesByPlace(changes);
  return html`<section aria-labelledby="changes">
<h2 id="changes">Changes</h2>
${places.length === 0 ? html`<p class="none">None was found.</p>` : places.map((found) => place(found, groups))}
${places.length === 0 ? NOTHING : html`<p class="note">The commit is that of the first entry after a change, in brackets that of the last before it: the cause is between them, or in what else changed there. Before and after are means of the segments on both sides. Changes of ratios are in percentage points (pp).</p>`}
</section>
`;
}

/** What changed between two entries. */
function place(found: readonly PlacedChange[], groups: readonly HistoryGroup[]): Html {
  const first = found[0]!;
  const { startedAt } = first.group.entries[first.change.entry]!;
  const where = groups.length > 1 ? `, group ${groups.indexOf(first.group) + 1}` : '';
  const remarks = [...new Set(found.flatMap(remarksOn))];
  const rows = found.map(({ metric, change }) => [
    metricText(metric),
    markOf(change),
    changeText(change.change, metric.unit),
    amountOf(change.before, metric.unit),
    amountOf(change.after, metric.unit),
    pText(change.adjustedP),
  ]);
  return html`<h3>${first.place} at <code>${placeText(first)}</code></h3>
<p class="quiet">${instantText(startedAt)}${where}</p>
${remarks.length === 0 ? NOTHING : html`<ul class="remarks">${remarks.map((remark) => html`<li>${remark}</li>`)}</ul>`}
${table({
  caption: `What changed at ${first.place}`,
  head: ['metric', 'verdict', 'change', 'before', 'after', 'p'],
  wordColumns: 2,
  rows,
})}`;
}

function pending(history: History): Html {
  const texts = pendingTexts(history);
  if (texts.length === 0) return NOTHING;
  return html`<section aria-labelledby="pending">
<h2 id="pending">Not testable yet</h2>
<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>
<p class="note">Fewer than ${MIN_SEGMENT} entries are an outlier as likely as a change. They do not fail the command; further runs will tell.</p>
</section>
`;
}

function trends(
  group: HistoryGroup,
  index: number,
  { groups }: History,
  changes: readonly PlacedChange[],
): Html {
  const drawn = group.metrics.filter((metric) => !isConstant(metric));
  const constant = constantText(group);
  return html`<section aria-labelledby="group-${index}">
<h2 id="group-${index}">${groups.length === 1 ? 'Trends' : `Group ${index + 1}`}</h2>
<p>${group.label}</p>
${group.settings.length === 0 ? NOTHING : html`<p class="note">Settings that not all groups share: ${group.settings.map(({ setting, value }, at) => html`${at === 0 ? '' : ', '}<code>${setting}</code> ${value}`)}</p>`}
<p class="note">${limitsOf(group).join(' ')}</p>
${drawn.length === 0 ? NOTHING : legend()}
<div class="trends">
${drawn.map((metric, at) =>
  trendFigure(
    group,
    metric,
    changes.filter((change) => change.metric === metric).sort((a, b) => a.change.entry - b.change.entry),
    `trend-${index}-${at}`,
  ),
)}</div>
${constant === '' ? NOTHING : html`<p class="note">The same in every run, and not drawn: ${constant}.</p>`}
${entryTable(group)}
</section>
`;
}

function legend(): Html {
  const key = (drawing: Html, text: string) =>
    html`<li><svg width="24" height="14" aria-hidden="true">${drawing}</svg>${text}</li>`;
  return html`<ul class="trend-legend">
${key(html`<path class="spread" d="M12 1V13"/><circle class="entry" cx="12" cy="7" r="3"/>`, 'an entry: median of its runs, lowest to highest')}
${key(html`<path class="mean" d="M1 7H23"/>`, 'mean of a segment')}
${key(html`<g class="change worse"><path d="M12 0V14"/></g>`, 'a change: ✗ worse, ✓ better, · too small to matter')}
</ul>`;
}

function entryTable({ entries }: HistoryGroup): Html {
  const rows = entries.map(({ directory, startedAt, commit, version, runs }, index) => [
    directory,
    instantText(startedAt),
    commit === null ? 'not known' : html`<code>${commitText({ commit, startedAt })}</code>`,
    version,
    String(index + 1),
    String(runs.length),
  ]);
  return html`<details><summary>Entries</summary>
${table({ caption: 'Entries, oldest first', head: ['directory', 'started', 'commit', 'version', 'entry', 'runs'], wordColumns: 4, rows })}</details>`;
}

function leftOut({ leftOut: list }: History): Html {
  if (list.length === 0) return NOTHING;
  return html`<section aria-labelledby="left-out">
<h2 id="left-out">Left out</h2>
${table({
  caption: 'What is in no figure, and why',
  head: ['directory', 'reason'],
  wordColumns: 2,
  rows: list.map(({ directory, reason }) => [directory, reason]),
})}
</section>
`;
}

function method({ options, groups }: History): Html {
  return html`<section aria-labelledby="method">
<h2 id="method">How changes are found</h2>
<p>By E-divisive means (Matteson and James 2014): the split of a series with the greatest energy distance between what is before and after it is a change if shuffling the entries rarely makes a greater one; then the parts are split again. Every change holds at ${ratioText(LEVELS.change)} after Bonferroni’s correction for the number of metrics tested in its group; p is the corrected one. A change is <b>better</b> or <b>worse</b> when it is at least the smallest effect; a certain change of a ratio of violations counts whatever its size. A change for the worse is <b>standing</b> as long as no better one follows and the newest segment is still worse by the smallest effect.</p>
<p>A <b>regression</b>, which fails the command, is a newest level that is worse by the smallest effect than the best before it, however it came there. What was recovered from is left out, and the rest is tested for a trend of its normal scores, all metrics shuffled together (Westfall and Young 1993). It is certain at ${ratioText(LEVELS.certainTrend)}, or where one of its steps is at ${ratioText(LEVELS.certainChange)}; from ${ratioText(LEVELS.trend)} on it is listed. Levels are those of segments, or of a straight line where that fits better (Schwarz 1978).</p>
<p class="note">Tests take entries for exchangeable where nothing changed. Where neighbours are alike, as on a machine that is busy for a week, changes are found that are none; a regression is discounted as far as the likeness shows, which takes some dozens of entries. The newest ${MIN_SEGMENT - 1} entries count for no more than the farthest before them.</p>
${facts([
  ['smallest effect', ratioText(options.smallestEffect)],
  ['entries of a segment', `${MIN_SEGMENT} at the least`],
  ['shuffles of a test', `${SHUFFLES} at the least`],
  [
    'entries needed',
    groups
      .map(
        ({ needed }, index) =>
          `${groups.length === 1 ? '' : `group ${index + 1}: `}${needed.middle} for a change in their middle, ${needed.end} for one in the newest ${MIN_SEGMENT}`,
      )
      .join('; '),
  ],
  ['newest entries looked at', `${options.last} of each group`],
  ['seed', String(options.seed)],
])}
</section>
`;
}
