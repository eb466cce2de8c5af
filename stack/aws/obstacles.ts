/**
 * What stands in a deployment's way and would show only in the middle of it: capabilities that the user has not given, a
 * stack name that leaves resources no room, tags that can't be changed. It is found before anything is begun.
 */
import { isDeepStrictEqual } from 'node:util';
import { CAPABILITIES, type Capability, capabilitiesOf, mappingOf } from '../template/known.ts';
import { isCreateOnly, namedProperty, typeNamed } from '../template/types.ts';
import { textOf } from '../template/value.ts';
import type { StackResourceState } from './stack-description.ts';
import { type ParameterValues, resourcesIn, type Template } from './template.ts';

const REASONS: Readonly<Record<Capability, string>> = {
  CAPABILITY_IAM: 'it makes IAM resources',
  CAPABILITY_NAMED_IAM: 'it names IAM resources',
  CAPABILITY_AUTO_EXPAND: 'it is expanded by macros',
};

/**
 * Problems of the capabilities that a user gives for a template, each a sentence with the remedy. IAM resources whose names
 * CloudFormation makes up are allowed, as the reference stack has them; names of the author's choice, which can be another
 * stack's, and macros, whose result nobody has seen, are the user's to allow.
 */
export function capabilityProblems({ path, capabilities }: Template, given: readonly string[]): string[] {
  const known: readonly string[] = CAPABILITIES;
  const unknown = given
    .filter((name) => !known.includes(name))
    .map((name) => `capability: '${name}' is not one of ${CAPABILITIES.join(', ')}`);
  const missing = capabilitiesOf(capabilities)
    .filter((name) => name !== 'CAPABILITY_IAM' && !given.includes(name))
    .map(
      (name) =>
        `capability: ${path} needs ${name}, for ${REASONS[name]} (${capabilities[name]?.join(', ')}); where you trust it, give --capability ${name}`,
    );
  return [...unknown, ...missing];
}

/**
 * Why the stack can't have the name; null where nothing is against it. CloudFormation allows 128 characters, but a template
 * that makes names of resources from it leaves less, and the service of such a resource would refuse it.
 */
export function stackNameProblem(
  name: string,
  template: Template,
  parameters: ParameterValues,
): string | null {
  const [shortest, next] = ['x', 'xx'].map((stack) => resourcesIn(template, parameters, pseudoOf(stack)));
  const limits = shortest!.flatMap(({ logicalId, type, properties }, index) => {
    const named = namedProperty(typeNamed(type));
    if (named === null) return [];
    const { property, limit } = named;
    const length = textOf(properties[property] ?? null)?.length ?? 0;
    const copies = (textOf(next![index]?.properties[property] ?? null)?.length ?? 0) - length;
    const most = copies === 0 ? Number.POSITIVE_INFINITY : 1 + Math.floor((limit - length) / copies);
    return name.length > most ? [{ logicalId, type, property, limit, most }] : [];
  });
  const [tightest] = limits.sort((one, other) => one.most - other.most);
  if (tightest === undefined) return null;
  const { logicalId, type, property, limit, most } = tightest;
  return `name: '${name}' has ${name.length} characters, and at most ${most} leave room: ${template.path} makes ${property} of ${logicalId} from it, and ${type} takes ${limit}`;
}

/** Pseudo parameters of a stack. What is not known counts nothing in a name. */
function pseudoOf(stackName: string): (name: string) => string {
  const uuid = '00000000-0000-0000-0000-000000000000';
  const known: Readonly<Record<string, string>> = {
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:::stack/${stackName}/${uuid}`,
  };
  return (name) => known[name] ?? '';
}

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

/**
 * Why the update can't take the tags, and what to do; null where it can. CloudFormation hands the tags of a stack to its
 * resources; those of a registered consumer are create-only, and CloudFormation replaces nothing that has a name of its
 * own: such an update fails half-way and is rolled back.
 */
export function tagObstacle(change: TagChange): string | null {
  const { name, before, given } = change;
  const keys = Object.keys(given).filter((key) => before[key] !== given[key]);
  const kept = keys.length === 0 ? [] : keptNamed(change);
  if (kept.length === 0) return null;
  const list = kept.map(({ logicalId, type }) => `${logicalId}, ${type}`).join('; ');
  return `tag: ${keys.join(', ')} can't be put on ${name}: CloudFormation hands the tags of a stack to its resources, but those of a registered consumer are for its creation only, and it would roll the update back (${list}); leave --tag out, or deploy under another --name`;
}

/** Resources with create-only tags that the stack has and goes on to have under the name they have. */
function keptNamed({ resources, deployed, template, parameters }: TagChange): StackResourceState[] {
  const staying = resourcesIn(template, parameters).map(({ logicalId }) => logicalId);
  return resources
    .filter(({ type, status }) => isCreateOnly(type, 'Tags') && status !== 'DELETE_COMPLETE')
    .filter(({ logicalId }) => staying.includes(logicalId))
    .filter((one) => deployed === null || isDeepStrictEqual(nameIn(deployed, one), nameIn(template, one)));
}

function nameIn({ resources }: Template, { logicalId, type }: StackResourceState) {
  return mappingOf(mappingOf(resources[logicalId]).Properties)[
    namedProperty(typeNamed(type))?.property ?? ''
  ];
}
