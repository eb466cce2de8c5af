/**
 * Every resource type and property the local stage knows, in one table. What is not here is refused by name. The
 * README's table of properties is checked against it: see {@link describeTypes}.
 * Source: CloudFormation resource type schemas; limits from the API references of the services.
 */
import type { Properties, Property, ResourceType } from './schema.ts';
import { GATEWAY_TYPES } from './types-gateway.ts';
import { SERVICE_TYPES } from './types-services.ts';
import { ONE_WAY } from './vocabulary.ts';

/** The types by CloudFormation name. */
export const TYPES: Readonly<Record<string, ResourceType>> = { ...GATEWAY_TYPES, ...SERVICE_TYPES };

/** Types whose refusal deserves a reason. Every other type that is not in {@link TYPES} is just not known. */
export const REFUSED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Authorizer': 'authorizers do not run',
  'AWS::ApiGatewayV2::IntegrationResponse': ONE_WAY,
  'AWS::ApiGatewayV2::Model': 'requests are not validated against models',
  'AWS::ApiGatewayV2::RouteResponse': ONE_WAY,
  'AWS::Lambda::Alias': 'a function has one version here; name the function itself',
  'AWS::Lambda::LayerVersion': 'layers are not downloaded; put the code into ZipFile',
  'AWS::Lambda::Version': 'a function has one version here; name the function itself',
};

/** Why a resource of this type can't be made. */
export function unknownType(type: unknown): string {
  if (typeof type !== 'string') return 'needs a Type';
  const reason = Object.hasOwn(REFUSED_TYPES, type) ? REFUSED_TYPES[type] : undefined;
  if (reason !== undefined) return `type ${type} is not supported locally: ${reason}`;
  return `type ${type} is not supported locally; supported: ${Object.keys(TYPES).join(', ')}`;
}

/** A property as the README lists it. */
export interface TypeRow {
  readonly type: string;
  /** Dotted for properties within properties. */
  readonly property: string;
  readonly effect: Property['effect'];
  /** Reason for `inert` and `refused`, and the refused values of others; may be empty. */
  readonly why: string;
}

/** The table as rows. */
export function describeTypes(): readonly TypeRow[] {
  return Object.entries(TYPES).flatMap(([type, { properties }]) => describe(type, '', properties));
}

function describe(type: string, prefix: string, properties: Properties): TypeRow[] {
  return Object.entries(properties).flatMap(([name, { shape, effect, why, refusedValues }]) => {
    const exceptions = Object.entries(refusedValues).map(([value, reason]) => `${value}: ${reason}`);
    const row = {
      type,
      property: prefix + name,
      effect,
      why: [why, ...exceptions].filter((part) => part !== '').join('; '),
    };
    const inner =
      shape.kind === 'object' && effect === 'effective'
        ? describe(type, `${prefix}${name}.`, shape.properties)
        : [];
    return [row, ...inner];
  });
}
