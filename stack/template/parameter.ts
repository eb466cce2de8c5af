/**
 * The section Parameters: definitions, checked, and the values in force. Every value is text, as in CloudFormation;
 * lists are split on commas. Types whose values AWS looks up at deployment are refused, as there is nothing to ask.
 * Source: CloudFormation User Guide, "Parameters section".
 */
import { orNearest } from '../../bench/core/near-miss.ts';
import type { Problems } from './problems.ts';
import type { Json } from './resolved.ts';
import { isMapping, textOf } from './value.ts';

export interface ParameterValue {
  /** As given, or the default. */
  readonly text: string;
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

interface Definition {
  readonly [key: string]: Json;
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
  const text = given[name] ?? defaultText(definition);
  if (text === null) wrong.push('has no default, so a value must be given');
  const type = definition.Type as ParameterType;
  if (wrong.length === 0 && text !== null) wrong.push(...valueMistakes(type, text, definition));
  for (const mistake of wrong) problems.add(path, mistake);
  if (wrong.length > 0 || text === null) return null;
  return { text, value: isList(type) ? listOf(text) : text, display: hidden(definition) ? '****' : text };
}

function definitionMistakes(definition: Definition): string[] {
  const mistakes = Object.keys(definition)
    .filter((key) => !KEYS.has(key))
    .map((key) => `unknown key ${key}; a parameter has ${[...KEYS].join(', ')}`);
  const type = definition.Type;
  if (!TYPES.includes(type as ParameterType) && !isLookedUp(type)) mistakes.push(typeMistake(type));
  const pattern = definition.AllowedPattern;
  if (pattern !== undefined && wholePattern(pattern) === null)
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

function defaultText(definition: Definition): string | null {
  const value = definition.Default;
  return value === undefined ? null : textOf(value);
}

function hidden(definition: Definition): boolean {
  return String(definition.NoEcho) === 'true';
}

function isList(type: ParameterType): boolean {
  return type === 'CommaDelimitedList' || type === 'List<Number>';
}

function listOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}

function valueMistakes(type: ParameterType, text: string, definition: Definition): string[] {
  const items = isList(type) ? listOf(text) : [text];
  const shownText = hidden(definition) ? 'the value given' : `"${text}"`;
  const mistakes = items.flatMap((item) => itemMistakes(type, item, definition));
  if (mistakes.length === 0) return [];
  const explanation = definition.ConstraintDescription;
  const suffix = typeof explanation === 'string' ? ` (${explanation})` : '';
  return [`${shownText} ${[...new Set(mistakes)].join('; ')}${suffix}`];
}

function itemMistakes(type: ParameterType, item: string, definition: Definition): string[] {
  const numeric = type === 'Number' || type === 'List<Number>';
  if (numeric && !NUMBER.test(item)) return ['is not a number'];
  const mistakes = numeric
    ? boundMistakes(Number(item), definition, 'MinValue', 'MaxValue', 'must be')
    : boundMistakes(item.length, definition, 'MinLength', 'MaxLength', 'must have a length of');
  const allowed = definition.AllowedValues;
  if (Array.isArray(allowed) && !allowed.some((choice) => textOf(choice as Json) === item)) {
    mistakes.push(`must be one of ${allowed.join(', ')}`);
  }
  const pattern = definition.AllowedPattern;
  if (!numeric && pattern !== undefined && !wholePattern(pattern)?.test(item)) {
    mistakes.push(`must match ${String(pattern)}`);
  }
  return mistakes;
}

function boundMistakes(
  size: number,
  definition: Definition,
  lowest: 'MinValue' | 'MinLength',
  highest: 'MaxValue' | 'MaxLength',
  words: string,
): string[] {
  const [low, high] = [definition[lowest], definition[highest]];
  const mistakes: string[] = [];
  if (low !== undefined && size < Number(low)) mistakes.push(`${words} at least ${String(low)}`);
  if (high !== undefined && size > Number(high)) mistakes.push(`${words} at most ${String(high)}`);
  return mistakes;
}

/** CloudFormation's pattern must match the whole value. */
function wholePattern(pattern: Json): RegExp | null {
  try {
    return new RegExp(`^(?:${String(pattern)})$`);
  } catch {
    return null;
  }
}
