/** What requests to make or change a stack have in common: template, parameters, tags and capabilities. */
import type { Parameter, Tag } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../endpoints/action.ts';
import type { Stack } from './stack.ts';
import type { StackSettings } from './stack-version.ts';
import type { TemplateSummary } from './template-summary.ts';

/** Largest template that may come with a request (CloudFormation quotas). */
const TEMPLATE_BYTES = 51_200;

interface TemplateSource {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
}

/** The text of the template that a request means. */
export function templateOf(input: TemplateSource, stack: Stack | null): string {
  if (input.TemplateURL !== undefined)
    throw invalid('TemplateURL is not supported by the local stage: there is no S3; use TemplateBody');
  if (input.TemplateBody !== undefined) {
    if (Buffer.byteLength(input.TemplateBody) > TEMPLATE_BYTES) {
      const text = `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${TEMPLATE_BYTES}`;
      throw invalid(text);
    }
    return input.TemplateBody;
  }
  const previous = stack?.version?.templateText;
  if (previous === undefined || (input.UsePreviousTemplate !== true && !('StackName' in input)))
    throw invalid('Either Template URL or Template Body must be specified.');
  return previous;
}

/** The values given. A parameter that is not given takes the template's default, not its value so far. */
export function parametersOf(
  declared: TemplateSummary['parameters'],
  given: readonly Parameter[],
  stack: Stack | null,
): Readonly<Record<string, string>> {
  const all = declared.map(({ ParameterKey }) => ParameterKey ?? '');
  const needed = all.filter((_, index) => declared[index]?.DefaultValue === undefined);
  const names = given.map(({ ParameterKey }) => ParameterKey ?? '');
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  return Object.fromEntries(given.flatMap((one) => parameterEntry(one, stack)));
}

function parameterEntry(
  { ParameterKey = '', ParameterValue, UsePreviousValue }: Parameter,
  stack: Stack | null,
) {
  if (UsePreviousValue !== true) return [[ParameterKey, ParameterValue ?? ''] as const];
  if (stack?.version == null)
    throw invalid(
      `Invalid input for parameter key ${ParameterKey}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
    );
  const previous = stack.version.parameters[ParameterKey];
  return previous === undefined ? [] : [[ParameterKey, previous] as const];
}

/** Tags of the stage's own, which are shown with every stack: a client that sends back what it was shown means no others. */
const OWN_TAGS = 'local-stage:';

interface SettingsInput {
  readonly Tags?: Tag[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
  readonly DisableRollback?: boolean | undefined;
}

/** Settings of the stack after the request; what an update does not mention stays. */
export function settingsOf(input: SettingsInput, before?: StackSettings): StackSettings {
  const reserved = input.Tags?.find(({ Key }) => /^aws:/i.test(Key ?? ''));
  if (reserved !== undefined)
    throw invalid(`aws: prefixed tag key names are not allowed for external use. [${reserved.Key}]`);
  return {
    tags: (input.Tags ?? before?.tags ?? []).filter(({ Key }) => !Key?.startsWith(OWN_TAGS)),
    capabilities: input.Capabilities ?? [],
    disableRollback: input.DisableRollback === true,
  };
}

function invalid(text: string): AwsError {
  return new AwsError('ValidationError', text);
}
