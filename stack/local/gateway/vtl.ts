/**
 * Checks mapping templates when the stage starts, and renders them: Velocity 1.7 with API Gateway's variables. What a
 * client sends is data to a template: it is inserted, and never read as template text.
 */
import { render } from '../velocity/interpreter.ts';
import { hasMethod, isRefusedMethod } from '../velocity/java/methods.ts';
import { classOf, type JavaClass } from '../velocity/java/objects.ts';
import { javaRegex } from '../velocity/java/regex.ts';
import { FOREACH_MEMBERS } from '../velocity/scope.ts';
import {
  type Expression,
  nodesIn,
  type Reference,
  type Step,
  type Template,
} from '../velocity/syntax-tree.ts';
import { parseTemplate } from '../velocity/template-parser.ts';
import {
  CONTEXT_MEMBERS,
  ContextVariable,
  IDENTITY_MEMBERS,
  InputVariable,
  pathOf,
  type TemplateVariables,
  UTIL_FUNCTIONS,
  UtilVariable,
} from './vtl-variables.ts';

const UTIL = new UtilVariable();

export class MappingTemplate {
  readonly #template: Template;

  /**
   * Throws an Error that names the line when the text is not a template, or has what would not be rendered as on AWS.
   * The stage variables are those of each stage that the template may run on.
   */
  constructor(text: string, stageVariables: readonly ReadonlySet<string>[] = []) {
    this.#template = parseTemplate(text);
    const problems = new TemplateCheck(stageVariables).problems(this.#template);
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  /** The rendered text. Throws what the template's own calls throw, such as parseJson on text that is not JSON. */
  render({ context, body, stageVariables }: TemplateVariables): string {
    return render(this.#template, [
      ['context', new ContextVariable(context)],
      ['input', new InputVariable(body)],
      ['util', UTIL],
      ['stageVariables', new Map(Object.entries(stageVariables))],
    ]);
  }
}

const GIVEN: ReadonlySet<string> = new Set(['input', 'util', 'context', 'stageVariables']);

/** Methods whose first argument is a regular expression. */
const PATTERN_METHODS: ReadonlySet<string> = new Set(['matches', 'replaceAll', 'replaceFirst', 'split']);

/** Methods of a string that give a string. */
const STRING_RESULTS: ReadonlySet<string> = new Set(
  'concat repeat replace replaceAll replaceFirst strip substring toLowerCase toString toUpperCase trim'.split(
    ' ',
  ),
);

/** Members of `$context` that are Longs; the others are Strings. */
const LONGS: ReadonlySet<string> = new Set(['connectedAt', 'requestTimeEpoch']);

type KnownType = JavaClass | null;
type Node = ReturnType<typeof nodesIn> extends Generator<infer N> ? N : never;

/**
 * What can be known of a mapping template before it is rendered. Members of `$input`, `$util`, `$context` and
 * `$stageVariables` that the stage has no value for, methods that a value of known type doesn't have, and Java that is not
 * modelled: on AWS they would give something, or nothing, and here something else. So they are refused, by name and line.
 */
class TemplateCheck {
  readonly #stageVariables: readonly ReadonlySet<string>[];
  readonly #problems = new Set<string>();
  /** Types of the template's own variables; null where a variable can have several, or one that isn't known. */
  readonly #types = new Map<string, KnownType>();

  constructor(stageVariables: readonly ReadonlySet<string>[]) {
    this.#stageVariables = stageVariables;
  }

  problems({ body, macros }: Template): string[] {
    for (const { parameters } of macros.values())
      for (const parameter of parameters) this.#assign(parameter, null);
    const nodes = [...nodesIn([body, ...[...macros.values()].map((macro) => macro.body)])];
    // A variable may be used before it is set: types are known when another pass finds no other.
    for (let before = -1; before !== this.#unknown; ) {
      before = this.#unknown;
      for (const node of nodes) this.#declare(node);
    }
    for (const node of nodes) this.#node(node);
    return [...this.#problems];
  }

  get #unknown(): number {
    return [...this.#types.values()].filter((type) => type === null).length;
  }

  #assign(name: string, type: KnownType): void {
    const known = this.#types.get(name);
    this.#types.set(name, known === undefined || known === type ? type : null);
  }

  #declare(node: Node): void {
    if (node.kind === 'set' && node.target.steps.length === 0)
      this.#assign(node.target.root, this.#typeOf(node.value));
    if (node.kind === 'foreach') this.#assign(node.variable, null);
    if (node.kind === 'define') this.#assign(node.name, null);
  }

