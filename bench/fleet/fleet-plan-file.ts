/** Plans of fleets as files: read from a path or a store, with header values from the environment alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigurationError } from '../model/failure.ts';
import { maskedAddress, queryOf } from '../model/secrets.ts';
import { type Environment, HEADERS_VARIABLE, QUERY_VARIABLE } from '../node/environment-secrets.ts';
import { type ParsedPlan, type PlanInput, parsePlan, readPlanFile } from '../node/plan-file.ts';
import { openStore } from './open-store.ts';

/** The settings of a plan file at a path, a file:// or an s3:// URI. Throws {@link ConfigurationError}. */
export async function readPlanAt(place: string): Promise<PlanInput> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return readPlanFile(place);
  const cut = place.lastIndexOf('/');
  const store = await openStore(place.slice(0, cut));
  const bytes = await store.get(place.slice(cut + 1));
  if (bytes === null) throw new ConfigurationError([`plan: there is nothing at ${place}`]);
  return parsedFile(bytes);
}

/** A plan file is read by one reader, from wherever it came. */
function parsedFile(bytes: Uint8Array): PlanInput {
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-plan-'));
  try {
    const file = path.join(directory, 'plan');
    writeFileSync(file, bytes);
    return readPlanFile(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * The plan, its headers and the values of its URL's query being those of the environment. Throws {@link ConfigurationError}
 * with every problem.
 */
export function parseFleetPlan(file: PlanInput, flags: PlanInput, environment: Environment): ParsedPlan {
  const { header: inFile, ...settings } = file;
  const { header: inFlags, ...others } = flags;
  const found =
    inFile === undefined && inFlags === undefined
      ? []
      : [
          `header: values don't travel with a plan; put 'Name: value' lines into ${HEADERS_VARIABLE} of the workers' environment, and of this command's`,
        ];
  const stage = flags.stage ?? file.stage;
  const query = typeof stage === 'string' ? queryOf(stage) : '';
  if (maskedAddress(`?${query}`) !== `?${query}`)
    found.push(
      `stage: the values of a URL's query don't travel with a plan; put the query into ${QUERY_VARIABLE} of the workers' environment, and of this command's`,
    );
  return parsePlan(settings, others, { found, environment });
}
