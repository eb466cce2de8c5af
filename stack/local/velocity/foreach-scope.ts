/** `$foreach` of one loop. */
import { HostObject, type JavaValue } from './java/values.ts';

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
