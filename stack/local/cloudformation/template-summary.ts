/** What a template declares, as ValidateTemplate and GetTemplateSummary show it, and the capabilities it needs. */
import type { ParameterDeclaration } from '@aws-sdk/client-cloudformation';
import {
  type Capability,
  capabilitiesOf,
  requiredCapabilities,
  typeOf,
} from '../../template/capabilities.ts';
import type { Json } from '../../template/resolved.ts';
import type { Mapping } from '../../template/sections.ts';
import { own } from '../../template/sections.ts';
import { parseTemplate } from '../../template/syntax.ts';
import { isMapping, textOf } from '../../template/value.ts';

export interface TemplateSummary {
  readonly description: string | undefined;
  readonly version: string | undefined;
  readonly metadata: string | undefined;
  readonly parameters: readonly ParameterDeclaration[];
  /** Of the parameters, as the template has them. */
  readonly definitions: Mapping;
  readonly resourceTypes: readonly string[];
  readonly capabilities: readonly Capability[];
  readonly capabilitiesReason: string | undefined;
}

/** Throws a TemplateError when the text is no template at all. */
export function templateSummary(text: string): TemplateSummary {
  const { root } = parseTemplate(text, 'template');
  const types = [...new Set(Object.values(mappingOf(root.Resources)).map(typeOf))];
  const iam = types.filter((type) => type.startsWith('AWS::IAM::'));
  return {
    description: textOf(root.Description ?? null) ?? undefined,
    version: textOf(root.AWSTemplateFormatVersion ?? null) ?? undefined,
    metadata: root.Metadata === undefined ? undefined : JSON.stringify(root.Metadata),
    parameters: Object.entries(mappingOf(root.Parameters)).map(declaration),
    definitions: mappingOf(root.Parameters),
    resourceTypes: types,
    capabilities: capabilitiesOf(requiredCapabilities(root)),
    capabilitiesReason:
      iam.length === 0 ? undefined : `The following resource(s) require capabilities: [${iam.join(', ')}]`,
  };
}

function declaration([name, definition]: [string, Json]): ParameterDeclaration {
  const text = (key: string) => textOf(own(definition, key) ?? null);
  const allowed = own(definition, 'AllowedValues');
  const constraint = Array.isArray(allowed) ? { AllowedValues: allowed.map(String) } : undefined;
  return {
    ParameterKey: name,
    ParameterType: text('Type') ?? 'String',
    NoEcho: text('NoEcho') === 'true',
    ...optional('DefaultValue', text('Default')),
    ...optional('Description', text('Description')),
    ...(constraint === undefined ? {} : { ParameterConstraints: constraint }),
  };
}

function optional(name: string, value: string | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [name]: value };
}

function mappingOf(value: Json | undefined): Mapping {
  return value !== undefined && isMapping(value) ? (value as Mapping) : {};
}
