/**
 * Tags that can't be changed. CloudFormation hands the tags of a stack to its resources; those of a registered consumer are
 * create-only, and CloudFormation replaces nothing that has a name of its own: such an update fails half-way and is
 * rolled back. So it is refused before it is begun.
 * Source: resource schema of AWS::Kinesis::StreamConsumer, `createOnlyProperties`.
 */
import { isDeepStrictEqual } from 'node:util';
import type { StackResourceState } from './stack-description.ts';
import { resourcesOfType } from './stack-shape.ts';
import { sectionOf, type Template } from './template.ts';
import type { ParameterValues } from './template-parameters.ts';

const CONSUMER = 'AWS::Kinesis::StreamConsumer';

export interface TagChange {
  readonly name: string;
  readonly before: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
  readonly resources: readonly StackResourceState[];
  /** Null where AWS does not show it. */
  readonly deployed: Template | null;
  readonly template: Template;
  /** In force after the update. */
  readonly parameters: ParameterValues;
}

/** Why the update can't take the tags, and what to do; null where it can. */
export function tagObstacle(change: TagChange): string | null {
  const { name, before, given } = change;
  const keys = Object.keys(given).filter((key) => before[key] !== given[key]);
  const consumers = keys.length === 0 ? [] : keptConsumers(change);
  if (consumers.length === 0) return null;
  return `tag: ${keys.join(', ')} can't be put on ${name}: CloudFormation hands the tags of a stack to its resources, but those of a registered consumer are for its creation only, and it would roll the update back (${consumers.join(', ')}, ${CONSUMER}); leave --tag out, or deploy under another --name`;
}

/** Consumers that the stack has and goes on to have under the name they have. */
function keptConsumers({ resources, deployed, template, parameters }: TagChange): string[] {
  const stay = resourcesOfType(template, parameters, CONSUMER).map(([id]) => id);
  const there = resources.filter(({ type, status }) => type === CONSUMER && status !== 'DELETE_COMPLETE');
  return there
    .map(({ logicalId }) => logicalId)
    .filter((id) => stay.includes(id))
    .filter((id) => deployed === null || isDeepStrictEqual(nameIn(deployed, id), nameIn(template, id)));
}

function nameIn({ resources }: Template, logicalId: string) {
  return sectionOf(sectionOf(resources[logicalId]).Properties).ConsumerName;
}
