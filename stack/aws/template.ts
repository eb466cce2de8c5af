/**
 * A template as far as deploying it needs: its text, what parameters it declares, and its resources as plain data for the
 * estimate of what they cost. It is read leniently: whether it is a good template is the validator's and AWS's business.
 */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';

/**
 * Largest template that CreateChangeSet takes in the request; larger ones must come from a bucket, which this tool does
 * not fill. Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const TEMPLATE_BODY_LIMIT_BYTES = 51_200;

export interface ParameterDeclaration {
  readonly defaultValue: string | null;
  /** Null where any value is allowed. */
  readonly allowed: readonly string[] | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Its value must not be shown. */
  readonly isSecret: boolean;
}

/** Plain data in which `!X` has become `{Fn::X: …}`. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export interface Template {
  readonly path: string;
  readonly text: string;
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>;
  readonly conditions: Readonly<Record<string, Value>>;
  readonly resources: Readonly<Record<string, Value>>;
}

/** Thrown with every problem of a template or of the parameters given for it; each names the remedy. */
export class TemplateProblems extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads and parses a template file. Throws {@link TemplateProblems}. */
export function readTemplate(path: string): Template {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
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
  const document = parseDocument(text, { version: '1.1', merge: false, logLevel: 'silent' });
  if (document.errors.length > 0) {
    throw new TemplateProblems(
      document.errors.map(({ message }) => `template: ${path}: ${message.split('\n')[0]}`),
    );
  }
  const root = sectionOf(plain(document.contents));
  return {
    path,
    text,
    parameters: Object.fromEntries(
      Object.entries(sectionOf(root.Parameters)).map(([name, value]) => [name, declarationOf(value)]),
    ),
    conditions: sectionOf(root.Conditions),
    resources: sectionOf(root.Resources),
  };
}

function plain(node: Node | null | undefined): Value {
  if (node === null || node === undefined) return null;
  const value = untagged(node);
  const tag = node.tag ?? '';
  if (!tag.startsWith('!')) return value;
  const name = tag.slice(1);
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}

function untagged(node: Node): Value {
  if (isMap(node)) return Object.fromEntries((node.items as Pair<Node, Node>[]).map(entryOf));
  if (isSeq(node)) return (node.items as Node[]).map(plain);
  if (!isScalar(node)) return null;
  const { value } = node;
  if (value === null || value === undefined) return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : (node.source ?? String(value));
}

function entryOf({ key, value }: Pair<Node, Node>): [string, Value] {
  return [isScalar(key) ? String(key.value) : String(key), plain(value)];
}

/** A mapping, or an empty one where there is something else. */
export function sectionOf(value: Value | undefined): Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Value>>)
    : {};
}

function declarationOf(value: Value): ParameterDeclaration {
  const { Default, AllowedValues, MinValue, MaxValue, NoEcho } = sectionOf(value);
  return {
    defaultValue: Default === undefined || Default === null ? null : String(Default),
    allowed: Array.isArray(AllowedValues) ? AllowedValues.map(String) : null,
    min: MinValue === undefined ? null : Number(MinValue),
    max: MaxValue === undefined ? null : Number(MaxValue),
    isSecret: String(NoEcho) === 'true',
  };
}
