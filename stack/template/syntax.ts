/**
 * Template text to plain JSON and its sections. Short-form tags become their long forms (`!Ref X` → `{Ref: X}`), so nothing
 * after this file knows YAML. CloudFormation reads YAML 1.1, in which an unquoted OFF is false, and so do we; it has no
 * aliases, merges or timestamps, so those are refused or read as text. JSON is read as the YAML it is. Every value's line
 * is kept for messages. A section that would change what the template means if it were ignored is refused.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Tags,
} from 'yaml';
import { type LineOf, type Problems, TemplateError } from './problems.ts';
import { isMapping, type Json } from './value.ts';

/**
 * Largest template that comes with a request; larger ones come from a bucket, which neither stage has.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TEMPLATE_BYTES = 51_200;

export interface TemplateSource {
  readonly root: { readonly [key: string]: Json };
  readonly lineOf: LineOf;
}

/** YAML 1.1 types that CloudFormation does not have: their text stays text. */
const FOREIGN_TAGS = new Set(
  ['binary', 'omap', 'pairs', 'set', 'timestamp', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** YAML 1.1 also has the letters y and n; the Java and Python libraries of the AWS tools do not. */
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/** The tags of YAML 1.1 as CloudFormation has them. */
function cloudFormationTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || !FOREIGN_TAGS.has(tag.tag)).map(withoutLetters);
}

function withoutLetters(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool' || tag.collection !== undefined)
    return tag;
  return { ...tag, test: tag.test?.test('true') ? TRUE : FALSE };
}

/** Reads template text. Throws {@link TemplateError} when it is not YAML, or not a mapping. */
export function parseTemplate(text: string, fileName: string): TemplateSource {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    merge: false,
    lineCounter: counter,
    prettyErrors: true,
    customTags: cloudFormationTags,
  });
  const problems = document.errors.map((error) => error.message.split('\n')[0] ?? error.code);
  if (problems.length > 0) throw new TemplateError(fileName, problems);
  return read(document, counter, fileName);
}

function read(document: Document.Parsed, counter: LineCounter, fileName: string): TemplateSource {
  const reader = new Reader(counter);
  const root = reader.value(document.contents, '');
  if (reader.problems.length > 0) throw new TemplateError(fileName, reader.problems);
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new TemplateError(fileName, ['a template is a mapping with the key Resources']);
  }
  return {
    root: root as { readonly [key: string]: Json },
    lineOf: (path) => nearestLine(reader.lines, path),
  };
}

class Reader {
  readonly lines = new Map<string, number>();
  readonly problems: string[] = [];
  readonly #counter: LineCounter;

  constructor(counter: LineCounter) {
    this.#counter = counter;
  }

  value(node: Node | null, path: string): Json {
    if (node === null) return null;
    const line = this.#counter.linePos(node.range?.[0] ?? 0).line;
    if (!this.lines.has(path)) this.lines.set(path, line);
    if (node.tag?.startsWith('!') && !node.tag.startsWith('!!') && node.tag !== '!') {
      return longForm(node.tag, this.#plain(node, `${path}.${longName(node.tag)}`, line));
    }
    return this.#plain(node, path, line);
  }

  #plain(node: Node, path: string, line: number): Json {
    if (isMap(node)) return this.#mapping(node.items as Pair[], path);
    if (isSeq(node)) return node.items.map((item, index) => this.value(item as Node, `${path}.${index}`));
    if (isAlias(node))
      this.problems.push(`line ${line}: CloudFormation has no YAML aliases; write the value out`);
    return isScalar(node) ? scalar(node.value) : null;
  }

  #mapping(pairs: readonly Pair[], path: string): Json {
    const entries = pairs.map(({ key, value }) => {
      const name = String(key.value);
      const inner = path === '' ? name : `${path}.${name}`;
      this.lines.set(inner, this.#counter.linePos(key.range?.[0] ?? 0).line);
      return [name, this.value(value, inner)] as const;
    });
    return Object.fromEntries(entries);
  }
}

interface Pair {
  readonly key: Node & { readonly value?: unknown };
  readonly value: Node | null;
}

function scalar(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : String(value);
}

function longName(tag: string): string {
  const name = tag.slice(1);
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
}

function longForm(tag: string, value: Json): Json {
  const name = longName(tag);
  return { [name]: name === 'Fn::GetAtt' && typeof value === 'string' ? splitAtFirstDot(value) : value };
}

function splitAtFirstDot(text: string): Json {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function nearestLine(lines: ReadonlyMap<string, number>, path: string): number | null {
  for (let ancestor = path; ; ancestor = ancestor.slice(0, ancestor.lastIndexOf('.'))) {
    const line = lines.get(ancestor);
    if (line !== undefined) return line;
    if (!ancestor.includes('.')) return null;
  }
}

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
