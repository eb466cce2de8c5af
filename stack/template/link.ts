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
import type { Value } from './value.ts';

/** A resource as far as links are concerned. */
export interface Linked {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: { readonly [name: string]: Value };
}

/** What a link may hold: the Ref of a resource of a type, or one of its attributes. */
interface Target {
  readonly type: string;
  readonly attribute: 'Ref' | 'Arn';
}

interface Link {
  readonly type: string;
  readonly property: string;
  /** What stands before the name. */
  readonly prefix: string;
  readonly targets: readonly Target[];
}

const refOf = (type: string): Target => ({ type, attribute: 'Ref' });
const arnOf = (type: string): Target => ({ type, attribute: 'Arn' });
const link = (type: string, property: string, targets: readonly Target[], prefix = ''): Link => ({
  type,
  property,
  prefix,
  targets,
});

const API = refOf('AWS::ApiGatewayV2::Api');
const STREAM = arnOf('AWS::Kinesis::Stream');
const FUNCTION = 'AWS::Lambda::Function';

/** Types whose resources the stage finds by name. */
const NAMED: readonly string[] = ['AWS::ApiGatewayV2::Stage', 'AWS::Kinesis::Stream', FUNCTION];

const LINKS: readonly Link[] = [
  link('AWS::ApiGatewayV2::Route', 'ApiId', [API]),
  link('AWS::ApiGatewayV2::Route', 'Target', [refOf('AWS::ApiGatewayV2::Integration')], 'integrations/'),
  link('AWS::ApiGatewayV2::Integration', 'ApiId', [API]),
  link('AWS::ApiGatewayV2::Deployment', 'ApiId', [API]),
  link('AWS::ApiGatewayV2::Stage', 'ApiId', [API]),
  link('AWS::ApiGatewayV2::Stage', 'DeploymentId', [refOf('AWS::ApiGatewayV2::Deployment')]),
  link('AWS::Kinesis::StreamConsumer', 'StreamARN', [STREAM]),
  link('AWS::Lambda::EventSourceMapping', 'EventSourceArn', [STREAM, refOf('AWS::Kinesis::StreamConsumer')]),
  link('AWS::Lambda::EventSourceMapping', 'FunctionName', [refOf(FUNCTION), arnOf(FUNCTION)]),
];

/** Reports every link that leads nowhere, and every name given twice where the stage finds resources by name. */
export function checkLinks(resources: readonly Linked[], problems: Problems): void {
  for (const one of LINKS) {
    const ends = endsOf(one, resources);
    for (const { type, logicalId, properties } of resources) {
      const value = properties[one.property];
      // What is no text has been reported already, or is absent.
      if (type !== one.type || typeof value !== 'string' || ends.has(value)) continue;
      const wanted = [...new Set(one.targets.map((target) => target.type))].join(' or ');
      problems.add(
        `Resources.${logicalId}.Properties.${one.property}`,
        `names no ${wanted} of the template: ${value}`,
      );
    }
  }
  checkNames(resources, problems);
}

function endsOf({ targets, prefix }: Link, resources: readonly Linked[]): ReadonlySet<string> {
  const names = targets.flatMap(({ type, attribute }) =>
    resources
      .filter((resource) => resource.type === type)
      .map(({ physicalId, attributes }) =>
        attribute === 'Ref' ? physicalId : (attributes[attribute] ?? ''),
      ),
  );
  return new Set(names.map((name) => prefix + name));
}

function checkNames(resources: readonly Linked[], problems: Problems): void {
  const owners = new Map<string, string>();
  for (const { type, physicalId, logicalId, properties } of resources.filter((one) =>
    NAMED.includes(one.type),
  )) {
    // A stage's name is one within its API; the other names are the account's.
    const within = typeof properties.ApiId === 'string' ? properties.ApiId : '';
    const name = `${type} ${within} ${physicalId}`;
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, logicalId);
    else problems.add(`Resources.${logicalId}`, `has the same name as ${owner}: ${physicalId}`);
  }
}
