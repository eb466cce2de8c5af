/**
 * Every resource type that the reader knows, and what follows from it. What is not here is refused by name locally, and
 * passed over by the estimates for AWS. properties.md beside this file is generated from the list.
 * Source: CloudFormation resource type schemas; limits from the API references of the services.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NamedProperty } from './identity.ts';
import type { Reported } from './problems.ts';
import { checkedProperties, ONE_WAY } from './property.ts';
import type { ResourceType } from './resource-type.ts';
import { API } from './resources/api.ts';
import { DEPLOYMENT } from './resources/deployment.ts';
import { EVENT_SOURCE_MAPPING } from './resources/event-source-mapping.ts';
import { FUNCTION } from './resources/function.ts';
import { GATEWAY_ACCOUNT } from './resources/gateway-account.ts';
import { INERT_TYPES } from './resources/inert.ts';
import { INTEGRATION } from './resources/integration.ts';
import { LOG_GROUP } from './resources/log-group.ts';
import { PERMISSION } from './resources/permission.ts';
import { POLICY } from './resources/policy.ts';
import { QUEUE } from './resources/queue.ts';
import { ROLE } from './resources/role.ts';
import { ROUTE } from './resources/route.ts';
import { STAGE } from './resources/stage.ts';
import { STREAM } from './resources/stream.ts';
import { STREAM_CONSUMER } from './resources/stream-consumer.ts';
import {
  isMapping,
  NO_VALUE,
  type ResolvedResource,
  UNKNOWN,
  type Value,
  type ValueMapping,
} from './value.ts';

/** The types whose properties are known; {@link INERT_TYPES} are accepted whatever theirs are. */
export const TYPES: readonly ResourceType[] = [
  API,
  ROUTE,
  INTEGRATION,
  STAGE,
  DEPLOYMENT,
  GATEWAY_ACCOUNT,
  STREAM,
  STREAM_CONSUMER,
  FUNCTION,
  EVENT_SOURCE_MAPPING,
  PERMISSION,
  ROLE,
  POLICY,
  LOG_GROUP,
  QUEUE,
];

const BY_NAME = new Map([...TYPES, ...INERT_TYPES].map((one) => [one.type, one]));

/** Types whose refusal deserves a reason. Every other type that is not known is just not known. */
export const REFUSED_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Authorizer': 'authorizers do not run',
  'AWS::ApiGatewayV2::IntegrationResponse': ONE_WAY,
  'AWS::ApiGatewayV2::Model': 'requests are not validated against models',
  'AWS::ApiGatewayV2::RouteResponse': ONE_WAY,
  'AWS::Lambda::Alias': 'a function has one version here; name the function itself',
  'AWS::Lambda::LayerVersion': 'layers are not downloaded; put the code into ZipFile',
  'AWS::Lambda::Version': 'a function has one version here; name the function itself',
};

/** The type of that CloudFormation name; undefined where it is not known. */
export function typeNamed(type: unknown): ResourceType | undefined {
  return typeof type === 'string' ? BY_NAME.get(type) : undefined;
}

/** Why a resource of this type can't be made. */
export function unknownType(type: unknown): string {
  if (typeof type !== 'string') return 'needs a Type';
  const reason = Object.hasOwn(REFUSED_TYPES, type) ? REFUSED_TYPES[type] : undefined;
  if (reason !== undefined) return `type ${type} is not supported locally: ${reason}`;
  return `type ${type} is not supported locally; supported: ${TYPES.map((one) => one.type).join(', ')}`;
}

/** Names of the properties that differ, sorted. */
export function changedProperties(before: ValueMapping, after: ValueMapping): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(present(before[name]), present(after[name]))).sort();
}

/** Whether CloudFormation makes another resource when the property changes instead of the old one. */
export function isCreateOnly(type: string, property: string): boolean {
  const known = typeNamed(type)?.properties[property];
  return known?.isCreateOnly === true || known?.nameLimit !== undefined;
}

/** The property that holds the name of a resource, where its author may choose it; null for a type without one. */
export function namedProperty(type: ResourceType | undefined): NamedProperty | null {
  const [found] = Object.entries(type?.properties ?? {}).filter(
    ([, { nameLimit }]) => nameLimit !== undefined,
  );
  return found === undefined ? null : { property: found[0], limit: found[1].nameLimit! };
}

/** The name that the template gives the resource; undefined where CloudFormation makes one up. */
export function customName(type: string, properties: ValueMapping): Value | undefined {
  const named = namedProperty(typeNamed(type));
  return named === null ? undefined : present(properties[named.property]);
}

function present(value: Value | undefined): Value | undefined {
  return value === NO_VALUE ? undefined : value;
}

/**
 * The properties with the tags of the stack, which CloudFormation gives to every resource that can have tags. A tag of the
 * resource's own wins over one of the stack with the same key.
 * Source: CloudFormation User Guide, "Resource tag"; `tagging` of the resource type schemas.
 */
export function withStackTags(
  { properties: { Tags } }: ResourceType,
  properties: ValueMapping,
  tags: Readonly<Record<string, string>>,
): ValueMapping {
  if (Object.keys(tags).length === 0 || Tags?.tags === undefined) return properties;
  const own = properties.Tags;
  if (Tags.tags === 'map')
    return { ...properties, Tags: { ...tags, ...(own !== undefined && isMapping(own) ? own : {}) } };
  const list = Array.isArray(own) ? (own as readonly Value[]) : [];
  const keys = list.map((tag) => (isMapping(tag) ? tag.Key : undefined));
  const inherited = Object.entries(tags).filter(([key]) => !keys.includes(key));
  return { ...properties, Tags: [...list, ...inherited.map(([Key, Value]) => ({ Key, Value }))] };
}

/**
 * The properties of a resource as its service takes them: checked, with defaults. Throws an error that lists everything that
 * is wrong. Rules between properties are about templates: on a change, a service has its own.
 */
export function settingsOf<T>(
  type: ResourceType,
  { logicalId, properties }: Pick<ResolvedResource, 'logicalId' | 'properties'>,
): T {
  const found: string[] = [];
  const problems: Reported = {
    add(path, text) {
      found.push(`${path}: ${text}`);
      return UNKNOWN;
    },
  };
  const given = checkedProperties(properties, type.properties, logicalId, problems);
  const defaults = Object.entries(type.properties).flatMap(([name, { otherwise }]) =>
    otherwise === undefined ? [] : [[name, otherwise] as const],
  );
  if (found.length > 0) throw new Error(found.join('\n'));
  return { ...Object.fromEntries(defaults), ...given } as T;
}

/** The resources of a stack that are accepted and not made, as one sentence; none where there are none. */
export function inertNotes(
  resources: readonly { readonly type: string; readonly logicalId: string }[],
): string[] {
  const found = resources.flatMap(({ type, logicalId }) => {
    const inert = typeNamed(type)?.inert;
    return inert === undefined ? [] : [`${logicalId} (${type}: ${inert.why})`];
  });
  return found.length === 0
    ? []
    : [`Accepted and not made, as they can't change the path: ${found.join(', ')}.`];
}
