/**
 * The parameters of a deployment: what was given, what the stack has in force, what the template declares. A parameter
 * that is not given keeps the value in force, as with `aws cloudformation deploy`; a new stack takes the default. What
 * AWS would refuse one by one is found here all at once, before anything is sent.
 */
import { orNearest } from '../../bench/model/near-miss.ts';
import { mappingOf } from '../template/known.ts';
import { defaultOf, isSecret, valueMistakes } from '../template/parameter.ts';
import type { Template, Value } from './template.ts';

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
  const bad = Object.entries(template.parameters).flatMap(([name, definition]) => {
    const value = given[name];
    if (value !== undefined) return valueProblems(name, value, definition);
    if (inForce === null) return [];
    const kept = inForce[name] ?? defaultOf(definition);
    if (kept === null) return [`parameter: ${name} has no default; give --parameter ${name}=…`];
    // The value of a secret that is in force is told by nobody.
    return isSecret(definition) ? [] : valueProblems(name, kept, definition);
  });
  return [...unknown, ...bad];
}

/** One sentence for each constraint that is not met, with its name and what the template says of it. */
function valueProblems(name: string, value: string, definition: Value): string[] {
  const { ConstraintDescription: description } = mappingOf(definition);
  const explanation = typeof description === 'string' ? `: ${description}` : '';
  const shown = Number.isNaN(Number(value)) || value.trim() === '' ? `'${value}'` : value;
  const found = isSecret(definition) ? '' : `, not ${shown}`;
  return valueMistakes(value, mappingOf(definition)).map(
    ({ constraint, words }) => `parameter: ${name} ${words}${found} (${constraint}${explanation})`,
  );
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
  for (const [name, definition] of Object.entries(template.parameters)) {
    const value = given[name] ?? inForce[name] ?? defaultOf(definition);
    if (value !== null) values[name] = value;
  }
  return values;
}

/** The values as they may be shown: a secret is stars. */
export function shownParameters(template: Template, values: ParameterValues): ParameterValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isSecret(template.parameters[name] ?? null) ? '****' : value,
    ]),
  );
}
