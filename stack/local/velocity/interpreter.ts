/**
 * Renders a parsed template as Velocity 1.7 does with its default properties. References without a value are printed
 * as they are written, `#set` of null changes nothing, only null and false are false, text is never evaluated again.
 */
import { callMethod, propertyOf } from './java/methods.ts';
import { calculate, compareNumbers, intValue } from './java/numbers.ts';
import { classOf, equals, textOrNull } from './java/objects.ts';
import {
  HostObject,
  isNumber,
  JavaList,
  type JavaValue,
  MISSING,
  present,
  TemplateFailure,
} from './java/values.ts';
import { ForeachScope, MacroScope, NullScope, Scope } from './scope.ts';
import type { Block, Escape, Expression, Reference, Statement, Step, Template } from './syntax-tree.ts';

/** Calls of macros within macros (velocimacro.max.depth), and of a block within itself (directive.define.max.depth). */
const DEEPEST_CALL = 20;
const DEEPEST_BLOCK = 2;

/** Ends loops, blocks and macros: the nearest, the one that is named, or all. */
class Stop {
  readonly loop: JavaValue;
  readonly isAll: boolean;

  constructor(loop: JavaValue, isAll: boolean) {
    this.loop = loop;
    this.isAll = isAll;
  }

  endsNearest(): boolean {
    return !this.isAll && this.loop === null;
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

class Rendering {
  readonly #template: Template;
  #scope = new Scope();
  #output = '';

  constructor(template: Template, variables: Iterable<readonly [string, JavaValue]>) {
    this.#template = template;
    for (const [name, value] of variables) this.#scope.set(name, value);
  }

  whole(): string {
    this.#stoppable(null, () => this.#block(this.#template.body), true);
    return this.#output;
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
      case 'if':
        this.#block(
          statement.branches.find(({ condition }) => this.#isTrue(condition))?.body ?? statement.otherwise,
        );
        return;
      case 'set':
        this.#set(statement.target, this.#value(statement.value));
        return;
      case 'foreach':
        this.#foreach(statement);
        return;
      case 'define':
        this.#define(statement.name, statement.body);
        return;
      case 'call':
        this.#call(statement);
        return;
      case 'break':
        throw new Stop(this.#loop(statement.scope), false);
      case 'stop':
        throw new Stop(null, true);
    }
  }

  #loop(scope: Expression | null): JavaValue {
    if (scope === null) return null;
    const loop = this.#value(scope);
    if (!(loop instanceof ForeachScope)) throw new TemplateFailure(`#break: ${scope.source} is not a loop`);
    return loop;
  }

  /** Runs what a stop may end; true when one did. */
  #stoppable(loop: JavaValue, run: () => void, isWhole = false): boolean {
    try {
      run();
      return false;
    } catch (error) {
      if (error instanceof Stop && (isWhole || error.endsNearest() || (loop !== null && error.loop === loop)))
        return true;
      throw error;
    }
  }

