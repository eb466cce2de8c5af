/**
 * Runs into series. Runs belong to one group when everything that was asked for is the same: the plan, and the kind, profile
 * and parameters of the stage. What may change from entry to entry is what a history is about: the commit, and the machine it
 * ran on. Repeats are the runs of one directory that have the group and the commit in common; they are one entry, or a day
 * with ten repeats would count ten times.
 */
import { dirname } from 'node:path';
import type { HistoryEntry, HistoryGroup } from '../../bench/model/history.ts';
import type { RunResult } from '../../bench/model/result.ts';
import { settingsOf as allSettings, type SettingValue } from '../compare/settings.ts';
import { amountText, counted, countText, durationText } from '../figures.ts';
import type { FoundRun } from './find.ts';

/** The runs of an entry, the earliest first. */
export interface EntryRuns {
  readonly entry: HistoryEntry;
  readonly results: readonly RunResult[];
}

/** A series in order of time, not yet looked at. */
export interface RunGroup extends Pick<HistoryGroup, 'label' | 'settings'> {
  readonly entries: readonly EntryRuns[];
}

type Settings = ReadonlyMap<string, SettingValue>;

/** What was asked for, by path. */
function settingsOf(result: RunResult): Settings {
  const asked = [...allSettings(result)].filter(([setting]) => /^(plan|stage)\./.test(setting));
  return new Map(asked.sort(([one], [other]) => (one < other ? -1 : 1)));
}

const keyOf = (settings: Settings): string =>
  JSON.stringify([...settings].map(([path, { exact }]) => [path, exact]));

/** The groups, the one with the newest entry first. */
export function groupRuns(runs: readonly FoundRun[]): RunGroup[] {
  const groups = new Map<string, { readonly settings: Settings; readonly runs: FoundRun[] }>();
  for (const run of runs) {
    const settings = settingsOf(run.result);
    const key = keyOf(settings);
    const group = groups.get(key) ?? { settings, runs: [] };
    group.runs.push(run);
    groups.set(key, group);
  }
  const mixed = mixedDirectories([...groups.values()].map((group) => group.runs));
  const all = [...groups.values()];
  return all
    .map((group) => ({
      label: labelOf(group.runs[0]!.result),
      settings: distinctive(group.settings, all),
      entries: entriesOf(group.runs, mixed),
    }))
    .sort((a, b) => newest(b) - newest(a));
}

const newest = ({ entries }: RunGroup): number => Date.parse(entries.at(-1)!.entry.startedAt);

/** Parents whose runs are of several groups or commits: those are no repeats. */
function mixedDirectories(groups: readonly (readonly FoundRun[])[]): ReadonlySet<string> {
  const kinds = new Map<string, Set<string>>();
  for (const [index, runs] of groups.entries())
    for (const { directory, result } of runs) {
      const parent = dirname(directory);
      const known = kinds.get(parent) ?? new Set();
      kinds.set(parent, known.add(`${index} ${result.environment.commit}`));
    }
  return new Set([...kinds].filter(([, known]) => known.size > 1).map(([parent]) => parent));
}

function entriesOf(runs: readonly FoundRun[], mixed: ReadonlySet<string>): EntryRuns[] {
  const entries = new Map<string, FoundRun[]>();
  for (const run of runs) {
    const parent = dirname(run.directory);
    const place = run.isAmongRuns && !mixed.has(parent) ? parent : run.directory;
    entries.set(place, [...(entries.get(place) ?? []), run]);
  }
  return [...entries]
    .map(([directory, members]) => entryOf(directory, members))
    .sort((a, b) => order(a.entry, b.entry));
}

function order(a: HistoryEntry, b: HistoryEntry): number {
  return Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.directory < b.directory ? -1 : 1);
}

function entryOf(directory: string, members: readonly FoundRun[]): EntryRuns {
  const runs = [...members].sort((a, b) => Date.parse(a.result.startedAt) - Date.parse(b.result.startedAt));
  const { startedAt, environment } = runs[0]!.result;
  return {
    entry: {
      directory,
      startedAt,
      commit: environment.commit,
      version: environment.version,
      runs: runs.map((run) => ({
        directory: run.directory,
        id: run.result.id,
        startedAt: run.result.startedAt,
      })),
    },
    results: runs.map(({ result }) => result),
  };
}

/** Settings of the group that not all groups have alike. */
function distinctive(
  settings: Settings,
  all: readonly { readonly settings: Settings }[],
): HistoryGroup['settings'] {
  const paths = new Set(all.flatMap((group) => [...group.settings.keys()]));
  const kinds = (path: string, form: keyof SettingValue) =>
    new Set(all.map((group) => group.settings.get(path)?.[form])).size;
  return [...paths]
    .filter((path) => kinds(path, 'exact') > 1)
    .map((setting) => {
      const form = kinds(setting, 'text') < kinds(setting, 'exact') ? 'exact' : 'text';
      return { setting, value: settings.get(setting)?.[form] ?? '(none)' };
    })
    .sort((a, b) => (a.setting < b.setting ? -1 : 1));
}

/** The load in a line: `quick: 500/s, 200 connections, 128 bytes, 60 s, local stage`. */
function labelOf({ name, plan, stage }: RunResult): string {
  const { load } = plan;
  const rate =
    load.kind === 'open'
      ? `${amountText(load.ratePerSecond)}/s${load.arrival === 'constant' ? '' : `, ${load.arrival}`}`
      : `${countText(load.inFlight)} in flight`;
  const places = { local: 'local stage', aws: `AWS, ${stage.region ?? 'region unknown'}`, url: plan.stage };
  const size = `${countText(plan.payloadBytes)} bytes`;
  return `${name}: ${rate}, ${counted(plan.connections, 'connection')}, ${size}, ${durationText(plan.durationMs)}, ${places[stage.kind]}`;
}
