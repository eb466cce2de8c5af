/**
 * Links: properties by which a resource names another one. On AWS they may lead anywhere in the account; here there is
 * nothing but the template. A link that leads to no resource of it would show only as a stage that never echoes, so it
 * is a mistake of the template, found with all the others. Names that two resources share are found here as well: the
 * second would silently take the first one's place.
 *
 * One link is not checked: the stream that a request template names, as that is text until a message is rendered. A
 * wrong one is answered by Kinesis, here as on AWS, and counted as an integration error.
 */
import type { Problems } from './problems.ts';
import type { Property } from './property.ts';
import { TYPES } from './types.ts';
import type { ValueMapping } from './value.ts';

/** A resource as far as links are concerned. */
export interface Linked {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: ValueMapping;
}

/** Reports every link that leads nowhere, and every name given twice where the stage finds resources by name. */
export function checkLinks(resources: readonly Linked[], problems: Problems): void {
  for (const { type, properties, isFoundByName } of TYPES) {
    const ofType = resources.filter((one) => one.type === type);
    for (const [name, property] of Object.entries(properties))
      if (property.links !== undefined) checkLink(name, property, ofType, resources, problems);
    if (isFoundByName) checkNames(ofType, problems);
  }
}

function checkLink(
  name: string,
  { links = [], prefix = '' }: Property,
  ofType: readonly Linked[],
  resources: readonly Linked[],
  problems: Problems,
): void {
  const ends = links.flatMap(({ type, attribute }) =>
    resources
      .filter((one) => one.type === type)
      .map(({ physicalId, attributes }) => (attribute === 'Ref' ? physicalId : attributes[attribute])),
  );
  const types = [...new Set(links.map(({ type }) => type))].join(' or ');
  for (const { logicalId, properties } of ofType) {
    const value = properties[name];
    // What is no text has been reported already, or is absent.
    if (typeof value !== 'string' || ends.some((end) => value === `${prefix}${end}`)) continue;
    problems.add(`Resources.${logicalId}.Properties.${name}`, `names no ${types} of the template: ${value}`);
  }
}

function checkNames(resources: readonly Linked[], problems: Problems): void {
  const owners = new Map<string, string>();
  for (const { physicalId, logicalId, properties } of resources) {
    // A stage's name is one within its API; the other names are the account's.
    const within = typeof properties.ApiId === 'string' ? properties.ApiId : '';
    const name = `${within} ${physicalId}`;
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, logicalId);
    else problems.add(`Resources.${logicalId}`, `has the same name as ${owner}: ${physicalId}`);
  }
}