  #print(reference: Reference, { backslashes, isEscaped, prefix }: Escape): void {
    const value = this.#resolve(reference);
    if (isEscaped) {
      this.#output += `${backslashes}${value === null ? '\\' : ''}${this.#nameOf(reference)}`;
      return;
    }
    const text = textOrNull(value);
    if (text !== null) this.#output += backslashes + prefix + text;
    else
      this.#output += backslashes + backslashes + prefix + (reference.isQuiet ? '' : this.#nameOf(reference));
  }

  /** What is printed in place of a value; in a macro, what its call passed for the parameter. */
  #nameOf({ source }: Reference): string {
    return this.#scope.argumentSource(source.slice(1)) ?? source;
  }

  #set(target: Reference, value: JavaValue): void {
    if (value === null) return;
    const last = target.steps.at(-1);
    if (last === undefined) {
      this.#scope.set(target.root, value);
      return;
    }
    let owner = this.#scope.get(target.root);
    for (const step of target.steps.slice(0, -1)) if (owner !== null) owner = this.#step(owner, step);
    if (owner === null) return;
    if (last.kind !== 'index') {
      callMethod(owner, 'put', [last.name, value]);
      return;
    }
    const index = this.#index(owner, last.index);
    if (callMethod(owner, 'set', [index, value]) === undefined) callMethod(owner, 'put', [index, value]);
  }

  #foreach({ variable, list, body }: Extract<Statement, { kind: 'foreach' }>): void {
    const items = itemsOf(this.#value(list));
    if (items === null) return;
    const outer = this.#scope;
    const saved = ['velocityCount', 'velocityHasNext', variable].map(
      (name) => [name, outer.get(name)] as const,
    );
    const previous = outer.get('foreach');
    const loop = new ForeachScope(previous);
    outer.set('foreach', loop);
    try {
      this.#stoppable(loop, () => {
        for (const [index, item] of items.entries()) {
          loop.at = index;
          loop.hasNext = index + 1 < items.length;
          outer.set('velocityCount', index + 1);
          outer.set('velocityHasNext', loop.hasNext);
          this.#scope = item === null ? new NullScope(outer, variable) : outer;
          if (item !== null) outer.set(variable, item);
          this.#block(body);
        }
      });
    } finally {
      this.#scope = outer;
      for (const [name, value] of saved) restoreIn(outer, name, value);
      restoreIn(outer, 'foreach', previous);
    }
  }

  #define(name: string, body: Block): void {
    this.#scope.set(name, new DefinedBlock(() => this.#captured(body)));
  }

  /** What a block prints; a stop may end it. */
  #captured(body: Block): string {
    return this.#printedBy(() => this.#stoppable(null, () => this.#block(body)));
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

  #call({ name, args, body, source }: Extract<Statement, { kind: 'call' }>): void {
    const macro = this.#template.macros.get(name);
    if (macro === undefined) {
      this.#output += source;
      return;
    }
    const caller = this.#scope;
    if (caller.depth >= DEEPEST_CALL)
      throw new TemplateFailure(`macros call each other more than ${DEEPEST_CALL} deep (#${name})`);
    const passed = new Map<string, Expression>();
    macro.parameters.forEach((parameter, index) => {
      const argument = args[index];
      if (argument !== undefined) passed.set(parameter, argument);
    });
    const scope = new MacroScope(caller, passed, (argument, where) =>
      this.#within(where, () => this.#value(argument)),
    );
    if (body !== null) scope.setOwn('bodyContent', new DefinedBlock(() => this.#captured(body)));
    this.#within(scope, () => this.#stoppable(null, () => this.#block(macro.body)));
  }

  #within<T>(scope: Scope, run: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return run();
    } finally {
      this.#scope = outer;
    }
  }

  #value(expression: Expression): JavaValue {
    switch (expression.kind) {
      case 'constant':
        return expression.value;
      case 'reference':
        return this.#resolve(expression);
      case 'interpolated':
        return this.#printedBy(() => this.#block(expression.body)).slice(
          0,
          expression.dropsLast ? -1 : undefined,
        );
      case 'list':
        return new JavaList(expression.items.map((item) => this.#value(item)));
      case 'map':
        return new Map(
          expression.entries.map(([key, value]) => [present(this.#value(key)), this.#value(value)]),
        );
      case 'range':
        return this.#range(expression.from, expression.to);
      case 'not':
        return !this.#isTrue(expression.operand);
      case 'binary':
        return this.#binary(expression);
    }
  }

  #range(first: Expression, last: Expression): JavaValue {
    const from = this.#value(first);
    const to = this.#value(last);
    if (!isNumber(from) || !isNumber(to)) return null;
    const start = intValue(from);
    const step = start >= intValue(to) ? -1 : 1;
    const length = Math.abs(intValue(to) - start) + 1;
    return new JavaList(Array.from({ length }, (_, index) => start + index * step));
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): JavaValue {
    switch (operator) {
      case '&&':
        return this.#isTrue(left) && this.#isTrue(right);
      case '||':
        return this.#isTrue(left) || this.#isTrue(right);
      case '==':
        return areEqual(this.#value(left), this.#value(right));
      case '!=':
        return !areEqual(this.#value(left), this.#value(right));
      case '<':
      case '<=':
      case '>':
      case '>=':
        return isOrdered(operator, this.#value(left), this.#value(right));
      case '+':
        return this.#sum(left, right);
      default: {
        const [first, second] = [this.#value(left), this.#value(right)];
        return isNumber(first) && isNumber(second) ? calculate(operator, first, second) : null;
      }
    }
  }

  /** With a string on either side it is put together, a null as it is written. */
  #sum(left: Expression, right: Expression): JavaValue {
    const first = present(this.#value(left));
    const second = present(this.#value(right));
    if (typeof first === 'string' || typeof second === 'string')
      return (textOrNull(first) ?? left.source) + (textOrNull(second) ?? right.source);
    return isNumber(first) && isNumber(second) ? calculate('+', first, second) : null;
  }

  /** A literal other than true is false in a condition, and so is the result of a calculation. */
  #isTrue(expression: Expression): boolean {
    switch (expression.kind) {
      case 'reference': {
        const value = this.#resolve(expression);
        return typeof value === 'boolean' ? value : value !== MISSING && textOrNull(value) !== null;
      }
      case 'binary':
      case 'not':
      case 'constant':
        return this.#value(expression) === true;
      default:
        return false;
    }
  }

  #resolve({ root, steps }: Reference): JavaValue {
    let value = this.#scope.get(root);
    for (const step of steps) {
      if (value === null) return null;
      value = this.#step(value, step);
    }
    return value;
  }

  #step(target: NonNullable<JavaValue>, step: Step): JavaValue {
    switch (step.kind) {
      case 'property':
        return propertyOf(target, step.name);
      case 'method':
        return this.#callOn(target, step) ?? null;
      case 'index':
        return callMethod(target, 'get', [this.#index(target, step.index)]) ?? null;
    }
  }

  #callOn(target: NonNullable<JavaValue>, { name, args }: Extract<Step, { kind: 'method' }>) {
    const values = args.map((arg) => this.#value(arg));
    return callMethod(target, name, values);
  }

  /** A negative index counts from the end. */
  #index(target: NonNullable<JavaValue>, expression: Expression): JavaValue {
    const index = this.#value(expression);
    if (typeof index !== 'number' || index >= 0) return index;
    const size = callMethod(target, 'size', []);
    if (typeof size !== 'number')
      throw new TemplateFailure(`[${index}] of a ${classOf(target)}, which has no size`);
    return size + index;
  }
}

function restoreIn(scope: Scope, name: string, value: JavaValue): void {
  if (value === null) scope.remove(name);
  else scope.set(name, value);
}

/** What a loop goes through: a list, or the values of a map. */
function itemsOf(value: JavaValue): readonly JavaValue[] | null {
  if (value instanceof JavaList) return value.items;
  return value instanceof Map ? [...value.values()] : null;
}

/** Objects of different classes are equal when they print the same. */
function areEqual(first: JavaValue, second: JavaValue): boolean {
  const left = present(first);
  const right = present(second);
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (left !== null && right !== null && classOf(left) === classOf(right) && !(left instanceof HostObject))
    return equals(left, right);
  return textOrNull(left) === textOrNull(right);
}

function isOrdered(operator: '<' | '<=' | '>' | '>=', left: JavaValue, right: JavaValue): boolean {
  if (!isNumber(left) || !isNumber(right)) return false;
  const order = compareNumbers(left, right);
  if (order === 0) return operator === '<=' || operator === '>=';
  return order < 0 === (operator === '<' || operator === '<=');
}

/** Renders a template. Throws a {@link TemplateFailure} when one of its calls does. */
export function render(template: Template, variables: Iterable<readonly [string, JavaValue]>): string {
  return new Rendering(template, variables).whole();
}
