/**
 * Renders a parsed template as Velocity 1.7 does with its default properties. References without a value are printed as
 * they are written, `#set` of null changes nothing, only null and false are false, text is never evaluated again.
 */
import { Evaluator } from './evaluator.ts';
import { callMethod } from './java/methods.ts';
import { textOrNull } from './java/objects.ts';
import { HostObject, JavaList, type JavaValue, TemplateFailure } from './java/values.ts';
import { ForeachScope, MacroScope, NullScope, type Scope } from './scope.ts';
import type { Block, Escape, Expression, Reference, Statement, Template } from './syntax-tree.ts';

/** Calls of macros within macros (velocimacro.max.depth), and of a block within itself (directive.define.max.depth). */
const DEEPEST_CALL = 20;
const DEEPEST_BLOCK = 2;

/** Ends loops, blocks and macros: the nearest, the loop that is named, or all. */
class Stop {
  readonly ends: 'nearest' | 'all' | ForeachScope;

  constructor(ends: 'nearest' | 'all' | ForeachScope) {
    this.ends = ends;
  }
}

/** Runs what a stop may end: any, or the whole template. */
function stoppable(run: () => void, loop: ForeachScope | 'nearest' | 'all' = 'nearest'): void {
  try {
    run();
  } catch (error) {
    const isEnd =
      error instanceof Stop && (loop === 'all' || error.ends === 'nearest' || error.ends === loop);
    if (!isEnd) throw error;
  }
}

/** What `#define` gives: rendered anew wherever it is used. */
class DefinedBlock extends HostObject {
  readonly #render: () => string;
  #depth = 0;

  constructor(render: () => string) {
    super();
    this.#render = render;
  }

  property(): null {
    return null;
  }
  call(): undefined {
    return undefined;
  }
  text(): string | null {
    if (this.#depth >= DEEPEST_BLOCK) return null;
    this.#depth += 1;
    try {
      return this.#render();
    } finally {
      this.#depth -= 1;
    }
  }
}

class Rendering extends Evaluator {
  readonly #template: Template;
  #output = '';

  constructor(template: Template, variables: Iterable<readonly [string, JavaValue]>) {
    super();
    this.#template = template;
    for (const [name, value] of variables) this.scope.set(name, value);
  }

  whole(): string {
    stoppable(() => this.#block(this.#template.body), 'all');
    return this.#output;
  }

  protected override printed(block: Block): string {
    return this.#printedBy(() => this.#block(block));
  }

  #printedBy(run: () => void): string {
    const output = this.#output;
    this.#output = '';
    try {
      run();
      return this.#output;
    } finally {
      this.#output = output;
    }
  }

  #block(block: Block): void {
    for (const statement of block) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'text':
        this.#output += statement.text;
        return;
      case 'output':
        this.#print(statement.reference, statement.marks);
        return;
      case 'if': {
        const taken = statement.branches.find(({ condition }) => this.isTrue(condition));
        this.#block(taken?.body ?? statement.otherwise);
        return;
      }
      case 'set':
        this.#set(statement.target, this.value(statement.value));
        return;
      case 'foreach':
        this.#foreach(statement);
        return;
      case 'define':
        this.scope.set(statement.name, this.#defined(statement.body));
        return;
      case 'call':
        this.#call(statement);
        return;
      case 'break':
        throw new Stop(statement.scope === null ? 'nearest' : this.#loop(statement.scope));
      case 'stop':
        throw new Stop('all');
    }
  }

  #loop(scope: Expression): ForeachScope {
    const loop = this.value(scope);
    if (loop instanceof ForeachScope) return loop;
    throw new TemplateFailure(`#break: ${scope.source} is not a loop`);
  }

  #print(reference: Reference, { backslashes, isEscaped, prefix }: Escape): void {
    const value = this.resolve(reference);
    // In a macro, what its call passed for the parameter is printed in place of a value.
    const name = this.scope.argumentSource(reference.source.slice(1)) ?? reference.source;
    if (isEscaped) {
      this.#output += `${backslashes}${value === null ? '\\' : ''}${name}`;
      return;
    }
    const text = textOrNull(value);
    if (text !== null) this.#output += backslashes + prefix + text;
    else this.#output += backslashes + backslashes + prefix + (reference.isQuiet ? '' : name);
  }

  #set({ root, steps }: Reference, value: JavaValue): void {
    if (value === null) return;
    const last = steps.at(-1);
    if (last === undefined) {
      this.scope.set(root, value);
      return;
    }
    const owner = this.follow(this.scope.get(root), steps.slice(0, -1));
    if (owner === null) return;
    if (last.kind !== 'index') {
      callMethod(owner, 'put', [last.name, value]);
      return;
    }
    const index = this.indexOf(owner, last.index);
    if (callMethod(owner, 'set', [index, value]) === undefined) callMethod(owner, 'put', [index, value]);
  }

  #foreach({ variable, list, body }: Extract<Statement, { kind: 'foreach' }>): void {
    const items = itemsOf(this.value(list));
    if (items === null) return;
    const outer = this.scope;
    const saved = ['velocityCount', 'velocityHasNext', variable, 'foreach'].map(
      (name) => [name, outer.get(name)] as const,
    );
    const loop = new ForeachScope(outer.get('foreach'));
    outer.set('foreach', loop);
    try {
      stoppable(() => {
        for (const [index, item] of items.entries()) {
          loop.at = index;
          loop.hasNext = index + 1 < items.length;
          outer.set('velocityCount', index + 1);
          outer.set('velocityHasNext', loop.hasNext);
          this.scope = item === null ? new NullScope(outer, variable) : outer;
          if (item !== null) outer.set(variable, item);
          this.#block(body);
        }
      }, loop);
    } finally {
      this.scope = outer;
      for (const [name, value] of saved) {
        if (value === null) outer.remove(name);
        else outer.set(name, value);
      }
    }
  }

  #defined(body: Block): DefinedBlock {
    return new DefinedBlock(() => this.#printedBy(() => stoppable(() => this.#block(body))));
  }

  #call({ name, args, body, source }: Extract<Statement, { kind: 'call' }>): void {
    const macro = this.#template.macros.get(name);
    if (macro === undefined) {
      this.#output += source;
      return;
    }
    if (this.scope.depth >= DEEPEST_CALL)
      throw new TemplateFailure(`macros call each other more than ${DEEPEST_CALL} deep (#${name})`);
    const passed = macro.parameters.flatMap((parameter, index) =>
      args[index] === undefined ? [] : [[parameter, args[index]] as const],
    );
    const scope = new MacroScope(this.scope, new Map(passed), (argument, where) =>
      this.#within(where, () => this.value(argument)),
    );
    if (body !== null) scope.setOwn('bodyContent', this.#defined(body));
    this.#within(scope, () => stoppable(() => this.#block(macro.body)));
  }

  #within<T>(scope: Scope, run: () => T): T {
    const outer = this.scope;
    this.scope = scope;
    try {
      return run();
    } finally {
      this.scope = outer;
    }
  }
}

/** What a loop goes through: a list, or the values of a map. */
function itemsOf(value: JavaValue): readonly JavaValue[] | null {
  if (value instanceof JavaList) return value.items;
  return value instanceof Map ? [...value.values()] : null;
}

/** Renders a template. Throws a {@link TemplateFailure} when one of its calls does. */
export function render(template: Template, variables: Iterable<readonly [string, JavaValue]>): string {
  return new Rendering(template, variables).whole();
}
