/**
 * Tags of a stack, which CloudFormation gives to every resource that can have tags. What that does on an update is each
 * type's affair: most change tags in place, a type whose tags are create-only is replaced (replacement.ts).
 * Source: CloudFormation User Guide, "Resource tag"; `tagging` of the resource type schemas.
 */
import { TYPES } from './types.ts';
import { isMapping, type Value } from './value.ts';

/** Types whose tags are a mapping; those of the others are a list of `Key` and `Value`. */
const MAPPED = ['AWS::ApiGatewayV2::Api', 'AWS::ApiGatewayV2::Stage'];

interface Properties {
  readonly [name: string]: Value;
}

/** The properties with the stack's tags. A tag of the resource's own wins over one of the stack with the same key. */
export function withStackTags(
  type: string,
  properties: Properties,
  tags: Readonly<Record<string, string>>,
): Properties {
  if (Object.keys(tags).length === 0 || TYPES[type]?.properties.Tags === undefined) return properties;
  const own = properties.Tags;
  if (MAPPED.includes(type))
    return { ...properties, Tags: { ...tags, ...(own !== undefined && isMapping(own) ? own : {}) } };
  const list = Array.isArray(own) ? (own as readonly Value[]) : [];
  const keys = list.map((tag) => (isMapping(tag) ? tag.Key : undefined));
  const inherited = Object.entries(tags).filter(([key]) => !keys.includes(key));
  return { ...properties, Tags: [...list, ...inherited.map(([Key, Value]) => ({ Key, Value }))] };
}
