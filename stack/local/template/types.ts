/**
 * Every resource type and property the local stage knows, in one table. What is not here is refused by name. The table
 * is also what the fidelity document is checked against: see {@link describeTypes}.
 * Source: CloudFormation resource type schemas; limits from the API references of the services.
 */
import type { Properties, Property, ResourceType } from './schema.ts';
import { GATEWAY_TYPES } from './types-gateway.ts';
import { SERVICE_TYPES } from './types-services.ts';

/** The types by CloudFormation name. */
export const TYPES: Readonly<Record<string, ResourceType>> = { ...GATEWAY_TYPES, ...SERVICE_TYPES };

/** One row of the fidelity table. */
export interface TypeRow {
  readonly type: string;
  /** Dotted for properties within properties. */
  readonly property: string;
  readonly effect: Property['effect'];
  /** Reason for `inert` and `refused`, and the refused values of others; may be empty. */
  readonly why: string;
}

/** The table as rows, for the fidelity document and its check. */
export function describeTypes(): readonly TypeRow[] {
  return Object.entries(TYPES).flatMap(([type, { properties }]) => describe(type, '', properties));
}

function describe(type: string, prefix: string, properties: Properties): TypeRow[] {
  return Object.entries(properties).flatMap(([name, { shape, effect, why, refusedValues }]) => {
    const exceptions = Object.entries(refusedValues).map(([value, reason]) => `${value}: ${reason}`);
    const row = {
      type,
      property: prefix + name,
      effect,
      why: [why, ...exceptions].filter((part) => part !== '').join('; '),
    };
    const inner =
      shape.kind === 'object' && effect === 'effective'
        ? describe(type, `${prefix}${name}.`, shape.properties)
        : [];
    return [row, ...inner];
  });
}
