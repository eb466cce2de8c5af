/** What requests have in common: the template and what it declares, parameters, tags and capabilities. */
import type {
  ChangeSetType,
  CreateStackInput,
  GetTemplateSummaryOutput,
  Parameter,
  ParameterDeclaration,
  Tag,
} from '@aws-sdk/client-cloudformation';
import { LOCAL_TAGS } from '../../pipeline.ts';
import {
  type Capability,
  capabilitiesOf,
  mappingOf,
  requiredCapabilities,
  typeOf,
} from '../../template/known.ts';
import { isSecret, type Mistake, valueMistakes } from '../../template/parameter.ts';
import { TemplateError } from '../../template/problems.ts';
import { type Mapping, own, parseTemplate, TEMPLATE_BYTES } from '../../template/syntax.ts';
import { isMapping, type Json, textOf } from '../../template/value.ts';
import { AwsError, StageConfigurationError } from '../errors.ts';
import type { CloudFormation } from './cloudformation.ts';
import type { OnFailure } from './operation.ts';
import type { Stack, StackSettings, StackVersion } from './stack.ts';

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
  declared: TemplateSummary['shown']['Parameters'],
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

/** Throws for the first value that its definition does not allow, in AWS's words; the template's own definitions are checked elsewhere. */
export function checkConstraints(
  { shown, definitions }: TemplateSummary,
  given: Readonly<Record<string, string>>,
): void {
  for (const { ParameterKey: name = '', DefaultValue } of shown.Parameters) {
    const definition = definitions[name] ?? null;
    const value = given[name] ?? DefaultValue;
    if (value === undefined || !isMapping(definition)) continue;
    const [mistake] = valueMistakes(value, definition);
    if (mistake === undefined) continue;
    const description = textOf(definition.ConstraintDescription ?? null);
    if (description !== null)
      throw invalid(`Parameter '${name}' failed to satisfy constraint: ${description}`);
    const bound = textOf(definition[mistake.constraint] ?? null) ?? '';
    throw invalid(`Parameter '${name}' ${CONSTRAINT_TEXTS[mistake.constraint](bound)}`);
  }
}

const CONSTRAINT_TEXTS: Readonly<Record<Mistake['constraint'], (bound: string) => string>> = {
  Type: () => 'must be a number',
  AllowedValues: () => 'must be one of AllowedValues',
  AllowedPattern: (pattern) => `must match pattern ${pattern}`,
  MinValue: (bound) => `must be a number not less than ${bound}`,
  MaxValue: (bound) => `must be a number not greater than ${bound}`,
  MinLength: (bound) => `must contain at least ${bound} characters`,
  MaxLength: (bound) => `must contain at most ${bound} characters`,
};

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

/** The stage's own, shown with every stack: a client that sends back what it was shown means no others. */
const OWN_TAGS: readonly string[] = Object.values(LOCAL_TAGS);

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
    tags: (input.Tags ?? before?.tags ?? []).filter(({ Key }) => !OWN_TAGS.includes(Key ?? '')),
    capabilities: input.Capabilities ?? [],
    disableRollback: input.DisableRollback === true,
  };
}

function invalid(text: string): AwsError {
  return new AwsError('ValidationError', text);
}

/** What a template declares, as ValidateTemplate and GetTemplateSummary show it, and the capabilities it needs. */
export interface TemplateSummary {
  readonly shown: Omit<GetTemplateSummaryOutput, 'Parameters' | 'Capabilities'> & {
    readonly Parameters: ParameterDeclaration[];
    readonly Capabilities: Capability[];
  };
  /** Of the parameters, as the template has them. */
  readonly definitions: Mapping;
}

