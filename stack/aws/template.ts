/**
 * A template as far as deploying it needs: its text, the parameters it declares, the values they will have, and its resources
 * as plain data. It is read leniently: whether it is a good template is the validator's and AWS's business. What AWS would
 * refuse of the parameters one by one is found all at once, before anything is sent.
 */
import { ConfigurationError } from '../../bench/model/failure.ts';
import { orNearest } from '../../bench/model/near-miss.ts';
import { readTextFile, TEMPLATE_FILE_BYTES } from '../../bench/node/bounded-file.ts';
import {
  type KnownResource,
  knownResources,
  mappingOf,
  type RequiredCapabilities,
  requiredCapabilities,
} from '../template/known.ts';
import { defaultOf, isSecret, referred, valueMistakes } from '../template/parameter.ts';
import { TemplateError } from '../template/problems.ts';
import { parseTemplate as readText, TEMPLATE_BYTES } from '../template/syntax.ts';
import type { Json } from '../template/value.ts';

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
  if (bytes > TEMPLATE_BYTES) {
    throw new TemplateProblems([
      `template: ${path} has ${bytes} bytes, and CloudFormation takes at most ${TEMPLATE_BYTES} in a request; upload it to S3 and deploy it with 'aws cloudformation deploy --s3-bucket', or make it smaller`,
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

/** By name. A parameter that is not given keeps the value in force; a new stack takes the default. */
export type ParameterValues = Readonly<Record<string, string>>;

/**
 * Problems of the given values, each a sentence with the remedy. `inForce` is empty for a new stack, and null while it is
 * not known whether there is one: what is missing is found later then.
 */
export function parameterProblems(
  template: Template,
  given: ParameterValues,
  inForce: ParameterValues | null,
): string[] {
  const known = Object.keys(template.parameters);
  const unknown = Object.keys(given)
    .filter((name) => template.parameters[name] === undefined)
    .map(
      (name) =>
        `parameter: ${template.path} has no parameter ${name}; it has ${known.join(', ') || 'none at all'}${orNearest(name, known)}`,
    );
  const bad = Object.entries(template.parameters).flatMap(([name, definition]) => {
    const value = given[name];
    if (value !== undefined) return valueProblems(name, value, definition);
    if (inForce === null) return [];
    const kept = inForce[name] ?? defaultOf(definition);
    if (kept === null) return [`parameter: ${name} has no default; give --parameter ${name}=…`];
    // The value of a secret that is in force is told by nobody.
    return isSecret(definition) ? [] : valueProblems(name, kept, definition);
  });
  return [...unknown, ...bad];
}

/** One sentence for each constraint that is not met, with its name and what the template says of it. */
function valueProblems(name: string, value: string, definition: Value): string[] {
  const { ConstraintDescription: description } = mappingOf(definition);
  const explanation = typeof description === 'string' ? `: ${description}` : '';
  const shown = Number.isNaN(Number(value)) || value.trim() === '' ? `'${value}'` : value;
  const found = isSecret(definition) ? '' : `, not ${shown}`;
  return valueMistakes(value, mappingOf(definition)).map(
    ({ constraint, text }) => `parameter: ${name} ${text}${found} (${constraint}${explanation})`,
  );
}

/** Names of the template's parameters that keep the value in force on an update. */
export function keptParameters(
  template: Template,
  given: ParameterValues,
  inForce: ParameterValues,
): string[] {
  return Object.keys(template.parameters).filter(
    (name) => given[name] === undefined && inForce[name] !== undefined,
  );
}

/** The values that will be in force: given, else in force already, else the default. */
export function effectiveParameters(
  template: Template,
  given: ParameterValues,
  inForce: ParameterValues,
): ParameterValues {
  const values: Record<string, string> = {};
  for (const [name, definition] of Object.entries(template.parameters)) {
    const value = given[name] ?? inForce[name] ?? defaultOf(definition);
    if (value !== null) values[name] = value;
  }
  return values;
}

/** The values as they may be shown: a secret is stars. */
export function shownParameters(template: Template, values: ParameterValues): ParameterValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isSecret(template.parameters[name] ?? null) ? '****' : value,
    ]),
  );
}
