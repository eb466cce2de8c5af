/**
 * Intrinsic functions and conditions. `evaluate` turns template JSON into a value, asking a {@link Scope} for everything
 * that has a name. It never throws for a mistake in the template: the mistake is reported once, with its path, and the
 * value is UNKNOWN. What CloudFormation has and this does not is refused by name.
 * Source: CloudFormation User Guide, "Intrinsic function reference".
 */
import type { Reported } from './problems.ts';
import { type Mapping, own } from './syntax.ts';
import { isMapping, type Json, NO_VALUE, shown, textOf, UNKNOWN, type Value } from './value.ts';

/** What names mean where an expression stands. Each reports what it can't tell, and returns UNKNOWN. */
export interface Scope {
  readonly problems: Reported;
  /** The section Mappings. */
  readonly mappings: Mapping;
  reference(name: string, path: string): Value;
  attribute(logicalId: string, attribute: string, path: string): Value;
  condition(name: string, path: string): boolean | typeof UNKNOWN;
  /** What another stack exports. */
  imported(name: string, path: string): Value;
}

type IntrinsicFunction = (argument: Json, path: string, scope: Scope) => Value;

/** The value of a template node. */
export function evaluate(node: Json, path: string, scope: Scope): Value {
  if (Array.isArray(node)) return evaluateList(node, path, scope);
  if (!isMapping(node)) return node;
  const name = functionName(node);
  if (name === null) return evaluateMapping(node, path, scope);
  if (Object.keys(node).length > 1) return scope.problems.add(path, `${name} must be the only key`);
  const inner = `${path}.${name}`;
  const refusal = REFUSED[name];
  if (refusal !== undefined) return scope.problems.add(inner, refusal);
  const apply = FUNCTIONS[name];
  if (apply === undefined) return scope.problems.add(inner, `unknown function ${name}`);
  return apply(node[name] as Json, inner, scope);
}

/** Name of the intrinsic function a mapping calls; null for a plain mapping. */
export function functionName(node: { readonly [key: string]: Json }): string | null {
  return Object.keys(node).find((key) => key === 'Ref' || key.startsWith('Fn::')) ?? null;
}

/** Every `${…}` of a Fn::Sub text. `${!x}` is the literal `${x}`. */
export const SUBSTITUTION = /\$\{(!?)([^}]*)\}/g;

const EXTENSION = 'needs the transform AWS::LanguageExtensions, which does not run locally';
const OF_CONDITIONS = 'belongs into the section Conditions; name the condition in Fn::If';

const REFUSED: Readonly<Record<string, string>> = {
  'Fn::GetAZs': 'Availability Zones do not exist locally',
  'Fn::Cidr': 'networks do not exist locally',
  'Fn::Transform': 'macros do not run locally; use the transformed template',
  'Fn::ForEach': EXTENSION,
  'Fn::Length': EXTENSION,
  'Fn::ToJsonString': EXTENSION,
  'Fn::And': OF_CONDITIONS,
  'Fn::Or': OF_CONDITIONS,
  'Fn::Not': OF_CONDITIONS,
  'Fn::Equals': OF_CONDITIONS,
  'Fn::Condition': OF_CONDITIONS,
};

