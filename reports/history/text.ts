/** What a history found, in words, and in the order in which a reader wants it. */

import type {
  History,
  HistoryChange,
  HistoryEntry,
  HistoryGroup,
  HistoryUnit,
  MetricHistory,
  Rise,
} from '../../bench/model/history.ts';
import { signedText, valueText } from '../compare/figures.ts';
import { ABSENT, counted, countText, dollarText, instantText, ratioText } from '../figures.ts';

/** A change with where it belongs, and the name that chart and list give its place: C1, C2 … by time. */
export interface PlacedChange {
  readonly place: string;
  readonly group: HistoryGroup;
  readonly metric: MetricHistory;
  readonly change: HistoryChange;
}

/** All changes, by group and time. */
function placed({ groups }: History): PlacedChange[] {
  let places = 0;
  return groups.flatMap((group) => {
    const all = group.metrics.flatMap((metric) => metric.changes.map((change) => ({ metric, change })));
    const entries = [...new Set(all.map(({ change }) => change.entry))].sort((a, b) => a - b);
    const names = new Map(entries.map((entry) => [entry, `C${++places}`]));
    return all.map(({ metric, change }) => ({ place: names.get(change.entry)!, group, metric, change }));
  });
}

/** How far apart two levels are; from or to nothing is the farthest. */
function reach({ before, after }: Pick<HistoryChange, 'before' | 'after'>): number {
  return before === after ? 0 : Math.abs(Math.log(after / before));
}

/** All changes as a reader wants them: places where something still stands first, then the newest, each with its largest first. */
export function listedChanges(history: History): PlacedChange[] {
  const all = placed(history);
  const standing = new Set(all.filter(({ change }) => change.state === 'standing').map(({ place }) => place));
  const urgency = ({ place }: PlacedChange): number => (standing.has(place) ? 1 : 0);
  const time = ({ group, change }: PlacedChange): number =>
    Date.parse(group.entries[change.entry]!.startedAt);
  return all.sort(
    (a, b) =>
      urgency(b) - urgency(a) ||
      time(b) - time(a) ||
      a.place.localeCompare(b.place) ||
      reach(b.change) - reach(a.change),
  );
}

/** A metric whose newest level is worse than the best before it. */
export interface PlacedRise {
  readonly group: HistoryGroup;
  readonly metric: MetricHistory;
  readonly rise: Rise;
}

/** All of them, what is certain first, then the largest. */
export function listedRises({ groups }: History): PlacedRise[] {
  const all = groups.flatMap((group) =>
    group.metrics.flatMap((metric) => (metric.rise === null ? [] : [{ group, metric, rise: metric.rise }])),
  );
  const size = ({ rise }: PlacedRise): number => reach({ before: rise.best, after: rise.newest });
  return all.sort((a, b) => Number(b.rise.isCertain) - Number(a.rise.isCertain) || size(b) - size(a));
}

/** `at a1b2c3d`, `since a1b2c3d in 8 steps`, `since a1b2c3d, little by little`: the best level ended there. */
export function courseText({ group, rise }: PlacedRise): string {
  const { from, to, isDrift, steps } = rise;
  const commit = (entry: number): string => commitText(group.entries[entry]!);
  if (isDrift) return `since ${commit(from)}, little by little`;
  return steps === 1 ? `at ${commit(to)}` : `since ${commit(from)} in ${steps} steps`;
}

export function riseStateText({ isCertain }: Rise): string {
  return isCertain ? 'worse' : 'worse, not certain enough to fail';
}

/** `group 2`, which the list of groups explains; nothing where there is one only. */
export function groupName({ groups }: History, group: HistoryGroup): string {
  return groups.length === 1 ? '' : `group ${groups.indexOf(group) + 1}`;
}

/** A group with its name, what sets it apart, and what could not have been found in it. */
export function groupText(history: History, group: HistoryGroup): string {
  const name = groupName(history, group);
  const settings = group.settings.map(({ setting, value }) => `, ${setting} ${value}`).join('');
  return `${name === '' ? '' : `${name}: `}${group.label}${settings}. ${limitsOf(group).join(' ')}`;
}

/** The first digits of a commit; the time where it is not known. */
export function commitText({ commit, startedAt }: Pick<HistoryEntry, 'commit' | 'startedAt'>): string {
  return commit === null ? instantText(startedAt).slice(0, 16) : commit.slice(0, 7);
}

export function amountOf(value: number, unit: HistoryUnit): string {
  return unit === 'USD' ? dollarText(value) : valueText(value, unit);
}

/** With its unit, where it has one that is not in the amount. */
function quantityText(value: number, unit: HistoryUnit): string {
  const amount = amountOf(value, unit);
  if (unit === 'ms') return `${amount} ms`;
  return unit === '/s' ? `${amount}/s` : amount;
}

/** `response p99, ms`. */
export function metricText({ label, unit }: Pick<MetricHistory, 'label' | 'unit'>): string {
  return unit === 'ratio' || unit === 'USD' ? label : `${label}, ${unit}`;
}

export function changeText(change: number | null, unit: HistoryUnit): string {
  return change === null ? ABSENT : signedText(change, unit === 'ratio' ? 'pp' : '%');
}

