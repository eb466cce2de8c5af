/**
 * The section Parameters: definitions, checked, and the values in force. Every value is text, as in CloudFormation;
 * lists are split on commas. Types whose values AWS looks up at deployment are refused, as there is nothing to ask.
 * Source: CloudFormation User Guide, "Parameters section".
 */
import { orNearest } from '../../bench/model/near-miss.ts';
import type { Problems } from './problems.ts';
import { own } from './syntax.ts';
import { isMapping, type Json, textOf } from './value.ts';

export interface ParameterValue {
  /** What Ref gives. */
  readonly value: string | readonly string[];
  /** As CloudFormation shows it: asterisks when the template says NoEcho. */
  readonly display: string;
}

const TYPES = ['String', 'Number', 'CommaDelimitedList', 'List<Number>'] as const;
type ParameterType = (typeof TYPES)[number];

/** Whether a parameter's value is the name of another, which AWS looks up in SSM: only rules may use such a one here. */
export function isLookedUp(type: Json | undefined): boolean {
  return typeof type === 'string' && /^AWS::SSM::Parameter::Value<.+>$/.test(type);
}

const KEYS = new Set([
  'Type',
  'Default',
  'AllowedValues',
  'AllowedPattern',
  'ConstraintDescription',
  'Description',
  'MinValue',
  'MaxValue',
  'MinLength',
  'MaxLength',
  'NoEcho',
]);

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

export interface ParameterDefinition {
  readonly [key: string]: Json;
}

/** A constraint of a parameter that a value does not meet. */
export interface Mistake {
  /** Key of the definition that has the constraint. */
  readonly constraint: 'Type' | 'AllowedValues' | 'AllowedPattern' | `${'Min' | 'Max'}${'Value' | 'Length'}`;
  /** What the value must be, a clause that begins with "must". */
  readonly text: string;
}

/** The values in force by name. A parameter with a problem has none. */
export function parametersInForce(options: {
  readonly definitions: { readonly [name: string]: Json };
  readonly given: Readonly<Record<string, string>>;
  readonly problems: Problems;
}): ReadonlyMap<string, ParameterValue> {
  const { definitions, given, problems } = options;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(definitions, name))
      problems.add(`Parameters.${name}`, unknownParameter(name, definitions));
  }
  const values = new Map<string, ParameterValue>();
  for (const [name, definition] of Object.entries(definitions)) {
    const value = valueInForce(name, definition, given, problems);
    if (value !== null) values.set(name, value);
  }
  return values;
}

function unknownParameter(name: string, definitions: { readonly [name: string]: Json }): string {
  const known = Object.keys(definitions);
  const list = known.length === 0 ? 'has none' : `knows ${known.join(', ')}`;
  return `no such parameter; the template ${list}${orNearest(name, known)}`;
}

function valueInForce(
  name: string,
  definition: Json,
  given: Readonly<Record<string, string>>,
  problems: Problems,
): ParameterValue | null {
  const path = `Parameters.${name}`;
  if (!isMapping(definition)) {
    problems.add(path, 'must be a mapping with the key Type');
    return null;
  }
  const wrong = definitionMistakes(definition);
  const text = given[name] ?? defaultOf(definition);
  if (text === null) wrong.push('has no default, so a value must be given');
  const type = definition.Type as ParameterType;
  if (wrong.length === 0 && text !== null) wrong.push(...valueMistakeTexts(type, text, definition));
  for (const mistake of wrong) problems.add(path, mistake);
  if (wrong.length > 0 || text === null) return null;
  return { value: referred(text, definition), display: isSecret(definition) ? '****' : text };
}

function definitionMistakes(definition: ParameterDefinition): string[] {
  const mistakes = Object.keys(definition)
    .filter((key) => !KEYS.has(key))
    .map((key) => `unknown key ${key}; a parameter has ${[...KEYS].join(', ')}`);
  const type = definition.Type;
  if (!TYPES.includes(type as ParameterType) && !isLookedUp(type)) mistakes.push(typeMistake(type));
  const pattern = definition.AllowedPattern;
  if (pattern !== undefined && !isPattern(String(pattern)))
    mistakes.push('AllowedPattern is not a regular expression');
  const allowed = definition.AllowedValues;
  if (allowed !== undefined && !Array.isArray(allowed)) mistakes.push('AllowedValues must be a list');
  for (const key of ['MinValue', 'MaxValue', 'MinLength', 'MaxLength']) {
    const bound = definition[key];
    if (bound !== undefined && !NUMBER.test(textOf(bound) ?? '')) mistakes.push(`${key} must be a number`);
  }
  return mistakes;
}

