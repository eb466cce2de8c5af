/**
 * The parameters of a deployment: what was given, what the stack has in force, what the template declares. A parameter
 * that is not given keeps the value in force, as with `aws cloudformation deploy`; a new stack takes the default. What
 * AWS would refuse one by one is found here all at once, before anything is sent.
 */
import { orNearest } from '../../bench/core/near-miss.ts';
import type { ParameterDeclaration, Template } from './template.ts';

export type ParameterValues = Readonly<Record<string, string>>;

/**
 * Problems of the given values, each a sentence with the remedy. `inForce` is empty for a new stack, and null while it is
 * not known whether there is one: what is missing is found later then.
 */
export function parameterProblems(
  template: Template,
  given: ParameterValues,
  inForce: ParameterValues | null,
): string[] {
  const known = Object.keys(template.parameters);
  const unknown = Object.keys(given)
    .filter((name) => template.parameters[name] === undefined)
    .map(
      (name) =>
        `parameter: ${template.path} has no parameter ${name}; it has ${known.join(', ') || 'none at all'}${orNearest(name, known)}`,
    );
  const bad = Object.entries(template.parameters).flatMap(([name, declaration]) => {
    const value = given[name];
    if (value !== undefined) return valueProblems(name, value, declaration);
    const isMissing = inForce !== null && declaration.defaultValue === null && inForce[name] === undefined;
    return isMissing ? [`parameter: ${name} has no default; give --parameter ${name}=…`] : [];
  });
  return [...unknown, ...bad];
}

function valueProblems(name: string, value: string, { allowed, min, max }: ParameterDeclaration): string[] {
  if (allowed !== null && !allowed.includes(value)) {
    return [`parameter: ${name} must be one of ${allowed.join(', ')}, not '${value}'`];
  }
  if (min === null && max === null) return [];
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number))
    return [`parameter: ${name} must be a number, not '${value}'`];
  if (min !== null && number < min) return [`parameter: ${name} must be at least ${min}, not ${value}`];
  if (max !== null && number > max) return [`parameter: ${name} must be at most ${max}, not ${value}`];
  return [];
}

/** Names of the template's parameters that keep the value in force on an update. */
export function keptParameters(
  template: Template,
  given: ParameterValues,
  inForce: ParameterValues,
): string[] {
  return Object.keys(template.parameters).filter(
    (name) => given[name] === undefined && inForce[name] !== undefined,
  );
}

/** The values that will be in force: given, else in force already, else the default. */
export function effectiveParameters(
  template: Template,
  given: ParameterValues,
  inForce: ParameterValues,
): ParameterValues {
  const values: Record<string, string> = {};
  for (const [name, { defaultValue }] of Object.entries(template.parameters)) {
    const value = given[name] ?? inForce[name] ?? defaultValue;
    if (value !== null) values[name] = value;
  }
  return values;
}

/** The values as they may be shown: a secret is stars. */
export function shownParameters(template: Template, values: ParameterValues): ParameterValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      template.parameters[name]?.isSecret === true ? '****' : value,
    ]),
  );
}
