/**
 * A template as far as it is known before AWS has made anything of it: conditions and intrinsic functions are those of the
 * local stage, but whatever parameters don't decide is UNKNOWN, nothing is refused, and types may be any. What it costs,
 * which capabilities it needs and what may stand in a deployment's way are found from this.
 */
import { Conditions, evaluate, type Scope } from './expression.ts';
import { type Mapping, own } from './syntax.ts';
import { isMapping, type Json, NO_VALUE, textOf, UNKNOWN, type Value, type ValueMapping } from './value.ts';

export interface KnownResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: ValueMapping;
  /** The properties as they are written. */
  readonly written: Json;
}

/** The sections that are read. */
export interface Sections {
  readonly conditions: JsonMapping;
  readonly mappings: JsonMapping;
  readonly resources: JsonMapping;
}

interface JsonMapping {
  readonly [name: string]: Json;
}

export interface Known extends Sections {
  /** Values of parameters, and of pseudo parameters where they are known. */
  readonly values: Readonly<Record<string, string | readonly string[]>>;
  /** Stands for names without a value: pseudo parameters and resources. */
  readonly unknown?: (name: string) => Value;
}

/** Resources that are made, or may be: those whose condition does not hold are left out. */
export function knownResources(known: Known): KnownResource[] {
  const scope = scopeOf(known);
  return Object.entries(known.resources).flatMap(([logicalId, definition]) => {
    const { Type, Condition, Properties = {} } = mappingOf(definition);
    if (typeof Condition === 'string' && scope.condition(Condition, '') === false) return [];
    const properties = mappingOf(evaluate(Properties, '', scope));
    return [{ logicalId, type: textOf(Type ?? null) ?? '', properties, written: Properties }];
  });
}

function scopeOf({ values, conditions, mappings, resources, unknown = markOf(resources) }: Known): Scope {
  const plain: Omit<Scope, 'condition'> = {
    problems: { add: () => UNKNOWN },
    reference: (name) => (name === 'AWS::NoValue' ? NO_VALUE : (values[name] ?? unknown(name))),
    attribute: (logicalId) => unknown(logicalId),
    mappings,
    imported: () => UNKNOWN,
  };
  const decided = new Conditions(conditions, plain);
  return { ...plain, condition: (name, path) => decided.holds(name, path) };
}

/** A resource is known by its logical id: {@link logicalIdIn} finds it again. */
const markOf = (resources: JsonMapping) => (name: string) =>
  Object.hasOwn(resources, name) ? `\${${name}}` : UNKNOWN;

/** Logical id of the resource that a value refers to; null where it is not known. */
export function logicalIdIn(value: Value | undefined): string | null {
  return typeof value === 'string' ? (/\$\{(\w+)\}/.exec(value)?.[1] ?? null) : null;
}

/** The number of a value; null where it is not known. */
export function numberIn(value: Value | undefined): number | null {
  const text = textOf(value ?? null)?.trim() ?? '';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

/** A mapping, or an empty one where there is something else. */
export function mappingOf<T>(value: T | undefined): { readonly [key: string]: T } {
  return value !== undefined && isMapping(value) ? value : {};
}

/** What a template must be allowed to do (CreateChangeSet API reference, Capabilities). */
export const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** Capabilities and, for each, what needs it: logical ids, or names of macros. */
export type RequiredCapabilities = Partial<Readonly<Record<Capability, readonly string[]>>>;

/** Properties that name an IAM resource: creating one needs the stronger capability. */
const IAM_NAMES = ['RoleName', 'UserName', 'GroupName', 'ManagedPolicyName', 'InstanceProfileName'];

/** The names of what is needed, in AWS's order. */
export function capabilitiesOf(required: RequiredCapabilities): Capability[] {
  return CAPABILITIES.filter((name) => required[name] !== undefined);
}

/** The capabilities that a template needs. The stronger one for IAM includes the weaker. */
export function requiredCapabilities(root: Mapping): RequiredCapabilities {
  const resources = Object.entries(
    root.Resources !== undefined && isMapping(root.Resources) ? root.Resources : {},
  );
  const iam = resources.filter(([, resource]) => typeOf(resource as Json).startsWith('AWS::IAM::'));
  const named = iam.filter(([, resource]) =>
    IAM_NAMES.some((name) => own(own(resource as Json, 'Properties') ?? null, name) !== undefined),
  );
  const macros = macrosOf(root);
  return {
    ...(named.length > 0
      ? { CAPABILITY_NAMED_IAM: named.map(([id]) => id) }
      : iam.length > 0
        ? { CAPABILITY_IAM: iam.map(([id]) => id) }
        : {}),
    ...(macros.length > 0 ? { CAPABILITY_AUTO_EXPAND: macros } : {}),
  };
}

/** Type of a resource; empty where it has none. */
export function typeOf(resource: Json): string {
  return textOf(own(resource, 'Type') ?? null) ?? '';
}

/** Names of the macros that a template calls, as a whole or somewhere in it. */
function macrosOf(root: Mapping): string[] {
  const whole = [root.Transform ?? []].flat().map(nameOfMacro);
  return [...new Set([...whole, ...innerMacros(root)])];
}

function innerMacros(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(innerMacros);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Fn::Transform' ? [inner as Json].flat().map(nameOfMacro) : innerMacros(inner as Json),
  );
}

function nameOfMacro(macro: Json): string {
  return textOf(macro) ?? textOf(own(macro, 'Name') ?? null) ?? 'a macro';
}
