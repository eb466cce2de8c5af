/**
 * A template decided: text in, {@link ResolvedStack} out. Parameters take their values, conditions hold or not, intrinsic
 * functions become values, and every property is checked against the type table. Mistakes are gathered and thrown
 * together. Resources are resolved when first referred to, so their order is an order of creation and a cycle shows
 * itself.
 */
import type { Random } from '../../bench/ports.ts';
import { Conditions, unknownCondition } from './condition.ts';
import { evaluate, type Scope } from './expression.ts';
import { Naming } from './identity.ts';
import { checkLinks } from './link.ts';
import { isLookedUp, type ParameterValue, parametersInForce } from './parameter.ts';
import { Problems } from './problems.ts';
import { checkedProperties } from './property.ts';
import { pseudoParameters } from './pseudo.ts';
import { namesUsed } from './reference.ts';
import type { Json, ResolvedResource, ResolvedStack } from './resolved.ts';
import type { ResourceType } from './resource-type.ts';
import { type Mapping, own, sectionsOf, unknownKeys } from './sections.ts';
import { parseTemplate, type TemplateSource } from './syntax.ts';
import {
  changedProperties,
  isCreateOnly,
  namedProperty,
  typeNamed,
  unknownType,
  withStackTags,
} from './types.ts';
import { asJson, isMapping, shown, textOf, UNKNOWN, type Value, type ValueMapping } from './value.ts';

export { TemplateError } from './problems.ts';

export interface TemplateRequest {
  /** YAML or JSON. */
  readonly text: string;
  /** For messages. */
  readonly fileName: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Where the random parts of ids come from. */
  readonly random: Random;
  /** The stack's, which its resources get too; none unless given. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Of the stack that this is for; made up when it is new. */
  readonly stackId?: string;
  /** The stack as it is, when it is updated: resources that are not replaced keep their ids. */
  readonly previous?: ResolvedStack;
  /** What other stacks export under a name; undefined where none does. No stack exports anything unless told otherwise. */
  readonly importedValue?: (name: string) => string | undefined;
}

/** What a resource may say beside its type and properties. The policies are about updating and deleting a stack. */
const LIFECYCLE_KEYS = ['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy'];
const RESOURCE_KEYS = ['Type', 'Properties', 'Condition', 'DependsOn', ...LIFECYCLE_KEYS];
/** CloudFormation User Guide, "Outputs": alphanumeric characters, colons and hyphens. */
const EXPORT_NAME = /^[A-Za-z0-9:-]{1,255}$/;
const OUTPUT_KEYS = ['Value', 'Description', 'Condition', 'Export'];

/** Resolves a template. Throws {@link TemplateError} with every problem found. */
export function resolveTemplate(request: TemplateRequest): ResolvedStack {
  const source = parseTemplate(request.text, request.fileName);
  const problems = new Problems(request.fileName, source.lineOf);
  const resolution = new Resolution(request, source, problems);
  const stack = resolution.stack();
  problems.throwIfAny();
  return stack();
}

class Resolution {
  readonly #request: TemplateRequest;
  readonly #problems: Problems;
  readonly #sections: Readonly<Record<string, Mapping>>;
  readonly #parameters: ReadonlyMap<string, ParameterValue>;
  readonly #conditions: Conditions;
  readonly #pseudo: ReadonlyMap<string, Value>;
  readonly #scope: Scope;
  readonly #description: string | null;
  readonly #previous: ReadonlyMap<string, ResolvedResource>;
  /** In the order of creation. Null is a resource that is not created. */
  readonly #resolved = new Map<string, Draft | null>();
  readonly #resolving: string[] = [];
  readonly #imports = new Set<string>();

