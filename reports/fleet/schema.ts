/** Reads fleet.json, which a merged run has beside its result: checked field by field, like everything that is read. */
import { FLEET_FACTS, type FleetFacts } from '../../bench/model/fleet-facts.ts';

/** The facts, or why they can't be read, as a clause. */
export function parseFleet(json: string): FleetFacts | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'it is not valid JSON';
  }
  const parsed = FLEET_FACTS.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.')}: ${issue?.message}`;
}
