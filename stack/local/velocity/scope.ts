/** Where references look for their values: the template's own variables, and within a macro its arguments before them. */
import { HostObject, type JavaValue } from './java/values.ts';
import type { Expression } from './syntax-tree.ts';

export interface Scope {
  get(name: string): JavaValue;
  set(name: string, value: JavaValue): void;
  remove(name: string): void;
  /** What the call of a macro passed for a name, as text; undefined for any other name. */
  argumentSource(name: string): string | undefined;
  readonly depth: number;
}

export class GlobalScope implements Scope {
  readonly depth = 0;
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
  argumentSource(): undefined {
    return undefined;
  }
}

/** Arguments are passed by name: each use of a parameter evaluates them again, in the scope of the caller. */
export class MacroScope implements Scope {
  readonly depth: number;
  readonly #caller: Scope;
  readonly #arguments: Map<string, Expression>;
  readonly #evaluate: (argument: Expression, scope: Scope) => JavaValue;
  readonly #own = new Map<string, JavaValue>();

  constructor(
    caller: Scope,
    args: Map<string, Expression>,
    evaluate: (argument: Expression, scope: Scope) => JavaValue,
  ) {
    this.depth = caller.depth + 1;
    this.#caller = caller;
    this.#arguments = args;
    this.#evaluate = evaluate;
  }

  get(name: string): JavaValue {
    const own = this.#own.get(name) ?? null;
    if (own !== null) return own;
    const argument = this.#arguments.get(name);
    return argument === undefined ? this.#caller.get(name) : this.#evaluate(argument, this.#caller);
  }
  set(name: string, value: JavaValue): void {
    this.#own.set(name, value);
    this.#caller.set(name, value);
  }
  setOwn(name: string, value: JavaValue): void {
    this.#own.set(name, value);
  }
  remove(name: string): void {
    this.#own.delete(name);
    this.#arguments.delete(name);
    this.#caller.remove(name);
  }
  argumentSource(name: string): string | undefined {
    return this.#arguments.get(name)?.source ?? this.#caller.argumentSource(name);
  }
}

/** A loop over an element that is null: its variable has no value, not even an outer one. */
export class NullScope implements Scope {
  readonly depth: number;
  readonly #outer: Scope;
  readonly #name: string;
  #isActive = true;

  constructor(outer: Scope, name: string) {
    this.depth = outer.depth;
    this.#outer = outer;
    this.#name = name;
  }

  get(name: string): JavaValue {
    return this.#isActive && name === this.#name ? null : this.#outer.get(name);
  }
  set(name: string, value: JavaValue): void {
    this.#outer.set(name, value);
  }
  remove(name: string): void {
    if (name === this.#name) this.#isActive = false;
    this.#outer.remove(name);
  }
  argumentSource(name: string): string | undefined {
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
