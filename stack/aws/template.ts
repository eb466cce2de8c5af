/**
 * A template as far as deploying it needs: its text, what parameters it declares, and its resources as plain data for the
 * estimate of what they cost. It is read leniently: whether it is a good template is the validator's and AWS's business.
 */
import { ConfigurationError } from '../../bench/model/failure.ts';
import { readTextFile, TEMPLATE_FILE_BYTES } from '../../bench/node/bounded-file.ts';
import { type RequiredCapabilities, requiredCapabilities } from '../template/capabilities.ts';
import { type KnownResource, knownResources, mappingOf } from '../template/known.ts';
import { defaultOf, referred } from '../template/parameter.ts';
import { TemplateError } from '../template/problems.ts';
import type { Json } from '../template/resolved.ts';
import { parseTemplate as readText } from '../template/syntax.ts';

/**
 * Largest template that CreateChangeSet takes in the request; larger ones must come from a bucket, which this tool does
 * not fill. Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TEMPLATE_BODY_LIMIT_BYTES = 51_200;

/** Plain data in which `!X` has become `{Fn::X: …}`. */
export type Value = Json;

export interface Template {
  readonly path: string;
  readonly text: string;
  readonly parameters: Readonly<Record<string, Value>>;
  readonly conditions: Readonly<Record<string, Value>>;
  readonly mappings: Readonly<Record<string, Value>>;
  readonly resources: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly capabilities: RequiredCapabilities;
}

/** Thrown with every problem of a template or of the parameters given for it; each names the remedy. */
export class TemplateProblems extends ConfigurationError {}

/** Reads and parses a template file. Throws {@link TemplateProblems}. */
export function readTemplate(path: string): Template {
  let text: string;
  try {
    text = readTextFile(path, TEMPLATE_FILE_BYTES);
  } catch (error) {
    throw new TemplateProblems([`template: ${path} can't be read: ${(error as Error).message}`]);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > TEMPLATE_BODY_LIMIT_BYTES) {
    throw new TemplateProblems([
      `template: ${path} has ${bytes} bytes, and CloudFormation takes at most ${TEMPLATE_BODY_LIMIT_BYTES} in a request; upload it to S3 and deploy it with 'aws cloudformation deploy --s3-bucket', or make it smaller`,
    ]);
  }
  return parseTemplate(text, path);
}

/** Parses template text. Throws {@link TemplateProblems}. */
export function parseTemplate(text: string, path: string): Template {
  const root = rootOf(text, path);
  return {
    path,
    text,
    parameters: mappingOf(root.Parameters),
    conditions: mappingOf(root.Conditions),
    mappings: mappingOf(root.Mappings),
    resources: mappingOf(root.Resources),
    outputs: mappingOf(root.Outputs),
    capabilities: requiredCapabilities(root),
  };
}

/** The template of a stack as AWS shows it; null where it shows none, or one that can't be read. */
export function deployedTemplate(text: string | null): Template | null {
  try {
    return text === null ? null : parseTemplate(text, 'the deployed template');
  } catch (error) {
    if (error instanceof TemplateProblems) return null;
    throw error;
  }
}

/** Read as the local stage reads it, so that the estimate and the stage see one template. */
function rootOf(text: string, path: string): Readonly<Record<string, Value>> {
  try {
    return readText(text, path).root;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateProblems(error.problems.map((problem) => `template: ${path}: ${problem}`));
  }
}

/**
 * The resources that the template makes with the parameters, or may make, as far as they are known; defaults fill in what is
 * missing. `unknown` stands for other names.
 */
export function resourcesIn(
  template: Template,
  parameters: Readonly<Record<string, string>>,
  unknown?: (name: string) => string,
): KnownResource[] {
  const values: Record<string, string | readonly string[]> = { ...parameters };
  for (const [name, definition] of Object.entries(template.parameters)) {
    const text = parameters[name] ?? defaultOf(definition);
    if (text !== null) values[name] = referred(text, definition);
  }
  return knownResources({ ...template, values, ...(unknown === undefined ? {} : { unknown }) });
}
