/** What `bench stage up` was asked for, with the template it names: everything that can be wrong is found at once. */
import { capabilityProblems } from '../../stack/aws/obstacles.ts';
import { markedTemplate, tagProblems } from '../../stack/aws/ownership.ts';
import { REFERENCE_TEMPLATE_PATH } from '../../stack/aws/preflight.ts';
import { parameterProblems, readTemplate, type Template } from '../../stack/aws/template.ts';
import { attempted, ConfigurationError } from '../model/failure.ts';
import { packageVersion } from '../node/machine.ts';
import { DOLLARS, flag, type Given, list, pairs, toggle, type Values } from './flags.ts';
import { NEW_STACK, QUIET, TEMPLATE } from './stage-flags.ts';

export const STAGE_UP_FLAGS = {
  ...NEW_STACK,
  template: TEMPLATE,
  parameter: pairs('Key=Value: template parameter; one that is not given keeps its value'),
  tag: pairs('Key=Value: tag of the stack and its resources'),
  capability: list(
    'what the template is allowed: CAPABILITY_NAMED_IAM or CAPABILITY_AUTO_EXPAND, where it needs them',
  ),
  yes: toggle('do not ask; needed off a terminal to remove or replace resources'),
  maxCost: flag(DOLLARS, 'refuse a stack whose idle cost is above this an hour'),
  validate: toggle(
    'check the template with AWS’s offline validator first, which takes seconds and half a gigabyte',
    true,
  ),
  adopt: toggle('take over an existing stack that this tool did not make'),
  quiet: QUIET,
};

export type StageUpArguments = Values<typeof STAGE_UP_FLAGS>;

/** The template, checked with the flags as far as that goes without AWS. Throws a ConfigurationError with every problem. */
export function stageUpTemplate({ flags, problems: found }: Given<typeof STAGE_UP_FLAGS>): Template {
  const problems = [...found, ...tagProblems(flags.tag)];
  const template = attempted(() => readTemplate(flags.template ?? REFERENCE_TEMPLATE_PATH), problems);
  if (template !== null) {
    // Found here, and not when AWS has been asked.
    attempted(() => markedTemplate(template, packageVersion()), problems);
    problems.push(...capabilityProblems(template, flags.capability ?? []));
    problems.push(...parameterProblems(template, flags.parameter, null));
  }
  if (template === null || problems.length > 0) throw new ConfigurationError(problems);
  return template;
}