const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  Ref(argument, path, scope) {
    if (typeof argument !== 'string') return scope.problems.add(path, 'takes a name');
    return scope.reference(argument, path);
  },
  'Fn::GetAtt'(argument, path, scope) {
    const parts = typeof argument === 'string' ? argument.split(/\.(.*)/s) : argument;
    const [logicalId, attribute] = Array.isArray(parts) ? parts : [];
    if (typeof logicalId !== 'string' || attribute === undefined) {
      return scope.problems.add(
        path,
        'takes a resource and an attribute: Resource.Attribute or [Resource, Attribute]',
      );
    }
    return withText(attribute, path, scope, (name) => scope.attribute(logicalId, name, path));
  },
  'Fn::If'(argument, path, scope) {
    const [name, whenTrue, whenFalse] = fixedList(argument, 3) ?? [];
    if (typeof name !== 'string')
      return scope.problems.add(path, 'takes [condition, value if true, value if false]');
    const holds = scope.condition(name, path);
    if (holds === UNKNOWN) return UNKNOWN;
    return holds
      ? evaluate(whenTrue as Json, `${path}.1`, scope)
      : evaluate(whenFalse as Json, `${path}.2`, scope);
  },
  'Fn::Sub'(argument, path, scope) {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    if (typeof template !== 'string' || !isMapping(variables as Json)) {
      return scope.problems.add(path, 'takes a text, or [text, {variable: value}]');
    }
    return substitute(template, variables as { readonly [key: string]: Json }, path, scope);
  },
  'Fn::Join'(argument, path, scope) {
    const [delimiter, list] = fixedList(argument, 2) ?? [];
    if (typeof delimiter !== 'string') return scope.problems.add(path, 'takes [delimiter, list]');
    return withList(list as Json, `${path}.1`, scope, (items) => {
      const texts = items.map((item, index) => scalarText(item, `${path}.1.${index}`, scope));
      return texts.includes(null) ? UNKNOWN : texts.join(delimiter);
    });
  },
  'Fn::Select'(argument, path, scope) {
    const [index, list] = fixedList(argument, 2) ?? [];
    if (index === undefined) return scope.problems.add(path, 'takes [index, list]');
    return withText(index, `${path}.0`, scope, (text) =>
      withList(list as Json, `${path}.1`, scope, (items) => {
        const item = /^\d+$/.test(text) ? items[Number(text)] : undefined;
        return (
          item ?? scope.problems.add(path, `index ${text} is not within the list's 0 to ${items.length - 1}`)
        );
      }),
    );
  },
  'Fn::Split'(argument, path, scope) {
    const [delimiter, source] = fixedList(argument, 2) ?? [];
    if (typeof delimiter !== 'string' || delimiter === '')
      return scope.problems.add(path, 'takes [delimiter, text]');
    return withText(source as Json, `${path}.1`, scope, (text) => text.split(delimiter));
  },
  'Fn::Base64'(argument, path, scope) {
    return withText(argument, path, scope, (text) => Buffer.from(text).toString('base64'));
  },
  'Fn::ImportValue'(argument, path, scope) {
    return withText(argument, path, scope, (name) => scope.imported(name, path));
  },
  'Fn::FindInMap'(argument, path, scope) {
    const keys = fixedList(argument, 3);
    if (keys === null) return scope.problems.add(path, 'takes [map, top-level key, second-level key]');
    const [map, first, second] = keys.map((key, index) => {
      const at = `${path}.${index}`;
      return scalarText(evaluate(key, at, scope), at, scope);
    });
    if (map == null || first == null || second == null) return UNKNOWN;
    const top = own(scope.mappings, map);
    if (top === undefined) return scope.problems.add(path, `no map ${map} in Mappings`);
    const inner = own(top, first);
    if (inner === undefined) return scope.problems.add(path, `map ${map} has no key ${first}`);
    const value = own(inner, second);
    return value ?? scope.problems.add(path, `map ${map} has no key ${second} at ${first}`);
  },
};

function evaluateList(nodes: readonly Json[], path: string, scope: Scope): Value {
  return nodes
    .map((item, index) => evaluate(item, `${path}.${index}`, scope))
    .filter((item) => item !== NO_VALUE);
}

