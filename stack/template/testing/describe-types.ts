/** The types' properties as rows, as properties.md lists them. */
import type { Properties, Property } from '../property.ts';
import { TYPES } from '../types.ts';

export interface TypeRow {
  readonly type: string;
  /** Dotted for properties within properties. */
  readonly property: string;
  readonly effect: Property['effect'];
  /** Reason for `inert` and `refused`, and the refused values of others; may be empty. */
  readonly why: string;
}

export function describeTypes(): readonly TypeRow[] {
  return TYPES.flatMap(({ type, properties }) => describe(type, '', properties));
}

function describe(type: string, prefix: string, properties: Properties): TypeRow[] {
  return Object.entries(properties).flatMap(([name, { inner, effect, why, refusedValues }]) => {
    const exceptions = Object.entries(refusedValues).map(([value, reason]) => `${value}: ${reason}`);
    const row = {
      type,
      property: prefix + name,
      effect,
      why: [why, ...exceptions].filter((part) => part !== '').join('; '),
    };
    const within =
      inner !== undefined && effect === 'effective' ? describe(type, `${prefix}${name}.`, inner) : [];
    return [row, ...within];
  });
}