/** `response p99 rose 12.0 % at a1b2c3d`. */
function riseText(placed: PlacedRise): string {
  const { metric, rise } = placed;
  const verb = rise.newest > rise.best ? 'rose' : 'fell';
  const isRelative = metric.unit !== 'ratio' && rise.change !== null;
  const how = isRelative
    ? changeText(rise.change, metric.unit).slice(1)
    : `from ${amountOf(rise.best, metric.unit)} to ${amountOf(rise.newest, metric.unit)}`;
  return `${metric.label} ${verb} ${how} ${courseText(placed)}`;
}

/** The verdict in a line. */
export function headText(history: History): string {
  const regressions = listedRises(history).filter(({ rise }) => rise.isCertain);
  const [first] = regressions;
  if (first !== undefined)
    return regressions.length === 1
      ? `1 regression: ${riseText(first)}`
      : `${countText(regressions.length)} regressions, the largest: ${riseText(first)}`;
  const entries = history.groups.reduce((sum, group) => sum + group.entries.length, 0);
  if (history.verdict === 'too few') return `Too few to tell: ${neededText(history.groups[0]!)}`;
  const doubtful = listedRises(history).length;
  const doubt = doubtful === 0 ? '' : `; ${counted(doubtful, 'metric')} worse, not certain enough to fail`;
  return `No regression in ${counted(entries, 'entry', 'entries')}${doubt}`;
}

/** `5 entries of the 12 that are needed at the least`. */
function neededText({ entries, needed }: HistoryGroup): string {
  return `${counted(entries.length, 'entry', 'entries')} of the ${needed.middle} that are needed at the least`;
}

/** What the verdict means for the reader. */
export function meaningOf(history: History): string {
  const effect = ratioText(history.options.smallestEffect);
  switch (history.verdict) {
    case 'regression':
      return `The newest level of a metric is worse by ${effect} or more than the best before it, or more messages are lost or unexpected, beyond what chance explains: in one step, in many or by a drift.`;
    case 'no regression':
      return `No metric’s newest level is known to be worse by ${effect} or more than the best before it. That none was found does not show that there is none.`;
    case 'too few':
      return 'However large a change were, no test of so few entries could tell it from chance.';
  }
}

/** What of a group could not have been found, one sentence each. */
export function limitsOf({ entries, needed, olderLeftOut }: HistoryGroup): string[] {
  const { middle, end } = needed;
  const count = counted(entries.length, 'entry', 'entries');
  const sentences =
    entries.length < middle
      ? [`${count}: before there are ${middle}, nothing can be found here.`]
      : entries.length < end
        ? [`${count}: before there are ${end}, a change among the newest few can’t be found.`]
        : ['A change within the newest 2 entries can’t be told from an outlier yet.'];
  if (olderLeftOut > 0)
    sentences.push(`${counted(olderLeftOut, 'older entry', 'older entries')} left out (--last).`);
  return sentences;
}

/** What else is known of a change: one remark each. */
export function remarksOn({ group, metric, change }: PlacedChange): string[] {
  const [entry, previous] = [group.entries[change.entry]!, group.entries[change.previous]!];
  const isSame = entry.commit !== null && entry.commit === previous.commit;
  return [
    ...(change.isProvisional
      ? [`provisional: only ${change.pointsAfter} entries follow; place and size may still move`]
      : []),
    ...(change.state === 'standing' && metric.rise?.isCertain !== true ? ['not certain enough to fail'] : []),
    ...(isSame ? ['the commit is the same before and after: something else changed'] : []),
    ...change.beside.map(({ setting, base, candidate }) => `${setting}: ${base} → ${candidate}`),
  ];
}

/** `standing`, `recovered` …, or what a change is that is none for the worse. */
export function stateText({ judgement, state }: HistoryChange): string {
  if (judgement === 'worse') return `worse, ${state}`;
  return judgement === 'better' ? 'better' : 'too small to matter';
}

/** Where it happened: `a1b2c3d (after 0f1e2d3)`. */
export function placeText({ group, change }: PlacedChange): string {
  const [entry, previous] = [group.entries[change.entry]!, group.entries[change.previous]!];
  return `${commitText(entry)} (after ${commitText(previous)})`;
}

/** Metrics whose newest points stand out and can't be tested yet, one sentence each. */
export function pendingTexts(history: History): string[] {
  return history.groups.flatMap((group) =>
    group.metrics.flatMap((metric) => pendingText(history, group, metric)),
  );
}

function pendingText(
  history: History,
  group: HistoryGroup,
  { label, unit, pending }: MetricHistory,
): string[] {
  if (pending === null) return [];
  const { newest, mean, before } = pending;
  const which = newest === 1 ? 'the newest entry' : `the newest ${newest} entries`;
  const name = groupName(history, group);
  return [
    `${name === '' ? '' : `${name}, `}${label}: ${quantityText(mean, unit)} in ${which}, worse than in every entry before since its last change (mean ${quantityText(before, unit)}); too new for a test.`,
  ];
}

/** Metrics that never moved: `lost 0, duplicated 0`. */
export function constantText({ metrics }: HistoryGroup): string {
  return metrics
    .filter(isConstant)
    .map(({ label, unit, points }) => `${label} ${quantityText(points[0]!.value, unit)}`)
    .join(', ');
}

/** Nothing to draw: every point is the same. */
export function isConstant({ points }: MetricHistory): boolean {
  return points.every(({ low, high }) => low === points[0]!.value && high === points[0]!.value);
}
