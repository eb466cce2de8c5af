/**
 * The sections of a template: which are read, which are for people, and which are refused because ignoring them would
 * change what the template means.
 * Source: CloudFormation User Guide, "Template anatomy".
 */
import type { Problems } from './problems.ts';
import type { Json } from './resolved.ts';
import { isMapping } from './value.ts';

export type Mapping = { readonly [key: string]: Json };

/** Sections that say something to people or to AWS only. */
const SILENT_SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata'];
const READ_SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Rules', 'Resources', 'Outputs'] as const;
type Section = (typeof READ_SECTIONS)[number];
export type Sections = Readonly<Record<Section, Mapping>>;

function isRead(name: string): name is Section {
  return (READ_SECTIONS as readonly string[]).includes(name);
}

const REFUSED_SECTIONS: Readonly<Record<string, string>> = {
  Transform: 'macros do not run locally; use the transformed template',
  Hooks: 'deployment hooks do not run locally',
};

/** The sections that are read, by name; one that is missing or mistaken is empty. */
export function sectionsOf(root: Mapping, problems: Problems): Sections {
  const sections = Object.fromEntries(READ_SECTIONS.map((name) => [name, {}])) as Record<Section, Mapping>;
  for (const [name, content] of Object.entries(root)) {
    if (SILENT_SECTIONS.includes(name)) continue;
    const refusal = REFUSED_SECTIONS[name];
    if (refusal !== undefined) problems.add(name, `not supported locally: ${refusal}`);
    else if (!isRead(name)) problems.add(name, `unknown section; a template has ${READ_SECTIONS.join(', ')}`);
    else if (!isMapping(content)) problems.add(name, 'must be a mapping');
    else sections[name] = content;
  }
  if (Object.keys(sections.Resources).length === 0) problems.add('Resources', 'a template needs a resource');
  return sections;
}

/** Reports every key that is not among the known. */
export function unknownKeys(
  definition: Mapping,
  known: readonly string[],
  path: string,
  problems: Problems,
): void {
  for (const key of Object.keys(definition)) {
    if (!known.includes(key))
      problems.add(`${path}.${key}`, `not supported; known here: ${known.join(', ')}`);
  }
}

/** The value of a key of a mapping; undefined when it is neither. */
export function own(value: Json, key: string): Json | undefined {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
