/**
 * What a template must be allowed to do: make IAM resources, name them, or be expanded by macros.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html, Capabilities
 */
import type { Json } from './resolved.ts';
import { type Mapping, own } from './sections.ts';
import { isMapping, textOf } from './value.ts';

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
