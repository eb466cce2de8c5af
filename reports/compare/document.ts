/**
 * A comparison as a document: what differs in the settings first, because figures across different settings mean something else;
 * then the verdict on each candidate, every metric with its interval, and the distributions.
 */

import type { Comparison, Contest, MetricChange, RunFacts, SideFacts } from '../../bench/model/comparison.ts';
import {
  type Blocks,
  type Callout,
  type Column,
  callout,
  count,
  type Document,
  drawing,
  facts,
  figureOf,
  list,
  none,
  note,
  only,
  page,
  pageColumn,
  paragraph,
  type Status,
  section,
  table,
  text,
  textColumn,
  word,
} from '../document/blocks.ts';
import { code, coloured, type Inline, link, mark, quiet, strong } from '../document/inline.ts';
import { capitalized, instantText, ratioText } from '../figures.ts';
import { validityMark } from '../provenance.ts';
import type { ChangeVerdict } from '../statistics/change.ts';
import { hasInvalid, scopeOf } from './comparison.ts';
import { overlaidCurves } from './curves.ts';
import { changeText, intervalText, pText, sideText, valueText } from './figures.ts';
import { intervalBar } from './interval-bar.ts';

/** The comparison as a document. */
export function comparisonDocument(comparison: Comparison): Document {
  const { base, contests, options } = comparison;
  const against = `against ${sideText(base)}`;
  const candidates =
    contests.length === 1 ? sideText(contests[0]!.candidate) : `${contests.length} candidates`;
  const settingsOf = (contest: Contest, index: number) => settings(contest, index, contests.length);
  const metricsOf = (contest: Contest, index: number) => metrics(comparison, contest, index);
  return {
    kind: 'comparison',
    madeFrom: link('comparison.json', 'comparison.json'),
    heading: `${contests.map((contest) => headText(contest, comparison)).join(', ')}: against ${base.label}`,
    title: `${candidates} ${against}`,
    subtitle: [`Smallest effect that matters: ${ratioText(options.smallestEffect)}`],
    provenance: ['intervals of 95 %', 'p corrected for the number of metrics (Holm)', `seed ${options.seed}`],
    blocks: [
      page(() => [
        contests.map(settingsOf),
        contests.map((contest, index) => verdict(comparison, contest, index)),
        contests.map(metricsOf),
        section('curves', 'Distributions', overlaidCurves(comparison)),
        runs(comparison),
        method(comparison),
      ]),
      text(() => contests.map((contest) => contestText(comparison, contest))),
    ],
  };
}

/** Candidates that are worse before the others, for who reads no more than the first line. */
export function worstFirst(comparison: Comparison): Comparison {
  const isWorse = (contest: Contest): number => Number(contest.verdict === 'worse');
  return { ...comparison, contests: [...comparison.contests].sort((a, b) => isWorse(b) - isWorse(a)) };
}

const isWithinRuns = ({ base }: Comparison, { candidate }: Contest): boolean =>
  scopeOf(base, candidate) === 'within runs';

/** The verdict on a candidate in a few words: `Worse`, `Same within these runs only`, `Cannot tell`. */
function headText(contest: Contest, comparison: Comparison): string {
  const verdict = capitalized(contest.verdict);
  return contest.verdict !== 'cannot tell' && isWithinRuns(comparison, contest)
    ? `${verdict} within these runs only`
    : verdict;
}

