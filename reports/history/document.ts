/**
 * A history as a document: the verdict, every change that was found with its commit, what is too new to be tested, and the
 * trend of every metric in every group of like runs.
 */

import type { History, HistoryChange, HistoryGroup } from '../../bench/model/history.ts';
import { pText } from '../compare/figures.ts';
import {
  type Blocks,
  box,
  type Column,
  callout,
  type Document,
  facts,
  figureOf,
  fold,
  heading,
  list,
  none,
  note,
  page,
  paragraph,
  type Status,
  section,
  table,
  text,
  word,
} from '../document/blocks.ts';
import { code, html, type Inline, link, mark, shown, strong } from '../document/inline.ts';
import { counted, instantText, ratioText } from '../figures.ts';
import { MIN_SEGMENT } from '../statistics/change-points.ts';
import { trendFigure } from './chart.ts';
import { LEVELS, SHUFFLES } from './permutation-tests.ts';
import {
  amountOf,
  changeText,
  commitText,
  constantText,
  courseText,
  groupName,
  groupText,
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
  stateText,
} from './text.ts';

const STATUS: Readonly<Record<History['verdict'], Status>> = {
  regression: 'threshold-failed',
  'no regression': 'pass',
  'too few': 'measured',
};

/** The history as a document. */
export function historyDocument(history: History): Document {
  const { directory, groups, leftOut, options, verdict } = history;
  const head = headText(history);
  const changes = listedChanges(history);
  return {
    kind: 'history',
    madeFrom: link('history.json', 'history.json'),
    heading: `${head}: ${directory}`,
    title: directory,
    subtitle: [
      extentText(history),
      `${counted(groups.length, 'group')} of one setting${groups.length === 1 ? '' : ' each'}`,
    ],
    provenance: [
      `smallest effect ${ratioText(options.smallestEffect)}`,
      'p corrected for the number of metrics',
      `seed ${options.seed}`,
    ],
    styles: ['../history/history.css'],
    blocks: [
      callout({
        status: STATUS[verdict],
        head,
        name: directory,
        text: [meaningOf(history)],
        ...(verdict === 'too few' && { sign: '?' }),
      }),
      rises(history),
      page(() => section('changes', 'Changes', changesByPlace(history, changes))),
      text(() => changeTable(history, changes)),
      pending(history),
      text(() => list(groups.map((group) => groupText(history, group)))),
      page(() => groups.map((group, index) => trends(group, index, history, changes))),
      leftOut.length > 0 &&
        section(
          'left-out',
          'Left out',
          table('What is in no figure, and why', leftOut, [
            word(inTables('directory', 'left out'), (one) => one.directory),
            word('reason', ({ reason }) => reason),
          ]),
        ),
      page(() => section('method', 'How changes are found', method(history))),
    ],
  };
}

/** The label of a column, and that of text formats, where no caption says what the table is of. */
function inTables(label: string, inText: string): Inline {
  return [shown('html', label), shown(['markdown', 'terminal'], inText)];
}

/** `24 entries of 48 runs, 2026-01-01 to 2026-01-24`. */
function extentText({ groups }: History): string {
  const entries = groups.flatMap((group) => group.entries);
  const times = entries.map(({ startedAt }) => instantText(startedAt).slice(0, 10)).sort();
  const runs = entries.reduce((sum, entry) => sum + entry.runs.length, 0);
  return `${counted(entries.length, 'entry', 'entries')} of ${counted(runs, 'run')}, ${times[0] ?? ''} to ${times.at(-1) ?? ''}`;
}

/** The column of the group, where there are several. */
function groupColumn<Row extends { readonly group: HistoryGroup }>(history: History): Column<Row> | false {
  return history.groups.length > 1 && word('group', ({ group }) => groupName(history, group));
}

