/**
 * How long the name of a stack may be. CloudFormation allows 128 characters, but a template that makes names of resources
 * from it leaves less, and the service of such a resource would refuse it in the middle of the deployment.
 */
import { namedProperty, TYPES } from '../template/types.ts';
import { resourcesOfType } from './stack-shape.ts';
import { sectionOf, type Template, type Value } from './template.ts';
import type { ParameterValues } from './template-parameters.ts';

/** Characters that a name has beside copies of the stack's name. What is not known counts nothing. */
interface Composition {
  readonly fixed: number;
  readonly copies: number;
}

/** Why the stack can't have the name; null where nothing is against it. */
export function stackNameProblem(
  name: string,
  template: Template,
  parameters: ParameterValues,
): string | null {
  const limits = TYPES.flatMap((one) => {
    const named = namedProperty(one);
    if (named === null) return [];
    const { type } = one;
    const { property, limit } = named;
    return resourcesOfType(template, parameters, type).flatMap(([id, properties]) => {
      const { fixed, copies } = compositionOf(properties[property], template, parameters);
      const most = copies === 0 ? Number.POSITIVE_INFINITY : Math.floor((limit - fixed) / copies);
      return name.length > most ? [{ id, type, property, limit, most }] : [];
    });
  });
  const [tightest] = limits.sort((one, other) => one.most - other.most);
  if (tightest === undefined) return null;
  const { id, type, property, limit, most } = tightest;
  return `name: '${name}' has ${name.length} characters, and at most ${most} leave room: ${template.path} makes ${property} of ${id} from it, and ${type} takes ${limit}`;
}

function compositionOf(
  value: Value | undefined,
  template: Template,
  parameters: ParameterValues,
): Composition {
  const parameter = (name: string): Composition => {
    if (name === 'AWS::StackName') return { fixed: 0, copies: 1 };
    const known = parameters[name] ?? template.parameters[name]?.defaultValue;
    return { fixed: known?.length ?? 0, copies: 0 };
  };
  if (typeof value === 'string') return { fixed: value.length, copies: 0 };
  const { Ref, 'Fn::Sub': sub, 'Fn::Join': join } = sectionOf(value);
  if (typeof Ref === 'string') return parameter(Ref);
  const text = Array.isArray(sub) ? sub[0] : sub;
  if (typeof text === 'string') {
    const parts = text.split(/(\$\{[^}]*\})/).filter((part) => part !== '');
    return sumOf(
      parts.map((part) => {
        const reference = /^\$\{([^!}][^}]*)\}$/.exec(part)?.[1];
        if (reference !== undefined) return parameter(reference.trim());
        return { fixed: part.replace(/^\$\{!/, '${').length, copies: 0 };
      }),
    );
  }
  if (!Array.isArray(join) || !Array.isArray(join[1])) return { fixed: 0, copies: 0 };
  const [separator, items] = join as [Value, Value[]];
  const between = String(separator).length * Math.max(0, items.length - 1);
  return sumOf([
    { fixed: between, copies: 0 },
    ...items.map((item) => compositionOf(item, template, parameters)),
  ]);
}

function sumOf(parts: readonly Composition[]): Composition {
  return {
    fixed: parts.reduce((sum, { fixed }) => sum + fixed, 0),
    copies: parts.reduce((sum, { copies }) => sum + copies, 0),
  };
}
