/** Where references look for their values: the template's own variables, and within a macro its arguments before them. */
import { HostObject, type JavaValue } from './java/values.ts';
import type { Expression } from './syntax-tree.ts';

export class Scope {
  readonly depth: number = 0;
  readonly #values = new Map<string, JavaValue>();

  get(name: string): JavaValue {
    return this.#values.get(name) ?? null;
  }
  set(name: string, value: JavaValue): void {
    this.#values.set(name, value);
  }
  remove(name: string): void {
    this.#values.delete(name);
  }
  /** What the call of a macro passed for a name, as text; undefined for any other name. */
  argumentSource(_name: string): string | undefined {
    return undefined;
  }
}

/** Arguments are passed by name: each use of a parameter evaluates them again, in the scope of the caller. */
export class MacroScope extends Scope {
  override readonly depth: number;
  readonly #caller: Scope;
  readonly #arguments: Map<string, Expression>;
  readonly #evaluate: (argument: Expression, scope: Scope) => JavaValue;

  constructor(
    caller: Scope,
    args: Map<string, Expression>,
    evaluate: (argument: Expression, scope: Scope) => JavaValue,
  ) {
    super();
    this.depth = caller.depth + 1;
    this.#caller = caller;
    this.#arguments = args;
    this.#evaluate = evaluate;
  }

  override get(name: string): JavaValue {
    const own = super.get(name);
    if (own !== null) return own;
    const argument = this.#arguments.get(name);
    return argument === undefined ? this.#caller.get(name) : this.#evaluate(argument, this.#caller);
  }
  override set(name: string, value: JavaValue): void {
    super.set(name, value);
    this.#caller.set(name, value);
  }
  setOwn(name: string, value: JavaValue): void {
    super.set(name, value);
  }
  override remove(name: string): void {
    super.remove(name);
    this.#arguments.delete(name);
    this.#caller.remove(name);
  }
  override argumentSource(name: string): string | undefined {
    return this.#arguments.get(name)?.source ?? this.#caller.argumentSource(name);
  }
}

/** A loop over an element that is null: its variable has no value, not even an outer one. */
export class NullScope extends Scope {
  override readonly depth: number;
  readonly #outer: Scope;
  readonly #name: string;
  #isActive = true;

  constructor(outer: Scope, name: string) {
    super();
    this.depth = outer.depth;
    this.#outer = outer;
    this.#name = name;
  }

  override get(name: string): JavaValue {
    return this.#isActive && name === this.#name ? null : this.#outer.get(name);
  }
  override set(name: string, value: JavaValue): void {
    this.#outer.set(name, value);
  }
  override remove(name: string): void {
    if (name === this.#name) this.#isActive = false;
    this.#outer.remove(name);
  }
  override argumentSource(name: string): string | undefined {
    return this.#outer.argumentSource(name);
  }
}

const MEMBERS: Readonly<Record<string, (scope: ForeachScope) => JavaValue>> = {
  index: (scope) => scope.at,
  count: (scope) => scope.at + 1,
  hasNext: (scope) => scope.hasNext,
  first: (scope) => scope.at < 1,
  last: (scope) => !scope.hasNext,
  parent: (scope) => scope.parent,
  topmost: (scope) => scope.topmost,
};

/** Names of what `$foreach` has; `stop`, `info` and its use as a map are not modelled. */
export const FOREACH_MEMBERS: ReadonlySet<string> = new Set(Object.keys(MEMBERS));

/** `$foreach` of one loop. */
export class ForeachScope extends HostObject {
  readonly parent: ForeachScope | null;
  at = -1;
  hasNext = false;

  constructor(outer: JavaValue) {
    super();
    this.parent = outer instanceof ForeachScope ? outer : null;
  }

  get topmost(): ForeachScope {
    return this.parent?.topmost ?? this;
  }

  property(name: string): JavaValue {
    return MEMBERS[name]?.(this) ?? null;
  }

  call(name: string, args: readonly JavaValue[]): JavaValue | undefined {
    if (args.length > 0) return undefined;
    if (name === 'hasNext') return this.hasNext;
    const [, verb, first = '', rest = ''] = /^(get|is)([A-Z])(\w*)$/.exec(name) ?? [];
    const member = first.toLowerCase() + rest;
    if (verb === 'is' && member !== 'first' && member !== 'last') return undefined;
    return MEMBERS[member]?.(this);
  }

  text(): string {
    return '{}';
  }
}
