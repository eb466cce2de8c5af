/**
 * A template decided: text in, {@link ResolvedStack} out. Parameters take their values, conditions hold or not, intrinsic
 * functions become values, and every property is checked against the type table. Mistakes are gathered and thrown
 * together. Resources are resolved when first referred to, so their order is an order of creation and a cycle shows
 * itself.
 */
import type { Random } from '../../bench/ports.ts';
import { Conditions, evaluate, type Scope } from './expression.ts';
import { Naming, pseudoParameters } from './identity.ts';
import { type ParameterValue, parametersInForce } from './parameter.ts';
import { Problems } from './problems.ts';
import { checkedProperties } from './property.ts';
import { checkLinks, checkNames, unknownName } from './reference.ts';
import type { ResourceType } from './resource-type.ts';
import {
  type Mapping,
  own,
  parseTemplate,
  type Sections,
  sectionsOf,
  type TemplateSource,
  unknownKeys,
} from './syntax.ts';
import {
  changedProperties,
  isCreateOnly,
  namedProperty,
  typeNamed,
  unknownType,
  withStackTags,
} from './types.ts';
import {
  asJson,
  isMapping,
  type Json,
  type ResolvedResource,
  type ResolvedStack,
  shown,
  textOf,
  UNKNOWN,
  type Value,
  type ValueMapping,
} from './value.ts';

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
  readonly #sections: Sections;
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
      definitions: this.#sections.Parameters,
      given: request.parameters,
      problems,
    });
    this.#conditions = new Conditions(this.#sections.Conditions, this.#conditionScope());
    this.#scope = {
      problems,
      reference: (name, path) => this.#reference(name, path),
      attribute: (logicalId, attribute, path) => this.#attribute(logicalId, attribute, path),
      condition: (name, path) => this.#conditions.holds(name, path),
      mappings: this.#sections.Mappings,
      imported: (name, path) => this.#imported(name, path),
    };
  }

  /** Examines everything. The function answered makes the stack, and may be called once no problem was found. */
  stack(): () => ResolvedStack {
    this.#conditions.decideAll();
    checkNames(this.#sections, (name) => this.#constant(name) !== undefined, this.#problems);
    for (const logicalId of Object.keys(this.#sections.Resources)) this.#resource(logicalId);
    const outputs = this.#outputs();
    checkLinks(this.#drafts(), this.#problems);
    return () => ({
      stackName: this.#request.stackName,
      stackId: String(this.#pseudo.get('AWS::StackId')),
      region: this.#request.region,
      accountId: this.#request.accountId,
      parameters: Object.fromEntries([...this.#parameters].map(([name, { display }]) => [name, display])),
      resources: this.#drafts().map(finished),
      outputs: byName(outputs, ({ value }) => value),
      exports: byName(outputs, ({ exportName }) => exportName),
      imports: [...this.#imports],
      ...(this.#description === null ? {} : { description: this.#description }),
      outputDescriptions: byName(outputs, ({ description }) => description),
    });
  }

  #drafts(): Draft[] {
    return [...this.#resolved.values()].filter((draft) => draft !== null);
  }

  #reference(name: string, path: string): Value {
    const parameter = this.#constant(name);
    if (parameter !== undefined) return parameter;
    if (!Object.hasOwn(this.#sections.Resources, name)) return this.#nameless(name, path);
    return this.#existing(name, path)?.physicalId ?? UNKNOWN;
  }

  #attribute(logicalId: string, attribute: string, path: string): Value {
    if (!Object.hasOwn(this.#sections.Resources, logicalId)) return this.#nameless(logicalId, path);
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
    if (!Object.hasOwn(this.#sections.Parameters, name)) return undefined;
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
    const definition = this.#sections.Resources[logicalId];
    const condition = isMapping(definition as Json) ? (definition as Mapping).Condition : undefined;
    return (
      typeof condition === 'string' && this.#conditions.holds(condition, `Resources.${logicalId}`) === false
    );
  }

  #resource(logicalId: string): Draft | null {
    const known = this.#resolved.get(logicalId);
    if (known !== undefined) return known;
    this.#resolving.push(logicalId);
    const draft = this.#draft(logicalId, this.#sections.Resources[logicalId] as Json);
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
      if (typeof name !== 'string' || !Object.hasOwn(this.#sections.Resources, name)) {
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
      mappings: this.#sections.Mappings,
      imported: (name, path) => elsewhere(name, path),
    };
  }

  /** Outputs whose condition holds. */
  #outputs(): Output[] {
    const outputs: Output[] = [];
    for (const [name, definition] of Object.entries(this.#sections.Outputs)) {
      const path = `Outputs.${name}`;
      const value = this.#output(definition, path);
      if (value === null) continue;
      const exportName = this.#exportName(own(definition, 'Export'), `${path}.Export`);
      const owner = outputs.find((other) => exportName !== null && other.exportName === exportName);
      if (owner !== undefined)
        this.#problems.add(
          `${path}.Export`,
          `has the same name as the export of ${owner.name}: ${exportName}`,
        );
      outputs.push({ name, value, exportName, description: textOf(own(definition, 'Description') ?? null) });
    }
    return outputs;
  }

  /** The name under which an output is exported; null where it is not. */
  #exportName(given: Json | undefined, path: string): string | null {
    if (given === undefined) return null;
    const name = textOf(evaluate(own(given, 'Name') ?? null, `${path}.Name`, this.#scope));
    if (name !== null && EXPORT_NAME.test(name)) return name;
    this.#problems.add(
      path,
      'must be a mapping with the key Name: letters, digits, colons and dashes, at most 255',
    );
    return null;
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

interface Output {
  readonly name: string;
  readonly value: string;
  readonly exportName: string | null;
  readonly description: string | null;
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

/** What each output has, by its name; those that have none are left out. */
function byName(
  outputs: readonly Output[],
  of: (output: Output) => string | null,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    outputs.flatMap((output) => {
      const text = of(output);
      return text === null ? [] : [[output.name, text]];
    }),
  );
}