  #node(node: Node): void {
    if (node.kind === 'reference') this.#reference(node);
    if (node.kind === 'set' && GIVEN.has(node.target.root))
      this.#refuse(node.line, `${node.target.source} cannot be set`);
    if (node.kind === 'foreach' && GIVEN.has(node.variable))
      this.#refuse(null, `#foreach($${node.variable} in …): the name is taken`);
    if (node.kind === 'define' && GIVEN.has(node.name))
      this.#refuse(null, `#define($${node.name}): the name is taken`);
  }

  #reference(reference: Reference): void {
    const { root, steps, line } = reference;
    const reason = Object.hasOwn(this.#given, root) ? this.#given[root]!(reference) : null;
    if (reason !== null) {
      this.#refuse(line, reason);
      return;
    }
    let type = this.#rootType(reference);
    for (const step of steps.slice(GIVEN.has(root) ? givenSteps(reference) : 0)) {
      this.#step(step, type, line);
      type = type === 'String' && step.kind === 'method' && STRING_RESULTS.has(step.name) ? 'String' : null;
    }
  }

  #step(step: Step, type: KnownType, line: number): void {
    if (step.kind === 'property') this.#property(step.name, type, line);
    if (step.kind !== 'method') return;
    const { name, args } = step;
    if (isRefusedMethod(name)) this.#refuse(line, `the method ${name} is not supported`);
    else if (isJava(type) && !hasMethod(type, name))
      this.#refuse(line, `${type} has no method ${name}, or none that is supported`);
    const [first] = args;
    if (PATTERN_METHODS.has(name) && first?.kind === 'constant' && typeof first.value === 'string') {
      const reason = failureOf(javaRegex, first.value);
      if (reason !== null) this.#refuse(line, reason);
    }
  }

  #property(name: string, type: KnownType, line: number): void {
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    const getters = [`get${name}`, `get${capital}`, `is${name}`, `is${capital}`];
    if (name === 'class')
      this.#refuse(line, 'the property class is not supported; a member of that name is .get("class")');
    else if (isJava(type) && type !== 'Map' && !getters.some((getter) => hasMethod(type, getter)))
      this.#refuse(line, `${type} has no property ${name}`);
  }

  /** Why a reference to a variable that a template is given, or that a loop gives it, is refused; null when it is not. */
  readonly #given: Readonly<Record<string, (reference: Reference) => string | null>> = {
    input: ({ steps: [step], source }) => {
      if (step?.kind === 'property' && step.name === 'body') return null;
      const { name = '', args = [] } = step?.kind === 'method' ? step : {};
      const [path] = args;
      if (name === 'params' && args.length <= 1) return null;
      if ((name === 'json' || name === 'path') && path !== undefined && args.length === 1)
        return path.kind === 'constant' ? failureOf(pathOf, String(path.value)) : null;
      return `${source} is not supported; $input has body, json(path), path(path), params() and params(name)`;
    },
    util: ({ steps: [step], source }) => {
      if (step?.kind === 'method' && step.args.length === 1 && UTIL_FUNCTIONS.has(step.name)) return null;
      const functions = [...UTIL_FUNCTIONS].join(', ');
      return `${source} is not supported; $util has ${functions}, of one argument each`;
    },
    context: ({ steps: [first, second], source }) => {
      const name = memberOf(first);
      const isIdentity = name === 'identity';
      const member = isIdentity ? memberOf(second) : name;
      const members = isIdentity ? IDENTITY_MEMBERS : CONTEXT_MEMBERS;
      if (member !== null && members.has(member)) return null;
      const owner = isIdentity ? '$context.identity' : '$context';
      return `${source} has no value on the local stage; ${owner} has ${[...members].join(', ')}`;
    },
    stageVariables: ({ steps: [first], source }) => {
      const name = memberOf(first);
      if (name === null || this.#stageVariables.every((names) => names.has(name))) return null;
      return `${source} is not set: StageVariables of the stage has no ${name}`;
    },
    foreach: ({ steps: [first], source }) => {
      if (this.#types.has('foreach') || first === undefined) return null;
      const isMember = first.kind === 'property' && FOREACH_MEMBERS.has(first.name);
      const isMethod = first.kind === 'method' && /^(?:hasNext|(?:get|is)[A-Z]\w*)$/.test(first.name);
      if (isMember || isMethod) return null;
      return `${source} is not supported; $foreach has ${[...FOREACH_MEMBERS].join(', ')}`;
    },
  };

  #typeOf(expression: Expression): KnownType {
    switch (expression.kind) {
      case 'constant':
        return classOf(expression.value);
      case 'interpolated':
        return 'String';
      case 'reference':
        return expression.steps.length === (GIVEN.has(expression.root) ? givenSteps(expression) : 0)
          ? this.#rootType(expression)
          : null;
      case 'list':
      case 'range':
        return 'List';
      case 'map':
        return 'Map';
      default:
        return null;
    }
  }

  /** Type of the variable, or of the member of a given one. */
  #rootType({ root, steps: [first] }: Reference): KnownType {
    if (!GIVEN.has(root)) return this.#types.get(root) ?? null;
    const name = first?.kind === 'index' ? null : (first?.name ?? null);
    if (root === 'context') return name === 'get' ? null : LONGS.has(name ?? '') ? 'Long' : 'String';
    if (root === 'input') return name === 'body' || name === 'json' ? 'String' : null;
    if (root === 'util') return name === 'parseJson' ? null : 'String';
    return first?.kind === 'property' ? 'String' : null;
  }

  #refuse(line: number | null, reason: string): void {
    this.#problems.add(line === null ? reason : `line ${line}: ${reason}`);
  }
}

function isJava(type: KnownType): type is Exclude<JavaClass, 'Host'> {
  return type !== null && type !== 'Host';
}

/** What the reading of a text throws; null when it does not. */
function failureOf(read: (text: string) => unknown, text: string): string | null {
  try {
    read(text);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** How many steps lead from a given variable to a value of Java's. */
function givenSteps({ root, steps: [first] }: Reference): number {
  if (root === 'context' && memberOf(first) === 'identity') return 2;
  return root === 'stageVariables' && first?.kind === 'method' ? 0 : 1;
}

/** The member that a step names, as property, by `get` or as index; null when it names none, or one not known beforehand. */
function memberOf(step: Step | undefined): string | null {
  if (step?.kind === 'property') return step.name;
  const isGet = step?.kind === 'method' && step.name === 'get';
  const key = isGet ? step.args[0] : step?.kind === 'index' ? step.index : null;
  return key?.kind === 'constant' && typeof key.value === 'string' ? key.value : null;
}