function rises(history: History): Blocks {
  const all = listedRises(history);
  if (all.length === 0) return null;
  return section('rises', 'Newest level against the best before it', [
    table('Metrics whose newest level is worse', all, [
      word(inTables('metric', 'newest level'), ({ metric }) => metricText(metric)),
      groupColumn(history),
      word('verdict', ({ rise }) => mark(rise.isCertain ? 'bad' : 'unsure', riseStateText(rise), '✗')),
      word('since', courseText),
      figureOf('change', ({ metric, rise }) => changeText(rise.change, metric.unit)),
      figureOf('best', ({ metric, rise }) => amountOf(rise.best, metric.unit)),
      figureOf('newest', ({ metric, rise }) => amountOf(rise.newest, metric.unit)),
      figureOf('p', ({ rise }) => pText(rise.adjustedP)),
    ]),
    note(
      'Steps that are each too small to matter, and drifts, add up. What was recovered from is left out. p is that of a trend from the best level to the newest; a single step is certain by its own p, below.',
    ),
  ]);
}

function verdictOn(change: HistoryChange): Inline {
  const { judgement, state } = change;
  const said = stateText(change);
  if (judgement === 'worse') return mark(state === 'standing' ? 'bad' : 'unsure', said, '✗');
  return judgement === 'better' ? mark('good', said) : mark('quiet', said, '·');
}

const METRIC = word<PlacedChange>('metric', ({ metric }) => metricText(metric));

const CHANGE: readonly Column<PlacedChange>[] = [
  figureOf('change', ({ metric, change }) => changeText(change.change, metric.unit)),
  figureOf('before', ({ metric, change }) => amountOf(change.before, metric.unit)),
  figureOf('after', ({ metric, change }) => amountOf(change.after, metric.unit)),
  figureOf('p', ({ change }) => pText(change.adjustedP)),
];

const VERDICT = word<PlacedChange>('verdict', ({ change }) => verdictOn(change));

function changeTable(history: History, changes: readonly PlacedChange[]): Blocks {
  if (changes.length === 0) return paragraph('No change was found.');
  const remarks = changes.flatMap((found) =>
    remarksOn(found).map((remark) => `${placeText(found)}: ${remark}`),
  );
  return [
    table('changes', changes, [METRIC, groupColumn(history), VERDICT, word('at', placeText), ...CHANGE]),
    list([...new Set(remarks)]),
  ];
}

function changesByPlace({ groups }: History, changes: readonly PlacedChange[]): Blocks {
  if (changes.length === 0) return none('None was found.');
  const places = [...new Set(changes.map(({ place }) => place))];
  return [
    places.map((place) =>
      changesAt(
        changes.filter((found) => found.place === place),
        groups,
      ),
    ),
    note(
      'The commit is that of the first entry after a change, in brackets that of the last before it: the cause is between them, or in what else changed there. Before and after are means of the segments on both sides. Changes of ratios are in percentage points (pp).',
    ),
  ];
}

/** What changed between two entries. */
function changesAt(found: readonly PlacedChange[], groups: readonly HistoryGroup[]): Blocks {
  const first = found[0]!;
  const { startedAt } = first.group.entries[first.change.entry]!;
  const where = groups.length > 1 ? `, group ${groups.indexOf(first.group) + 1}` : '';
  return [
    heading([`${first.place} at `, code(placeText(first))]),
    paragraph(`${instantText(startedAt)}${where}`, 'quiet'),
    list([...new Set(found.flatMap(remarksOn))], 'remarks'),
    table(`What changed at ${first.place}`, found, [METRIC, VERDICT, ...CHANGE]),
  ];
}

function pending(history: History): Blocks {
  const texts = pendingTexts(history);
  if (texts.length === 0) return null;
  return section('pending', 'Not testable yet', [
    list(texts.map((sentence) => [shown('terminal', 'not testable yet: '), sentence])),
    note(
      `Fewer than ${MIN_SEGMENT} entries are an outlier as likely as a change. They do not fail the command; further runs will tell.`,
    ),
  ]);
}

