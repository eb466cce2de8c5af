/**
 * The name a deployment must have. An `AWS::ApiGatewayV2::Deployment` is a snapshot taken at creation: changing a route
 * or an integration does not change it, and the stage goes on serving the old ones. So the logical id of the deployment
 * carries a hash of everything it is a snapshot of. A change gives another id, and CloudFormation creates a new
 * deployment and points the stage at it. Formatting, comments and the order of keys do not count.
 */
import { createHash } from 'node:crypto';
import { parseTemplate } from '../syntax.ts';
import { isMapping, type Json } from '../value.ts';

/** What a deployment is a snapshot of. The stage and its settings take effect without one. */
const SNAPSHOT_TYPES: readonly (Json | undefined)[] = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::IntegrationResponse',
];

/** `Deployment` and the first 8 hexadecimal digits of the SHA-256 of the definitions. Throws TemplateError on bad syntax. */
export function deploymentIdOf(templateText: string, fileName: string): string {
  const definitions = snapshotOf(parseTemplate(templateText, fileName).root);
  return `Deployment${createHash('sha256').update(canonicalJson(definitions)).digest('hex').slice(0, 8)}`;
}

/** The resource definitions a deployment depends on, by logical id, with their intrinsic functions unresolved. */
export function snapshotOf(template: { readonly [key: string]: Json }): {
  readonly [logicalId: string]: Json;
} {
  const resources = template.Resources ?? {};
  if (!isMapping(resources)) return {};
  return Object.fromEntries(
    Object.entries(resources).filter(
      ([, definition]) => isMapping(definition) && SNAPSHOT_TYPES.includes(definition.Type),
    ),
  );
}

/** JSON with the keys of every mapping sorted by code unit. */
function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item as Json)).join(',')}]`;
  if (!isMapping(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`).join(',')}}`;
}
