/**
 * The difference between a stack as it is and as a template would have it, resource by resource. Both are resolved, so a
 * change is exact: what AWS calls a dynamic evaluation, and shows as `Conditional`, is already decided here.
 */

import type { ResolvedResource, ResolvedStack } from '../../template/resolved.ts';
import { changedProperties, isCreateOnly } from '../../template/types.ts';

export type Change =
  | { readonly action: 'Add'; readonly after: ResolvedResource }
  | { readonly action: 'Remove'; readonly before: ResolvedResource }
  | {
      readonly action: 'Modify';
      readonly before: ResolvedResource;
      readonly after: ResolvedResource;
      /** Properties that differ, by name; empty when only a policy of the resource does. */
      readonly properties: readonly string[];
      /** Whether another resource takes its place. */
      readonly replaced: boolean;
    };

/** Changes in the order in which they are made: additions and modifications as the stack depends, removals at the end. */
export function changesBetween(before: ResolvedStack | null, after: ResolvedStack): Change[] {
  const known = new Map(before?.resources.map((one) => [one.logicalId, one]));
  const made = after.resources.flatMap((resource) => changeOf(known.get(resource.logicalId), resource));
  const kept = new Set(after.resources.map(({ logicalId, type }) => `${type} ${logicalId}`));
  const removed = [...known.values()].filter(({ logicalId, type }) => !kept.has(`${type} ${logicalId}`));
  return [...made, ...removed.reverse().map((resource): Change => ({ action: 'Remove', before: resource }))];
}

function changeOf(before: ResolvedResource | undefined, after: ResolvedResource): Change[] {
  if (before === undefined || before.type !== after.type) return [{ action: 'Add', after }];
  const properties = changedProperties(before.properties, after.properties);
  const replaced = properties.some((name) => isCreateOnly(after.type, name));
  if (properties.length === 0 && before.physicalId === after.physicalId) return [];
  return [{ action: 'Modify', before, after, properties, replaced }];
}