/** Throws a TemplateError when the text is no template at all. */
export function templateSummary(text: string): TemplateSummary {
  const { root } = parseTemplate(text, 'template');
  const definitions = mappingOf(root.Parameters);
  const types = [...new Set(Object.values(mappingOf(root.Resources)).map(typeOf))];
  const iam = types.filter((type) => type.startsWith('AWS::IAM::'));
  const shown = {
    Parameters: Object.entries(definitions).map(declaration),
    Description: textOf(root.Description ?? null) ?? undefined,
    Capabilities: capabilitiesOf(requiredCapabilities(root)),
    CapabilitiesReason:
      iam.length === 0 ? undefined : `The following resource(s) require capabilities: [${iam.join(', ')}]`,
    ResourceTypes: types,
    Version: textOf(root.AWSTemplateFormatVersion ?? null) ?? undefined,
    Metadata: root.Metadata === undefined ? undefined : JSON.stringify(root.Metadata),
    DeclaredTransforms: [],
  };
  return { shown, definitions };
}

function declaration([name, definition]: [string, Json]): ParameterDeclaration {
  const text = (key: string) => textOf(own(definition, key) ?? null) ?? undefined;
  const allowed = own(definition, 'AllowedValues');
  return {
    ParameterKey: name,
    ParameterType: text('Type') ?? 'String',
    NoEcho: isSecret(definition),
    DefaultValue: text('Default'),
    Description: text('Description'),
    ParameterConstraints: Array.isArray(allowed) ? { AllowedValues: allowed.map(String) } : undefined,
  };
}

/** What stands for the file name in messages about a template that came with a request. */
const TEMPLATE = 'template';

/** A template's mistakes are the client's. */
export function checked<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TemplateError || error instanceof StageConfigurationError)
      throw new AwsError('ValidationError', error.problems.join('\n'));
    throw error;
  }
}

type TemplateInput = TemplateSource & {
  readonly Parameters?: Parameter[] | undefined;
  readonly Capabilities?: string[] | undefined;
};

/** What a stack is to become by a request. Throws AWS's errors. */
export function versionFor(
  cloudFormation: CloudFormation,
  name: string,
  input: TemplateInput,
  { stack, settings: { tags } }: { readonly stack: Stack | null; readonly settings: StackSettings },
): StackVersion {
  const templateText = templateOf(input, stack);
  return checked(() => {
    const summary = templateSummary(templateText);
    checkCapabilities(summary, input.Capabilities ?? []);
    const parameters = parametersOf(summary.shown.Parameters, input.Parameters ?? [], stack);
    checkConstraints(summary, parameters);
    return cloudFormation.versionOf(name, { templateText, fileName: TEMPLATE, parameters, tags }, stack);
  });
}

function checkCapabilities({ shown: { Capabilities } }: TemplateSummary, given: readonly string[]): void {
  const suffices = Capabilities.every(
    (needed) =>
      given.includes(needed) || (needed === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM')),
  );
  if (!suffices)
    throw new AwsError(
      'InsufficientCapabilitiesException',
      `Requires capabilities : [${Capabilities.join(', ')}]`,
    );
}

/** The stack that a request names. */
export function nameOf(name: string | undefined): string {
  if (name !== undefined && name !== '') return name;
  throw new AwsError(
    'ValidationError',
    "1 validation error detected: Value at 'stackName' failed to satisfy constraint: Member must not be null",
  );
}

/** What to do with a stack that can't be made. */
export function onFailureOf({ OnFailure, DisableRollback }: CreateStackInput): OnFailure {
  if (OnFailure !== undefined && DisableRollback !== undefined)
    throw new AwsError(
      'ValidationError',
      'You can specify either DisableRollback or OnFailure, but not both.',
    );
  return OnFailure ?? (DisableRollback ? 'DO_NOTHING' : 'ROLLBACK');
}

export function changeSetType(type: ChangeSetType | undefined): ChangeSetType {
  if (type === undefined || type === 'UPDATE') return 'UPDATE';
  if (type === 'CREATE') return type;
  throw new AwsError('ValidationError', `ChangeSetType ${type} is not supported by the local stage`);
}
