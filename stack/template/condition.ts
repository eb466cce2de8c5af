/**
 * The section Conditions. A condition is decided when first asked for and then remembered. Conditions see parameters
 * and pseudo parameters only, as CloudFormation decides them before any resource exists.
 */
import { evaluate, type Scope } from './expression.ts';
import type { Json } from './resolved.ts';
import { isMapping, shown, textOf, UNKNOWN } from './value.ts';

type Verdict = boolean | typeof UNKNOWN;

/** CloudFormation's limit on the members of Fn::And and Fn::Or. */
const MEMBERS_LIMIT = 10;

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
    const place = `${path}.${name}`;
    if (others.length === 0) {
      if (name === 'Condition' && typeof argument === 'string') return this.holds(argument, place);
      if (name === 'Fn::Equals') return this.#equal(argument, place);
      if (name === 'Fn::And') return this.#combined(argument, place, [2, MEMBERS_LIMIT], false);
      if (name === 'Fn::Or') return this.#combined(argument, place, [2, MEMBERS_LIMIT], true);
      if (name === 'Fn::Not') {
        const holds = this.#combined(argument, place, [1, 1], true);
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
    [fewest, most]: readonly [number, number],
    deciding: boolean,
  ): Verdict {
    if (!Array.isArray(argument) || argument.length < fewest || argument.length > most)
      return this.#problem(path, `takes a list of ${fewest === most ? fewest : `${fewest} to ${most}`}`);
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