function typeMistake(type: Json | undefined): string {
  const text = typeof type === 'string' ? type : 'missing';
  const reason = /AWS::/.test(text)
    ? ': AWS looks its values up at deployment, which cannot be done locally'
    : '';
  return `type ${text} is not supported${reason}; use ${TYPES.join(', ')}`;
}

/** The default as text; null where there is none. */
export function defaultOf(definition: Json): string | null {
  return textOf(own(definition, 'Default') ?? null);
}

/** Whether its value must not be shown. */
export function isSecret(definition: Json): boolean {
  return String(own(definition, 'NoEcho')) === 'true';
}

/** What Ref gives for a value. */
export function referred(text: string, definition: Json): string | readonly string[] {
  return isList(String(own(definition, 'Type'))) ? listOf(text) : text;
}

function isList(type: string): boolean {
  return type === 'CommaDelimitedList' || type.startsWith('List<');
}

function listOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}

function valueMistakeTexts(type: ParameterType, text: string, definition: ParameterDefinition): string[] {
  const shownText = isSecret(definition) ? 'the value given' : `"${text}"`;
  const mistakes = valueMistakes(text, { ...definition, Type: type });
  if (mistakes.length === 0) return [];
  const explanation = definition.ConstraintDescription;
  const suffix = typeof explanation === 'string' ? ` (${explanation})` : '';
  return [`${shownText} ${mistakes.map(({ text: must }) => must).join('; ')}${suffix}`];
}

/**
 * The constraints that a value does not meet, each once; those of a list are of each item. A value that AWS looks up meets
 * all, and so does any where JavaScript does not read the pattern as Java does, in which it is written: that is AWS's to say.
 */
export function valueMistakes(text: string, definition: ParameterDefinition): Mistake[] {
  const type = String(definition.Type);
  if (isLookedUp(type)) return [];
  const items = isList(type) ? listOf(text) : [text];
  const mistakes = items.flatMap((item) => itemMistakes(type, item, definition));
  return [...new Map(mistakes.map((mistake) => [mistake.text, mistake])).values()];
}

function itemMistakes(type: string, item: string, definition: ParameterDefinition): Mistake[] {
  const numeric = type === 'Number' || type === 'List<Number>';
  if (numeric && !NUMBER.test(item)) return [{ constraint: 'Type', text: 'must be a number' }];
  const mistakes = numeric
    ? boundMistakes(Number(item), definition, 'Value', 'must be')
    : boundMistakes(item.length, definition, 'Length', 'must have a length of');
  const allowed = definition.AllowedValues;
  if (Array.isArray(allowed) && !allowed.some((choice) => textOf(choice as Json) === item))
    mistakes.push({ constraint: 'AllowedValues', text: `must be one of ${allowed.join(', ')}` });
  const pattern = definition.AllowedPattern;
  if (!numeric && pattern !== undefined && wholePattern(String(pattern))?.test(item) === false)
    mistakes.push({ constraint: 'AllowedPattern', text: `must match ${String(pattern)}` });
  return mistakes;
}

function boundMistakes(
  size: number,
  definition: ParameterDefinition,
  what: 'Value' | 'Length',
  must: string,
): Mistake[] {
  const [low, high] = [definition[`Min${what}`], definition[`Max${what}`]];
  const mistakes: Mistake[] = [];
  if (low !== undefined && size < Number(low))
    mistakes.push({ constraint: `Min${what}`, text: `${must} at least ${String(low)}` });
  if (high !== undefined && size > Number(high))
    mistakes.push({ constraint: `Max${what}`, text: `${must} at most ${String(high)}` });
  return mistakes;
}

/** Escapes that only Java has or reads in its own way, and classes within classes (java.util.regex.Pattern). */
const JAVA_ONLY = /\\[aeghpvzAEGHNPQRVXZ0]|\\x\{|\[(?:[^\]\\]|\\.)*(?:\[|&&)/;

/** CloudFormation's pattern must match the whole value. Null where JavaScript can't read it, or reads something else. */
function wholePattern(pattern: string): RegExp | null {
  return JAVA_ONLY.test(pattern) ? null : compiled(`^(?:${pattern})$`);
}

/** False for what is no regular expression in Java either: flags, possessive quantifiers and atomic groups are Java's. */
function isPattern(pattern: string): boolean {
  const common = pattern
    .replaceAll(/([*+?}])\+/g, '$1')
    .replaceAll(/\(\?[idmsuxU-]+\)/g, '')
    .replaceAll(/\(\?(?:[idmsuxU-]+:|>)/g, '(?:');
  return JAVA_ONLY.test(pattern) || compiled(common) !== null;
}

function compiled(source: string): RegExp | null {
  try {
    return new RegExp(source);
  } catch {
    return null;
  }
}