function trends(
  group: HistoryGroup,
  index: number,
  { groups }: History,
  changes: readonly PlacedChange[],
): Blocks {
  const drawn = group.metrics.filter((metric) => !isConstant(metric));
  const constant = constantText(group);
  const settings = group.settings.map(({ setting, value }, at) => [
    at > 0 && ', ',
    code(setting),
    ` ${value}`,
  ]);
  return section(`group-${index}`, groups.length === 1 ? 'Trends' : `Group ${index + 1}`, [
    paragraph(group.label),
    settings.length > 0 && note(['Settings that not all groups share: ', settings]),
    note(limitsOf(group).join(' ')),
    drawn.length > 0 && LEGEND,
    box(
      'trends',
      drawn.map((metric) =>
        trendFigure(
          group,
          metric,
          changes
            .filter((change) => change.metric === metric)
            .sort((a, b) => a.change.entry - b.change.entry),
        ),
      ),
    ),
    constant !== '' && note(`The same in every run, and not drawn: ${constant}.`),
    fold('Entries', entryTable(group)),
  ]);
}

const LEGEND = list(
  [
    [
      html`<path class="spread" d="M12 1V13"/><circle class="entry" cx="12" cy="7" r="3"/>`,
      'an entry: median of its runs, lowest to highest',
    ],
    [html`<path class="mean" d="M1 7H23"/>`, 'mean of a segment'],
    [
      html`<g class="change worse"><path d="M12 0V14"/></g>`,
      'a change: ✗ worse, ✓ better, · too small to matter',
    ],
  ].map(([sample, meaning]) => [
    html`<svg width="24" height="14" aria-hidden="true">${sample}</svg>`,
    meaning,
  ]),
  'trend-legend',
);

function entryTable({ entries }: HistoryGroup): Blocks {
  return table('Entries, oldest first', entries, [
    word('directory', ({ directory }) => directory),
    word('started', ({ startedAt }) => instantText(startedAt)),
    word('commit', (entry) => (entry.commit === null ? 'not known' : code(commitText(entry)))),
    word('version', ({ version }) => version),
    figureOf('entry', (_, index) => index + 1),
    figureOf('runs', ({ runs }) => runs.length),
  ]);
}

function method({ options, groups }: History): Blocks {
  const needed = groups.map(
    ({ needed: { middle, end } }, index) =>
      `${groups.length === 1 ? '' : `group ${index + 1}: `}${middle} for a change in their middle, ${end} for one in the newest ${MIN_SEGMENT}`,
  );
  return [
    paragraph([
      'By E-divisive means (Matteson and James 2014): the split of a series with the greatest energy distance between what is before and after it is a change if shuffling the entries rarely makes a greater one; then the parts are split again. Every change holds at ',
      `${ratioText(LEVELS.change)} after Bonferroni’s correction for the number of metrics tested in its group; p is the corrected one. A change is `,
      ...[strong('better'), ' or ', strong('worse')],
      ' when it is at least the smallest effect; a certain change of a ratio of violations counts whatever its size. A change for the worse is ',
      strong('standing'),
      ' as long as no better one follows and the newest segment is still worse by the smallest effect.',
    ]),
    paragraph([
      ...['A ', strong('regression')],
      ', which fails the command, is a newest level that is worse by the smallest effect than the best before it, however it came there. What was recovered from is left out, and the rest is tested for a trend of its normal scores, all metrics shuffled together (Westfall and Young 1993). It is certain at ',
      `${ratioText(LEVELS.certainTrend)}, or where one of its steps is at ${ratioText(LEVELS.certainChange)}; from ${ratioText(LEVELS.trend)} on it is listed. Levels are those of segments, or of a straight line where that fits better (Schwarz 1978).`,
    ]),
    note(
      `Tests take entries for exchangeable where nothing changed. Where neighbours are alike, as on a machine that is busy for a week, changes are found that are none; a regression is discounted as far as the likeness shows, which takes some dozens of entries. The newest ${MIN_SEGMENT - 1} entries count for no more than the farthest before them.`,
    ),
    facts([
      ['smallest effect', ratioText(options.smallestEffect)],
      ['entries of a segment', `${MIN_SEGMENT} at the least`],
      ['shuffles of a test', `${SHUFFLES} at the least`],
      ['entries needed', needed.join('; ')],
      ['newest entries looked at', `${options.last} of each group`],
      ['seed', String(options.seed)],
    ]),
  ];
}