  constructor(request: TemplateRequest, source: TemplateSource, problems: Problems) {
    this.#request = request;
    this.#problems = problems;
    this.#sections = sectionsOf(source.root, problems);
    this.#description = textOf(source.root.Description ?? null);
    this.#pseudo = pseudoParameters(request, request.stackId ?? null, problems);
    this.#previous = new Map(request.previous?.resources.map((one) => [one.logicalId, one]));
    this.#parameters = parametersInForce({
      definitions: this.#section('Parameters'),
      given: request.parameters,
      problems,
    });
    this.#conditions = new Conditions(this.#section('Conditions'), this.#conditionScope());
    this.#scope = {
      problems,
      reference: (name, path) => this.#reference(name, path),
      attribute: (logicalId, attribute, path) => this.#attribute(logicalId, attribute, path),
      condition: (name, path) => this.#conditions.holds(name, path),
      mappings: this.#section('Mappings'),
      imported: (name, path) => this.#imported(name, path),
    };
  }

  /** Examines everything. The function answered makes the stack, and may be called once no problem was found. */
  stack(): () => ResolvedStack {
    this.#conditions.decideAll();
    this.#checkNames();
    this.#checkRules();
    this.#checkLookups();
    for (const logicalId of Object.keys(this.#section('Resources'))) this.#resource(logicalId);
    const outputs = this.#outputs();
    const exports = this.#exports(outputs.map(([name]) => name));
    checkLinks(this.#drafts(), this.#problems);
    return () => ({
      stackName: this.#request.stackName,
      stackId: String(this.#pseudo.get('AWS::StackId')),
      region: this.#request.region,
      accountId: this.#request.accountId,
      parameters: Object.fromEntries([...this.#parameters].map(([name, { display }]) => [name, display])),
      resources: this.#drafts().map(finished),
      outputs: Object.fromEntries(outputs),
      exports,
      imports: [...this.#imports],
      ...(this.#description === null ? {} : { description: this.#description }),
      outputDescriptions: this.#descriptions(outputs.map(([name]) => name)),
    });
  }

  #drafts(): Draft[] {
    return [...this.#resolved.values()].filter((draft) => draft !== null);
  }

  #section(name: string): Mapping {
    return this.#sections[name] ?? {};
  }

  #reference(name: string, path: string): Value {
    const parameter = this.#constant(name);
    if (parameter !== undefined) return parameter;
    if (!Object.hasOwn(this.#section('Resources'), name)) return this.#nameless(name, path);
    return this.#existing(name, path)?.physicalId ?? UNKNOWN;
  }

  #attribute(logicalId: string, attribute: string, path: string): Value {
    if (!Object.hasOwn(this.#section('Resources'), logicalId)) return this.#nameless(logicalId, path);
    const draft = this.#existing(logicalId, path);
    if (draft === null) return UNKNOWN;
    const known = Object.keys(draft.attributes).join(', ');
    return (
      attributeOf(draft, attribute) ??
      this.#problems.add(path, `${draft.type} has no attribute ${attribute}; it has ${known}`)
    );
  }

  /** Parameters and pseudo parameters; undefined for anything else. */
  #constant(name: string): Value | undefined {
    if (this.#pseudo.has(name)) return this.#pseudo.get(name);
    if (!Object.hasOwn(this.#section('Parameters'), name)) return undefined;
    return this.#parameters.get(name)?.value ?? UNKNOWN;
  }

  #nameless(name: string, path: string): typeof UNKNOWN {
    return this.#problems.add(path, unknownName(name));
  }

  /** A resource that is referred to must be created, and created before the one that refers to it. */
  #existing(logicalId: string, path: string): Draft | null {
    if (this.#resolving.includes(logicalId)) {
      const cycle = [...this.#resolving.slice(this.#resolving.indexOf(logicalId)), logicalId].join(' → ');
      this.#problems.add(`Resources.${logicalId}`, `depends on itself: ${cycle}`);
      return null;
    }
    const draft = this.#resource(logicalId);
    if (draft === null && this.#absent(logicalId)) {
      this.#problems.add(
        path,
        `refers to ${logicalId}, which is not created because its condition does not hold`,
      );
    }
    return draft;
  }

  #absent(logicalId: string): boolean {
    const definition = this.#section('Resources')[logicalId];
    const condition = isMapping(definition as Json) ? (definition as Mapping).Condition : undefined;
    return (
      typeof condition === 'string' && this.#conditions.holds(condition, `Resources.${logicalId}`) === false
    );
  }

  #resource(logicalId: string): Draft | null {
    const known = this.#resolved.get(logicalId);
    if (known !== undefined) return known;
    this.#resolving.push(logicalId);
    const draft = this.#draft(logicalId, this.#section('Resources')[logicalId] as Json);
    this.#resolving.pop();
    this.#resolved.set(logicalId, draft);
    return draft;
  }

  #draft(logicalId: string, definition: Json): Draft | null {
    const path = `Resources.${logicalId}`;
    if (!isMapping(definition)) return this.#noDraft(path, 'must be a mapping with the key Type');
    if (!/^[A-Za-z0-9]{1,255}$/.test(logicalId))
      this.#problems.add(path, 'a logical id has only letters and digits');
    unknownKeys(definition, RESOURCE_KEYS, path, this.#problems);
    if (!this.#created(definition, path)) return null;
    this.#createDependencies(definition.DependsOn, path);
    const known = typeNamed(definition.Type);
    if (known === undefined) return this.#noDraft(path, unknownType(definition.Type));
    const properties = this.#properties(definition, known, `${path}.Properties`);
    if (properties === null) return null;
    const { type } = known;
    // Each resource has chance of its own, so that its ids do not depend on the other resources.
    const account = { ...this.#request, random: this.#request.random.fork(logicalId) };
    const naming = new Naming(account, logicalId, properties, namedProperty(known));
    const identity = this.#kept(logicalId, type, properties) ?? known.identity(naming);
    return { logicalId, type, properties, ...identity, ...retained(definition) };
  }

  /** The properties, checked unless the type takes any; null where there are none to speak of. */
  #properties(definition: Mapping, type: ResourceType, path: string): ValueMapping | null {
    const given = evaluate(definition.Properties ?? {}, path, this.#scope);
    if (!isMapping(given)) {
      if (type.inert !== undefined) return {};
      return given === UNKNOWN ? null : this.#noDraft(path, 'Properties must be a mapping');
    }
    if (type.inert !== undefined) return given;
    const checked = checkedProperties(given, type.properties, path, this.#problems);
    const properties = withStackTags(type, checked, this.#request.tags ?? {});
    for (const rule of type.rules?.(properties) ?? []) this.#problems.add(path, rule);
    return properties;
  }

  #imported(name: string, path: string): Value {
    const value = this.#request.importedValue?.(name);
    if (value === undefined)
      return this.#problems.add(
        path,
        `no other stack of this stage exports ${name}; deploy one that does, or give the value as a parameter`,
      );
    this.#imports.add(name);
    return value;
  }

  /** Ids of the resource as it is, unless it is new or replaced. */
  #kept(
    logicalId: string,
    type: string,
    properties: Draft['properties'],
  ): Pick<Draft, 'physicalId' | 'attributes'> | null {
    const before = this.#previous.get(logicalId);
    if (before === undefined || before.type !== type) return null;
    const changed = changedProperties(before.properties, properties);
    if (changed.some((name) => isCreateOnly(type, name))) return null;
    return { physicalId: before.physicalId, attributes: before.attributes };
  }

  #noDraft(path: string, text: string): null {
    this.#problems.add(path, text);
    return null;
  }

  #created(definition: Mapping, path: string): boolean {
    const condition = definition.Condition;
    if (condition === undefined) return true;
    if (typeof condition === 'string') return this.#conditions.holds(condition, `${path}.Condition`) === true;
    this.#problems.add(`${path}.Condition`, 'must be the name of a condition');
    return false;
  }

  #createDependencies(dependsOn: Json | undefined, path: string): void {
    const names = dependsOn === undefined ? [] : [dependsOn].flat();
    for (const name of names as readonly Json[]) {
      if (typeof name !== 'string' || !Object.hasOwn(this.#section('Resources'), name)) {
        this.#problems.add(`${path}.DependsOn`, `names no resource of the template: ${shown(name)}`);
      } else if (!this.#absent(name)) {
        this.#existing(name, `${path}.DependsOn`);
      }
    }
  }

  #conditionScope(): Omit<Scope, 'condition'> {
    const elsewhere = (name: string, path: string): typeof UNKNOWN =>
      this.#problems.add(path, `a condition sees parameters only, and ${name} is none`);
    return {
      problems: this.#problems,
      reference: (name, path) => this.#constant(name) ?? elsewhere(name, path),
      attribute: (logicalId, _, path) => elsewhere(logicalId, path),
      mappings: this.#section('Mappings'),
      imported: (name, path) => elsewhere(name, path),
    };
  }

  /** A rule about nothing but parameters that AWS looks up, as CDK has one about its bootstrap stack, has nothing to check here. */
  #checkRules(): void {
    for (const [rule, definition] of Object.entries(this.#section('Rules'))) {
      const names = namesUsed(definition, `Rules.${rule}`);
      const isAboutLookups = names.length > 0 && names.every(({ name }) => this.#isLookedUp(name));
      if (!isAboutLookups)
        this.#problems.add(
          `Rules.${rule}`,
          'not supported locally: rules are not evaluated; use AllowedValues of the parameters',
        );
    }
  }

  #checkLookups(): void {
    for (const section of ['Conditions', 'Resources', 'Outputs']) {
      for (const { kind, name, path } of namesUsed(this.#section(section), section)) {
        if (kind === 'reference' && this.#isLookedUp(name))
          this.#problems.add(
            path,
            `refers to ${name}, whose value AWS looks up in SSM at deployment; there is no SSM here, so make it a parameter of type String`,
          );
      }
    }
  }

  #isLookedUp(name: string): boolean {
    return isLookedUp(own(this.#section('Parameters')[name] ?? null, 'Type'));
  }

  #checkNames(): void {
    const resources = this.#section('Resources');
    const conditions = Object.keys(this.#section('Conditions'));
    for (const section of ['Resources', 'Outputs']) {
      for (const { kind, name, path } of namesUsed(this.#section(section), section)) {
        if (kind === 'condition' && !conditions.includes(name))
          this.#problems.add(path, unknownCondition(name, conditions));
        if (kind === 'condition' || Object.hasOwn(resources, name)) continue;
        if (kind === 'attribute' || this.#constant(name) === undefined)
          this.#problems.add(path, unknownName(name));
      }
    }
  }

  #outputs(): readonly (readonly [string, string])[] {
    return Object.entries(this.#section('Outputs')).flatMap(([name, definition]) => {
      const value = this.#output(definition, `Outputs.${name}`);
      return value === null ? [] : [[name, value] as const];
    });
  }

  /** Names under which outputs are exported, by output. */
  #exports(outputs: readonly string[]): Readonly<Record<string, string>> {
    const names: Record<string, string> = {};
    for (const output of outputs) {
      const given = own(this.#section('Outputs')[output] ?? null, 'Export');
      if (given === undefined) continue;
      const path = `Outputs.${output}.Export`;
      const name = textOf(evaluate(own(given, 'Name') ?? null, `${path}.Name`, this.#scope));
      const owner = Object.keys(names).find((other) => names[other] === name);
      if (name === null || !EXPORT_NAME.test(name))
        this.#problems.add(
          path,
          'must be a mapping with the key Name: letters, digits, colons and dashes, at most 255',
        );
      else if (owner !== undefined)
        this.#problems.add(path, `has the same name as the export of ${owner}: ${name}`);
      else names[output] = name;
    }
    return names;
  }

  #descriptions(names: readonly string[]): Readonly<Record<string, string>> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const description = textOf(own(this.#section('Outputs')[name] ?? null, 'Description') ?? null);
        return description === null ? [] : [[name, description]];
      }),
    );
  }

  #output(definition: Json, path: string): string | null {
    if (!isMapping(definition) || definition.Value === undefined) {
      this.#problems.add(path, 'must be a mapping with the key Value');
      return null;
    }
    unknownKeys(definition, OUTPUT_KEYS, path, this.#problems);
    if (!this.#created(definition, path)) return null;
    const value = evaluate(definition.Value, `${path}.Value`, this.#scope);
    const text = textOf(value);
    if (text === null && value !== UNKNOWN)
      this.#problems.add(path, `must be a text, but is ${shown(value)}`);
    return text;
  }
}

/** A resource whose properties may still have marks. */
interface Draft extends Omit<ResolvedResource, 'properties'> {
  readonly properties: ValueMapping;
}

/** An attribute of an inert resource is its ARN, a property of that name, or else the resource's name. */
function attributeOf({ type, attributes, properties }: Draft, name: string): string | undefined {
  const inert = typeNamed(type)?.inert;
  if (inert === undefined) return attributes[name];
  return inert.arns.includes(name) ? attributes.Arn : (textOf(properties[name] ?? null) ?? attributes.Name);
}

/** Policies that keep a resource; `Snapshot` keeps nothing of these types. */
function retained(definition: Mapping): Pick<ResolvedResource, 'retain'> {
  const onDelete = definition.DeletionPolicy === 'Retain';
  const onReplace = definition.UpdateReplacePolicy === 'Retain';
  return onDelete || onReplace ? { retain: { onDelete, onReplace } } : {};
}

function finished({ properties, ...names }: Draft): ResolvedResource {
  return { ...names, properties: asJson(properties) as Mapping };
}

function unknownName(name: string): string {
  return `no parameter or resource is named ${name}`;
}
