/**
 * What differs between the settings of two sides, before any figure: two runs can only say something about a change if the
 * change is all that differs. Load, connections, message size, duration and the kind of stage decide what was measured
 * at all: where they differ, a comparison compares apples with pears and is refused. Everything else may be the very thing
 * that is compared, and is listed.
 */
import type { FaultPlan } from '../../bench/model/fault.ts';
import { SETTING_ROWS, type SettingRow } from '../../bench/model/plan.ts';
import type { RunResult } from '../../bench/model/result.ts';
import type { SettingDifference } from '../../bench/model/setting-difference.ts';
import { faultPlanText } from '../run/fault-text.ts';

/** Properties of plans that say nothing of what was measured, and those across which figures can't be compared. */
const IRRELEVANT = propertiesThat('ignored');
const INCOMPARABLE = propertiesThat('refused');

function propertiesThat(compared: SettingRow['compared']): ReadonlySet<string> {
  return new Set(SETTING_ROWS.filter(([, row]) => row.compared === compared).map(([, { as }]) => as));
}

function isIncomparable(path: string): boolean {
  const [root, property = ''] = path.split('.');
  return path === 'schema' || path === 'stage.kind' || (root === 'plan' && INCOMPARABLE.has(property));
}

/** A setting as it is told and as it is compared: words may round. */
export interface SettingValue {
  readonly text: string;
  readonly exact: string;
}

/** No such setting. */
const NONE: SettingValue = { text: '(none)', exact: '(none)' };

function flattened(path: string, value: unknown, into: Map<string, SettingValue>): void {
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    for (const [key, inner] of entries) flattened(`${path}.${key}`, inner, into);
    if (entries.length > 0) return;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  into.set(path, { text, exact: text });
}

/** All faults are one setting: field by field nobody could read them. What they are called makes no difference. */
function faultsValue(plan: FaultPlan | null): SettingValue {
  if (plan === null) return NONE;
  const nameless = plan.faults.map(({ name, ...fault }) => fault);
  return { text: faultPlanText(plan), exact: JSON.stringify(nameless) };
}

/** The settings of a run, by path. The address of a server is the stage itself; a stack may have another name each time. */
export function settingsOf({ schema, plan, stage, environment }: RunResult): Map<string, SettingValue> {
  const settings = new Map<string, SettingValue>();
  const relevant = Object.entries(plan).filter(
    ([name]) => name !== 'faults' && !IRRELEVANT.has(name) && (name !== 'stage' || stage.kind === 'url'),
  );
  flattened('schema', schema, settings);
  flattened('plan', Object.fromEntries(relevant), settings);
  settings.set('plan.faults', faultsValue(plan.faults));
  const { kind, region, profile, parameters } = stage;
  flattened('stage', { kind, region, profile, parameters }, settings);
  const { node, os, cpus, version, commit, threads } = environment;
  flattened('environment', { node, os, cpus, version, commit, threads }, settings);
  return settings;
}

/** By path, all values that the runs of a side have. */
function settingsOfSide(runs: readonly RunResult[]): Map<string, SettingValue> {
  const all = runs.map(settingsOf);
  const paths = new Set(all.flatMap((settings) => [...settings.keys()]));
  return new Map(
    [...paths].map((path) => {
      const values = all.map((settings) => settings.get(path) ?? NONE);
      const together = (form: keyof SettingValue) =>
        [...new Set(values.map((value) => value[form]))].sort().join(' and ');
      return [path, { text: together('text'), exact: together('exact') }];
    }),
  );
}

/** What differs between the sides, what can't be compared first. */
export function differencesBetween(
  base: readonly RunResult[],
  candidate: readonly RunResult[],
): SettingDifference[] {
  const [first, second] = [settingsOfSide(base), settingsOfSide(candidate)];
  const paths = [...new Set([...first.keys(), ...second.keys()])];
  return paths
    .map((setting) => ({
      setting,
      one: first.get(setting) ?? NONE,
      other: second.get(setting) ?? NONE,
      isIncomparable: isIncomparable(setting),
    }))
    .filter(({ one, other }) => one.exact !== other.exact)
    .map(({ one, other, ...difference }) => {
      // What differs by less than the words tell is shown as it is.
      const form = one.text === other.text ? 'exact' : 'text';
      return { ...difference, base: one[form], candidate: other[form] };
    })
    .sort((a, b) => Number(b.isIncomparable) - Number(a.isIncomparable));
}

/** Settings that the runs of one side do not share: repeats that are none. */
export function disagreements(runs: readonly RunResult[]): SettingDifference[] {
  const [first, ...others] = runs;
  if (first === undefined) return [];
  const found = others.flatMap((run) => differencesBetween([first], [run]));
  return [...new Map(found.map((difference) => [difference.setting, difference])).values()];
}
