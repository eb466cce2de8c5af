/**
 * Names and links that lead nowhere. Names are found without evaluating the template: a misspelt one in the branch of an
 * Fn::If that is not taken, or in a resource whose condition does not hold, is a mistake all the same, and CloudFormation
 * refuses it too. Links are properties by which a resource names another one. On AWS they may lead anywhere in the account;
 * here there is only the template, and a link out of it would show only as a stage that never echoes.
 *
 * One link is not checked: the stream that a request template names, which is text until a message is rendered. Kinesis
 * refuses a wrong one, here as on AWS, and it counts as an integration error.
 */
import { functionName, SUBSTITUTION, unknownCondition } from './expression.ts';
import { isLookedUp } from './parameter.ts';
import type { Problems } from './problems.ts';
import type { Property } from './property.ts';
import { own, type Sections } from './syntax.ts';
import { TYPES } from './types.ts';
import { isMapping, type Json, type ValueMapping } from './value.ts';

/** A name where it is used. Evaluation reports the same path. */
interface NameUse {
  readonly kind: 'reference' | 'attribute' | 'condition';
  readonly name: string;
  readonly path: string;
}

/**
 * Reports names of nothing, references to parameters whose values AWS looks up in SSM, and rules. Rules are not evaluated
 * here; one about nothing but such parameters, as CDK has one about its bootstrap stack, has nothing to check. `isConstant`
 * tells the names of parameters.
 */
export function checkNames(
  sections: Sections,
  isConstant: (name: string) => boolean,
  problems: Problems,
): void {
  const { Resources, Conditions, Outputs, Rules, Parameters } = sections;
  const isFromSsm = (name: string) => isLookedUp(own(Parameters[name] ?? null, 'Type'));
  const used = [...namesUsed(Resources, 'Resources'), ...namesUsed(Outputs, 'Outputs')];
  for (const { kind, name, path } of used) {
    if (kind === 'condition') {
      if (!Object.hasOwn(Conditions, name))
        problems.add(path, unknownCondition(name, Object.keys(Conditions)));
    } else if (!Object.hasOwn(Resources, name) && (kind === 'attribute' || !isConstant(name)))
      problems.add(path, unknownName(name));
  }
  for (const [rule, definition] of Object.entries(Rules)) {
    const names = namesUsed(definition, `Rules.${rule}`);
    if (names.length === 0 || !names.every(({ name }) => isFromSsm(name)))
      problems.add(
        `Rules.${rule}`,
        'not supported locally: rules are not evaluated; use AllowedValues of the parameters',
      );
  }
  for (const { kind, name, path } of [...namesUsed(Conditions, 'Conditions'), ...used]) {
    if (kind === 'reference' && isFromSsm(name))
      problems.add(
        path,
        `refers to ${name}, whose value AWS looks up in SSM at deployment; there is no SSM here, so make it a parameter of type String`,
      );
  }
}

export function unknownName(name: string): string {
  return `no parameter or resource is named ${name}`;
}

/** Every name used at `node` and below. */
export function namesUsed(node: Json, path: string): readonly NameUse[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => namesUsed(item as Json, `${path}.${index}`));
  if (!isMapping(node)) return [];
  const called = functionName(node);
  if (called === null)
    return Object.entries(node).flatMap(([key, item]) => namesUsed(item, `${path}.${key}`));
  const argument = node[called] as Json;
  const inner = `${path}.${called}`;
  return [...direct(called, argument, inner), ...namesUsed(argument, inner)];
}

function direct(called: string, argument: Json, path: string): NameUse[] {
  const first = Array.isArray(argument) ? (argument[0] as Json) : argument;
  if (typeof first !== 'string') return [];
  if (called === 'Ref') return [{ kind: 'reference', name: first, path }];
  if (called === 'Fn::GetAtt') return [{ kind: 'attribute', name: first.split('.')[0] ?? first, path }];
  if (called === 'Fn::If') return [{ kind: 'condition', name: first, path }];
  return called === 'Fn::Sub' ? substituted(first, argument, path) : [];
}

function substituted(text: string, argument: Json, path: string): NameUse[] {
  const own =
    Array.isArray(argument) && isMapping(argument[1] as Json) ? Object.keys(argument[1] as object) : [];
  return [...text.matchAll(SUBSTITUTION)]
    .filter(([, literal]) => literal === '')
    .map(([, , name = '']) => name.trim())
    .filter((name) => /^[A-Za-z0-9_.:]+$/.test(name) && !own.includes(name))
    .map((name) => ({
      kind: name.includes('.') ? 'attribute' : 'reference',
      name: name.split('.')[0] ?? name,
      path,
    }));
}

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
    if (isFoundByName) checkDistinct(ofType, problems);
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

function checkDistinct(resources: readonly Linked[], problems: Problems): void {
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
