/**
 * What a deployment allows its template. IAM resources whose names CloudFormation makes up are allowed, as the reference
 * stack has them; names of the author's choice, which can be another stack's, and macros, whose result nobody has seen,
 * are the user's to allow.
 */
import { CAPABILITIES, type Capability, type RequiredCapabilities } from '../template/capabilities.ts';
import type { Template } from './template.ts';

const REASONS: Readonly<Record<Capability, string>> = {
  CAPABILITY_IAM: 'it makes IAM resources',
  CAPABILITY_NAMED_IAM: 'it names IAM resources',
  CAPABILITY_AUTO_EXPAND: 'it is expanded by macros',
};

/** What is sent with a template: all that it needs. */
export function capabilitiesOf({
  capabilities,
}: {
  readonly capabilities: RequiredCapabilities;
}): Capability[] {
  return CAPABILITIES.filter((name) => capabilities[name] !== undefined);
}

/** Problems of the capabilities that a user gives for a template, each a sentence with the remedy. */
export function capabilityProblems(template: Template, given: readonly string[]): string[] {
  const known: readonly string[] = CAPABILITIES;
  const unknown = given
    .filter((name) => !known.includes(name))
    .map((name) => `capability: '${name}' is not one of ${CAPABILITIES.join(', ')}`);
  const missing = capabilitiesOf(template)
    .filter((name) => name !== 'CAPABILITY_IAM' && !given.includes(name))
    .map(
      (name) =>
        `capability: ${template.path} needs ${name}, for ${REASONS[name]} (${template.capabilities[name]?.join(', ')}); where you trust it, give --capability ${name}`,
    );
  return [...unknown, ...missing];
}