/** The verdicts counted: `2 worse, 9 same, 2 cannot tell`. */
function tallyText({ metrics: all }: Contest): string {
  return (['worse', 'better', 'same', 'cannot tell'] as const)
    .map((verdict) => [all.filter((metric) => metric.verdict === verdict).length, verdict] as const)
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`)
    .join(', ');
}

/** What the verdict means for the reader. */
function meaningOf(contest: Contest, comparison: Comparison): string {
  const meaning = verdictMeaning(contest, comparison);
  if (!isWithinRuns(comparison, contest)) return meaning;
  return `${meaning} One run on a side shows what differs within runs; runs of one setting differ from each other too, and how much only repeats show.`;
}

function verdictMeaning(contest: Contest, { options }: Comparison): string {
  const effect = ratioText(options.smallestEffect);
  switch (contest.verdict) {
    case 'worse':
      return `At least one metric is worse by ${effect} or more, or more messages are lost or unexpected, beyond what chance explains.`;
    case 'better':
      return `At least one metric is better by ${effect} or more, or fewer messages are lost or unexpected, and none is known to be worse.`;
    case 'same':
      return `No metric differs by ${effect} or more: the intervals exclude it.`;
    case 'cannot tell':
      return 'No difference was shown, and for some metrics none was excluded either: longer runs or more repeats would tell.';
  }
}

function statusOf(comparison: Comparison, contest: Contest): Status {
  if (hasInvalid(comparison.base) || hasInvalid(contest.candidate)) return 'invalid';
  if (isWithinRuns(comparison, contest)) return 'measured';
  if (contest.verdict === 'worse') return 'threshold-failed';
  return contest.verdict === 'cannot tell' ? 'measured' : 'pass';
}

function verdict(comparison: Comparison, contest: Contest, index: number): Callout {
  const status = statusOf(comparison, contest);
  const name = sideText(contest.candidate);
  const head = headText(contest, comparison);
  return callout({
    ...{ id: `verdict-${index}`, status, name, list: contest.warnings },
    head: comparison.contests.length > 1 ? `${head}: ${name}` : head,
    text: [`${meaningOf(contest, comparison)} ${tallyText(contest)}.`],
    ...(status === 'measured' && { sign: '?' }),
  });
}

/** A candidate in text, where it is read from its verdict down. */
function contestText(comparison: Comparison, contest: Contest): Blocks {
  const { candidate, warnings, differences } = contest;
  const name = `${sideText(candidate)} against ${sideText(comparison.base)}`;
  const head = headText(contest, comparison);
  const own = { status: statusOf(comparison, contest), name };
  const told = [`${tallyText(contest)}.`, meaningOf(contest, comparison)];
  return [
    only('terminal', () => callout({ ...own, head: head.toUpperCase(), text: told })),
    only('markdown', () => callout({ ...own, head, text: [told.toReversed().join(' ')] })),
    differences.length === 0
      ? paragraph('The settings are the same.')
      : list(
          differences.map(({ setting, base, candidate: other, isIncomparable }) => [
            isIncomparable ? mark('bad', 'not comparable') : 'differs',
            `: ${setting}: ${base} → ${other}`,
          ]),
        ),
    list(warnings.map((warning) => mark('unsure', warning, '!'))),
    metricTable(comparison, contest),
  ];
}

function of(contest: Contest, count: number): string {
  return count > 1 ? `: ${sideText(contest.candidate)}` : '';
}

/** Words as long as a fault plan's need a column that is worth reading, also on a phone. */
const LONG = 40;

function roomy(value: string): Inline {
  return value.length > LONG ? coloured('long', value) : value;
}

function settings(contest: Contest, index: number, count: number): Blocks {
  const { differences } = contest;
  return section(
    `settings-${index}`,
    `Settings that differ${of(contest, count)}`,
    differences.length === 0
      ? none('None: plan, stage and environment are the same.')
      : table('Settings, base and candidate', differences, [
          word('setting', ({ setting }) => code(setting)),
          word('base', ({ base }) => roomy(base)),
          word('candidate', ({ candidate }) => roomy(candidate)),
          word('', ({ isIncomparable }) => (isIncomparable ? mark('bad', 'not comparable') : 'differs')),
        ]),
  );
}

const MARKS: Readonly<Record<ChangeVerdict, Inline>> = {
  better: mark('good', 'better'),
  worse: mark('bad', 'worse'),
  same: mark('quiet', 'same', '='),
  'cannot tell': mark('unsure', 'cannot tell'),
};

const VERDICT: Column<MetricChange> = word('verdict', (metric) => MARKS[metric.verdict]);

function metricTable({ options }: Comparison, contest: Contest): Blocks {
  return table('Change from base to candidate', contest.metrics, [
    word('metric', ({ label, unit }) => [label, unit !== 'ratio' && [' ', quiet(unit)]]),
    pageColumn(VERDICT),
    pageColumn(word('change', (metric) => intervalBar(metric, options))),
    pageColumn(figureOf('', changeText)),
    pageColumn(figureOf('95 % interval', intervalText)),
    figureOf('base', ({ base, unit }) => valueText(base, unit)),
    figureOf('candidate', ({ candidate, unit }) => valueText(candidate, unit)),
    textColumn(figureOf('change', changeText)),
    textColumn(figureOf('95 % interval', intervalText)),
    figureOf('p', ({ adjustedP }) => pText(adjustedP)),
    textColumn(VERDICT),
  ]);
}

function metrics(comparison: Comparison, contest: Contest, index: number): Blocks {
  const whose = of(contest, comparison.contests.length);
  return section(`metrics-${index}`, `Metrics${whose}`, [
    drawing(`Changes${whose}`, metricTable(comparison, contest)),
    note(
      'The shaded band is the smallest effect; the line is no change. The bar is the 95 % interval, the dot the estimate; a bar that leaves the scale has an arrow. Changes of ratios are in percentage points (pp). p is corrected for the number of metrics.',
    ),
  ]);
}

function runs({ base, contests }: Comparison): Blocks {
  const of = (side: string, { runs: all }: SideFacts) => all.map((run) => ({ ...run, side }));
  const all = [...of('base', base), ...contests.flatMap(({ candidate }) => of('candidate', candidate))];
  return section(
    'runs',
    'Runs',
    table('Every run of every side', all, [
      word('directory', ({ directory }) => directory),
      word('side', ({ side }) => side),
      word('validity', trustOf),
      word('started', ({ startedAt }) => instantText(startedAt)),
      count('messages', ({ deliveredMessages }) => deliveredMessages),
    ]),
  );
}

function trustOf({ validity, partial }: RunFacts): Inline {
  return partial && validity !== 'invalid' ? mark('unsure', 'partial', '◐') : validityMark(validity);
}

function method({ options }: Comparison): Blocks {
  return section('method', 'How it was judged', [
    paragraph([
      ...['A metric is ', strong('better'), ' or ', strong('worse')],
      ' when its 95 % interval excludes no change, the estimate is at least the smallest effect, and p holds after Holm’s correction. It is the ',
      strong('same'),
      ' when the 90 % interval lies within the smallest effect (two one-sided tests). Anything else ',
      strong('cannot be told'),
      ': not having shown a difference is not having shown that there is none. A certain change of a ratio of violations counts whatever its size.',
    ]),
    note(
      'Percentiles: circular block bootstrap over seconds within each run, and over whole runs where there are several; the larger variance counts. Throughput: the same in closed form. Ratios: Newcombe’s interval, widened by how much more the counts vary than independent ones would.',
    ),
    facts([
      ['smallest effect', ratioText(options.smallestEffect)],
      ['smallest difference of a ratio', `${Number((options.smallestRatio * 100).toPrecision(3))} pp`],
      ['seed', String(options.seed)],
      ['forced', options.forced ? 'yes' : 'no'],
    ]),
  ]);
}
