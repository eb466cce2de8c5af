/**
 * What a change set would do, as data and as lines to read before saying yes. The words are CloudFormation's.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */
import type { Change, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { ParameterValues } from './template.ts';

export interface PropertyDiff {
  /** `Properties.BatchSize`, `Tags`, … */
  readonly name: string;
  /** Null where AWS does not say. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface ResourceDiff {
  readonly action: string;
  readonly logicalId: string;
  readonly type: string;
  /**
   * `maybe`: a property that forces a replacement has a new value. `follows`: it refers to another resource that changes,
   * and the resource is replaced only if that value turns out to be another one.
   */
  readonly replacement: 'no' | 'yes' | 'maybe' | 'follows';
  readonly properties: readonly PropertyDiff[];
}

export interface ParameterDiff {
  readonly name: string;
  /** Null for a parameter that is new. */
  readonly before: string | null;
  /** Null for one that goes. */
  readonly after: string | null;
}

/** A property's text is cut here: a function's code would fill the screen. */
const VALUE_LENGTH = 60;

/** The resources that a change set touches, in its order. */
export function diffOf(changes: readonly Change[]): ResourceDiff[] {
  return changes.flatMap(({ ResourceChange: change }) => {
    if (change === undefined) return [];
    const details = change.Details ?? [];
    return [
      {
        action: change.Action ?? 'Unknown',
        logicalId: change.LogicalResourceId ?? '',
        type: change.ResourceType ?? '',
        replacement: replacementOf(change.Replacement, details),
        properties: propertiesOf(details),
      },
    ];
  });
}

function replacementOf(
  replacement: string | undefined,
  details: readonly ResourceChangeDetail[],
): ResourceDiff['replacement'] {
  if (replacement === 'True') return 'yes';
  if (replacement !== 'Conditional') return 'no';
  const isStatic = details.some(
    ({ Evaluation, Target }) => Evaluation === 'Static' && Target?.RequiresRecreation !== 'Never',
  );
  return isStatic ? 'maybe' : 'follows';
}

/** One entry per property: a change set can list the same one for each of its causes. */
function propertiesOf(details: readonly ResourceChangeDetail[]): PropertyDiff[] {
  const found = new Map<string, PropertyDiff>();
  for (const { Target } of details) {
    const name = [Target?.Attribute, Target?.Name].filter((part) => part !== undefined).join('.');
    const known = found.get(name);
    found.set(name, {
      name,
      before: Target?.BeforeValue ?? known?.before ?? null,
      after: Target?.AfterValue ?? known?.after ?? null,
    });
  }
  return [...found.values()];
}

/** Parameters whose values change, by name. */
export function parameterDiff(before: ParameterValues, after: ParameterValues): ParameterDiff[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }))
    .filter((diff) => diff.before !== diff.after);
}

/** Resources that would be lost or made anew, with what they hold. */
export function destructive(diff: readonly ResourceDiff[]): ResourceDiff[] {
  return diff.filter(
    ({ action, replacement }) => action === 'Remove' || replacement === 'yes' || replacement === 'maybe',
  );
}

const REPLACEMENT_TEXT = {
  no: '',
  yes: '  REPLACED: the old one is deleted',
  maybe: '  MAY BE REPLACED',
  follows: '  replaced only if what it refers to is',
} as const;

const SIGNS: Readonly<Record<string, string>> = { Add: '+', Modify: '~', Remove: '-' };

/** The diff as lines, parameters first. */
export function diffLines(
  resources: readonly ResourceDiff[],
  parameters: readonly ParameterDiff[],
): string[] {
  const width = Math.max(0, ...resources.map(({ logicalId }) => logicalId.length));
  return [
    ...parameters.map(({ name, before, after }) => `  parameter ${name}: ${shown(before)} → ${shown(after)}`),
    ...resources.flatMap(({ action, logicalId, type, replacement, properties }) => [
      `  ${SIGNS[action] ?? '?'} ${action.padEnd(6)} ${logicalId.padEnd(width)}  ${type}${REPLACEMENT_TEXT[replacement]}`,
      ...properties.map(propertyLine),
    ]),
  ];
}

function propertyLine({ name, before, after }: PropertyDiff): string {
  const isKnown = before !== null || after !== null;
  return `        ${name}${isKnown ? `: ${shown(before)} → ${shown(after)}` : ''}`;
}

function shown(value: string | null): string {
  if (value === null) return '(none)';
  const line = value.replaceAll(/\s+/g, ' ').trim();
  return line.length > VALUE_LENGTH ? `${line.slice(0, VALUE_LENGTH)}…` : line;
}

/** `3 to add, 1 to change, 2 to remove, 1 of them replaced`. */
export function diffSummary(resources: readonly ResourceDiff[]): string {
  const count = (action: string) => resources.filter((diff) => diff.action === action).length;
  const replaced = resources.filter(
    ({ replacement }) => replacement === 'yes' || replacement === 'maybe',
  ).length;
  const parts = [
    [count('Add'), 'to add'],
    [count('Modify'), 'to change'],
    [count('Remove'), 'to remove'],
    [replaced, 'of them replaced'],
  ] as const;
  const named = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return named.join(', ') || 'outputs or tags only';
}
