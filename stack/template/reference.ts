/**
 * Names used in a template, found without evaluating it: a misspelt name in the branch of an Fn::If that is not taken,
 * or in a resource whose condition does not hold, is a mistake all the same, and CloudFormation refuses it too.
 */
import { unknownCondition } from './condition.ts';
import { functionName, SUBSTITUTION } from './expression.ts';
import { isLookedUp } from './parameter.ts';
import type { Problems } from './problems.ts';
import type { Json } from './resolved.ts';
import { own, type Sections } from './sections.ts';
import { isMapping } from './value.ts';

/** A name where it is used. The path is the one evaluation reports for the same place. */
interface NameUse {
  readonly kind: 'reference' | 'attribute' | 'condition';
  readonly name: string;
  readonly path: string;
}

/**
 * Reports names of nothing, references to parameters whose values AWS looks up in SSM, and rules. Rules are not evaluated
 * here; one about nothing but such parameters, as CDK has one about its bootstrap stack, has nothing to check. `isConstant`
 * tells the names of parameters.
 */
export function checkNames(
  sections: Sections,
  isConstant: (name: string) => boolean,
  problems: Problems,
): void {
  const { Resources, Conditions, Outputs, Rules, Parameters } = sections;
  const isFromSsm = (name: string) => isLookedUp(own(Parameters[name] ?? null, 'Type'));
  const used = [...namesUsed(Resources, 'Resources'), ...namesUsed(Outputs, 'Outputs')];
  for (const { kind, name, path } of used) {
    if (kind === 'condition') {
      if (!Object.hasOwn(Conditions, name))
        problems.add(path, unknownCondition(name, Object.keys(Conditions)));
    } else if (!Object.hasOwn(Resources, name) && (kind === 'attribute' || !isConstant(name)))
      problems.add(path, unknownName(name));
  }
  for (const [rule, definition] of Object.entries(Rules)) {
    const names = namesUsed(definition, `Rules.${rule}`);
    if (names.length === 0 || !names.every(({ name }) => isFromSsm(name)))
      problems.add(
        `Rules.${rule}`,
        'not supported locally: rules are not evaluated; use AllowedValues of the parameters',
      );
  }
  for (const { kind, name, path } of [...namesUsed(Conditions, 'Conditions'), ...used]) {
    if (kind === 'reference' && isFromSsm(name))
      problems.add(
        path,
        `refers to ${name}, whose value AWS looks up in SSM at deployment; there is no SSM here, so make it a parameter of type String`,
      );
  }
}

export function unknownName(name: string): string {
  return `no parameter or resource is named ${name}`;
}

/** Every name used at `node` and below. */
export function namesUsed(node: Json, path: string): readonly NameUse[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => namesUsed(item as Json, `${path}.${index}`));
  if (!isMapping(node)) return [];
  const called = functionName(node);
  if (called === null)
    return Object.entries(node).flatMap(([key, item]) => namesUsed(item, `${path}.${key}`));
  const argument = node[called] as Json;
  const place = `${path}.${called}`;
  return [...direct(called, argument, place), ...namesUsed(argument, place)];
}

function direct(called: string, argument: Json, path: string): NameUse[] {
  const first = Array.isArray(argument) ? (argument[0] as Json) : argument;
  if (typeof first !== 'string') return [];
  if (called === 'Ref') return [{ kind: 'reference', name: first, path }];
  if (called === 'Fn::GetAtt') return [{ kind: 'attribute', name: first.split('.')[0] ?? first, path }];
  if (called === 'Fn::If') return [{ kind: 'condition', name: first, path }];
  return called === 'Fn::Sub' ? substituted(first, argument, path) : [];
}

function substituted(text: string, argument: Json, path: string): NameUse[] {
  const own =
    Array.isArray(argument) && isMapping(argument[1] as Json) ? Object.keys(argument[1] as object) : [];
  return [...text.matchAll(SUBSTITUTION)]
    .filter(([, literal]) => literal === '')
    .map(([, , name = '']) => name.trim())
    .filter((name) => /^[A-Za-z0-9_.:]+$/.test(name) && !own.includes(name))
    .map((name) => ({
      kind: name.includes('.') ? 'attribute' : 'reference',
      name: name.split('.')[0] ?? name,
      path,
    }));
}
