/** Reads fleet.json, which a merged run has beside its result: checked field by field, like everything that is read. */
import { FLEET_FACTS, type FleetFacts } from '../../bench/model/fleet-facts.ts';
import { parseData } from '../saved-data.ts';

/** @throws UnreadableResult */
export function parseFleet(json: string): FleetFacts {
  return parseData(FLEET_FACTS, json, 'what a merged run knows of its workers');
}
