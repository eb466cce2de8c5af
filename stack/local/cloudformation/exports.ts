/**
 * Exports: outputs that other stacks may use by name. A name is exported once in the account, and what is in use can neither
 * change nor go (CloudFormation User Guide, "Get exported outputs from a deployed CloudFormation stack"). AWS finds most of this
 * out during the deployment; here the request is refused.
 */

import type { ResolvedStack } from '../../template/value.ts';
import { AwsError } from '../errors.ts';
import type { Stack } from './stack.ts';

export interface Export {
  readonly stack: Stack;
  readonly name: string;
  readonly value: string;
}

/** What the stacks export, those included that are just being made. */
export function exportsOf(stacks: readonly Stack[]): Export[] {
  return stacks.flatMap((stack) => {
    const named = Object.entries(namedValues(stack.claimed));
    return named.map(([name, value]) => ({ stack, name, value }));
  });
}

/** Names of the stacks that use an export. */
export function importersOf(name: string, stacks: readonly Stack[]): string[] {
  return stacks.filter(({ claimed }) => claimed?.imports?.includes(name)).map((stack) => stack.name);
}

/**
 * Throws when the stack may not become what `after` says, or may not be deleted where that is null: another one exports the
 * name, or another one uses what would change or go. `stack` is null for a new one.
 */
export function checkExports(
  stack: Stack | null,
  after: ResolvedStack | null,
  stacks: readonly Stack[],
): void {
  const others = stacks.filter((other) => other !== stack);
  const values = namedValues(after);
  for (const { name, stack: owner } of exportsOf(others)) {
    if (Object.hasOwn(values, name))
      throw invalid(`Export with name ${name} is already exported by stack ${owner.name}`);
  }
  for (const [name, value] of Object.entries(namedValues(stack?.claimed ?? null))) {
    const users = importersOf(name, others);
    if (users.length === 0 || values[name] === value) continue;
    const what = Object.hasOwn(values, name) ? 'update' : 'delete';
    throw invalid(`Cannot ${what} export ${name} as it is in use by ${users.join(', ')}`);
  }
}

function namedValues(resolved: ResolvedStack | null): Readonly<Record<string, string>> {
  const exported = Object.entries(resolved?.exports ?? {});
  return Object.fromEntries(exported.map(([output, name]) => [name, resolved?.outputs[output] ?? '']));
}

function invalid(text: string): AwsError {
  return new AwsError('ValidationError', text);
}
