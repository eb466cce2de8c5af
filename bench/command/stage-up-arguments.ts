/** What `bench stage up` was asked for, with the template it names: everything that can be wrong is found at once. */
import { capabilityProblems } from '../../stack/aws/obstacles.ts';
import { markedTemplate, tagProblems } from '../../stack/aws/ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from '../../stack/aws/preflight.ts';
import {
  type ParameterValues,
  parameterProblems,
  readTemplate,
  type Template,
  TemplateProblems,
} from '../../stack/aws/template.ts';
import { packageVersion } from '../node/machine.ts';
import { FlagReader, type GivenFlags, type StageFlags } from './stage-flags.ts';

export interface StageUpArguments extends StageFlags {
  readonly parameters: ParameterValues;
  readonly tags: Readonly<Record<string, string>>;
  /** What the template is allowed beyond making IAM resources. */
  readonly capabilities: readonly string[];
  readonly yes: boolean;
  readonly adopt: boolean;
  /** Whether the template is validated offline before anything else. */
  readonly validate: boolean;
  readonly quiet: boolean;
  /** The most that the idle stack may cost an hour; null for no limit. */
  readonly maxCostUsd: number | null;
}

/** Flags and template, checked as far as that goes without AWS. Throws a ConfigurationError with every problem. */
export function stageUpArguments(flags: GivenFlags): { given: StageUpArguments; template: Template } {
  const reader = new FlagReader(flags);
  const given: StageUpArguments = {
    ...reader.stage(),
    parameters: reader.map('parameter'),
    tags: reader.map('tag'),
    capabilities: reader.list('capability'),
    yes: reader.boolean('yes'),
    adopt: reader.boolean('adopt'),
    validate: reader.boolean('validate'),
    quiet: reader.boolean('quiet'),
    maxCostUsd: reader.dollars('max-cost'),
  };
  for (const problem of tagProblems(given.tags)) reader.problem(problem);
  const template = templateOf(given, reader);
  reader.assertSound();
  return { given, template: template! };
}

/** Null, with its problems told to the reader, where it can't be used. */
function templateOf(
  { template: path, parameters, capabilities }: StageUpArguments,
  reader: FlagReader,
): Template | null {
  try {
    const template = readTemplate(path ?? REFERENCE_TEMPLATE_PATH);
    // Found here, and not when AWS has been asked.
    markedTemplate(template, packageVersion());
    for (const problem of capabilityProblems(template, capabilities)) reader.problem(problem);
    for (const problem of parameterProblems(template, parameters, null)) reader.problem(problem);
    return template;
  } catch (error) {
    if (!(error instanceof TemplateProblems)) throw error;
    for (const problem of error.problems) reader.problem(problem);
    return null;
  }
}
