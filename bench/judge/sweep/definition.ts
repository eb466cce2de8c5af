/** Whether a sweep that is to go on is the one that was begun: what differs is named, since mixing two would compare nothing. */
import type { SweepDefinition } from '../../model/sweep.ts';

type Named = readonly [name: string, was: unknown, is: unknown];

/** Differences of two definitions, one sentence each; none when they are the same. */
export function differences(was: SweepDefinition, is: SweepDefinition): string[] {
  const pairs: Named[] = [
    ['place', was.place, is.place],
    ['name of the stacks', was.stackPrefix, is.stackPrefix],
    ['repeats', was.repeats, is.repeats],
    ['order-seed', was.orderSeed, is.orderSeed],
    ['goals', was.goals, is.goals],
    ...unionOf(varied(was), varied(is)).map(
      (name): Named => [`vary ${name}`, varied(was)[name], varied(is)[name]],
    ),
    ...unionOf({ ...was.plan }, { ...is.plan }).map(
      (name): Named => [
        `plan: ${name}`,
        (was.plan as unknown as Record<string, unknown>)[name],
        (is.plan as unknown as Record<string, unknown>)[name],
      ],
    ),
  ];
  return pairs
    .filter(([, before, after]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([name, before, after]) => `${name} was ${shown(before)} and is ${shown(after)}`);
}

function varied({ vary }: SweepDefinition): Record<string, unknown> {
  return Object.fromEntries(vary.map(({ name, values }) => [name, values]));
}

function unionOf(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}

function shown(value: unknown): string {
  return value === undefined ? 'not there' : JSON.stringify(value);
}