function evaluateMapping(node: { readonly [key: string]: Json }, path: string, scope: Scope): Value {
  const entries = Object.entries(node).map(
    ([key, item]) => [key, evaluate(item, `${path}.${key}`, scope)] as const,
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

function substitute(
  template: string,
  variables: { readonly [key: string]: Json },
  path: string,
  scope: Scope,
): Value {
  let whole = true;
  const text = template.replace(SUBSTITUTION, (_, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    const value = scalarText(variable(name.trim(), variables, path, scope), path, scope);
    if (value === null) whole = false;
    return value ?? '';
  });
  return whole ? text : UNKNOWN;
}

function variable(
  name: string,
  variables: { readonly [key: string]: Json },
  path: string,
  scope: Scope,
): Value {
  if (!/^[A-Za-z0-9_.:]+$/.test(name)) {
    return scope.problems.add(path, `"\${${name}}" is not a name; write "\${!${name}}" for the literal text`);
  }
  if (Object.hasOwn(variables, name)) return evaluate(variables[name] as Json, `${path}.1.${name}`, scope);
  const dot = name.indexOf('.');
  return dot < 0
    ? scope.reference(name, path)
    : scope.attribute(name.slice(0, dot), name.slice(dot + 1), path);
}

function fixedList(argument: Json, length: number): readonly Json[] | null {
  return Array.isArray(argument) && argument.length === length ? argument : null;
}

function withText(node: Json, path: string, scope: Scope, use: (text: string) => Value): Value {
  const text = scalarText(evaluate(node, path, scope), path, scope);
  return text === null ? UNKNOWN : use(text);
}

function withList(node: Json, path: string, scope: Scope, use: (items: readonly Value[]) => Value): Value {
  const list = evaluate(node, path, scope);
  if (list === UNKNOWN) return UNKNOWN;
  return Array.isArray(list) ? use(list) : scope.problems.add(path, `must be a list, but is ${shown(list)}`);
}

function scalarText(value: Value, path: string, scope: Scope): string | null {
  const text = textOf(value);
  if (text === null && value !== UNKNOWN) scope.problems.add(path, `must be a text, but is ${shown(value)}`);
  return text;
}

type Verdict = boolean | typeof UNKNOWN;

/** CloudFormation's limit on the members of Fn::And and Fn::Or. */
const MEMBERS_LIMIT = 10;

/**
 * The section Conditions. A condition is decided when first asked for and then remembered. Conditions see parameters only,
 * as CloudFormation decides them before any resource exists.
 */
export class Conditions {
  readonly #definitions: { readonly [name: string]: Json };
  readonly #scope: Scope;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #deciding: string[] = [];

  /** `scope` must know parameters; resources are nothing to a condition. */
  constructor(definitions: { readonly [name: string]: Json }, scope: Omit<Scope, 'condition'>) {
    this.#definitions = definitions;
    this.#scope = { ...scope, condition: (name, path) => this.holds(name, path) };
  }

  /** Decides every condition, so that a mistake in one that nothing uses is found as well. */
  decideAll(): void {
    for (const name of Object.keys(this.#definitions)) this.holds(name, `Conditions.${name}`);
  }

  /** Whether the condition holds; `path` is where it was asked for. */
  holds(name: string, path: string): Verdict {
    if (!Object.hasOwn(this.#definitions, name))
      return this.#problem(path, unknownCondition(name, Object.keys(this.#definitions)));
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    if (this.#deciding.includes(name)) {
      return this.#problem(
        `Conditions.${name}`,
        `depends on itself: ${[...this.#deciding, name].join(' → ')}`,
      );
    }
    this.#deciding.push(name);
    const verdict = this.#decide(this.#definitions[name] as Json, `Conditions.${name}`);
    this.#deciding.pop();
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  #decide(node: Json, path: string): Verdict {
    const [[name, argument] = ['', null], ...others] = isMapping(node) ? Object.entries(node) : [];
    const inner = `${path}.${name}`;
    if (others.length === 0) {
      if (name === 'Condition' && typeof argument === 'string') return this.holds(argument, inner);
      if (name === 'Fn::Equals') return this.#equal(argument, inner);
      if (name === 'Fn::And') return this.#combined(argument, inner, [2, MEMBERS_LIMIT], false);
      if (name === 'Fn::Or') return this.#combined(argument, inner, [2, MEMBERS_LIMIT], true);
      if (name === 'Fn::Not') {
        const holds = this.#combined(argument, inner, [1, 1], true);
        return holds === UNKNOWN ? UNKNOWN : !holds;
      }
    }
    return this.#problem(path, 'must be one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition');
  }

  #equal(argument: Json, path: string): Verdict {
    if (!Array.isArray(argument) || argument.length !== 2) return this.#problem(path, 'takes two values');
    const [left, right] = argument.map((side, index) =>
      evaluate(side as Json, `${path}.${index}`, this.#scope),
    );
    if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
    return comparable(left) === comparable(right);
  }

  /** Three-valued: the value that decides wins over what is not known. */
  #combined(
    argument: Json,
    path: string,
    [least, most]: readonly [number, number],
    deciding: boolean,
  ): Verdict {
    if (!Array.isArray(argument) || argument.length < least || argument.length > most)
      return this.#problem(path, `takes a list of ${least === most ? least : `${least} to ${most}`}`);
    const members = argument.map((member, index) => this.#decide(member as Json, `${path}.${index}`));
    if (members.includes(deciding)) return deciding;
    return members.includes(UNKNOWN) ? UNKNOWN : !deciding;
  }

  #problem(path: string, text: string): typeof UNKNOWN {
    return this.#scope.problems.add(path, text);
  }
}

/** Message for a condition that does not exist. */
export function unknownCondition(name: string, known: readonly string[]): string {
  return `no condition ${name}; the template has ${known.length === 0 ? 'none' : known.join(', ')}`;
}

/** Numbers and booleans compare as the texts that parameters are. */
function comparable(value: Parameters<typeof shown>[0] | undefined): string {
  return value === undefined ? '' : (textOf(value) ?? shown(value));
}
