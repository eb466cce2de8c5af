/**
 * Writes the JSON Schemas of all documents that people or other programs read or write, from the schemas that this program
 * reads them by. `npm run schemas` writes them; a test compares them with what the code says.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PARTIAL } from '../bench/fleet/partial-file.ts';
import { CAPACITY_RESULT } from '../bench/judge/capacity.ts';
import { CLAIMS_RESULT } from '../bench/model/claim.ts';
import { COMPARISON } from '../bench/model/comparison.ts';
import { FAULT_FILE } from '../bench/model/fault-list.ts';
import { FLEET_FACTS } from '../bench/model/fleet-facts.ts';
import { HISTORY } from '../bench/model/history.ts';
import { FIELDS_SCHEMA } from '../bench/model/plan-settings.ts';
import { RUN_RESULT } from '../bench/model/result.ts';
import { SWEEP_RESULT } from '../bench/model/sweep.ts';
import { VIOLATION } from '../bench/model/violation.ts';
import { PRICE_TABLE } from '../stack/aws/prices.ts';
import { scriptArguments } from './script-arguments.ts';

/** Where the schemas are, in the package too. */
export const SCHEMA_DIRECTORY = fileURLToPath(new URL('../bench/model/schemas', import.meta.url));

interface Published {
  readonly title: string;
  readonly schema: z.ZodType;
}

/** The documents by the names of their schemas' files. */
export const DOCUMENTS = {
  plan: { title: 'A plan file (YAML or JSON)', schema: FIELDS_SCHEMA.partial() },
  faults: { title: 'A fault file (YAML or JSON)', schema: FAULT_FILE },
  prices: { title: 'A price table', schema: PRICE_TABLE },
  result: { title: 'The result of a run: result.json', schema: RUN_RESULT },
  violation: { title: 'A line of violations.ndjson', schema: VIOLATION },
  sweep: { title: 'The result of a sweep: sweep.json', schema: SWEEP_RESULT },
  capacity: { title: 'The result of a capacity search: capacity.json', schema: CAPACITY_RESULT },
  claims: { title: 'What the claims came to: claims.json', schema: CLAIMS_RESULT },
  comparison: { title: 'A comparison: comparison.json', schema: COMPARISON },
  history: { title: 'A history: history.json', schema: HISTORY },
  fleet: { title: 'What a merged run knows of its workers: fleet.json', schema: FLEET_FACTS },
  partial: { title: "A worker's partial, unpacked", schema: PARTIAL },
} as const satisfies Readonly<Record<string, Published>>;

export type DocumentName = keyof typeof DOCUMENTS;

/** The JSON Schema (draft 2020-12) of a document as it is saved. Checks beyond types and bounds are left to the program. */
export function jsonSchemaOf(name: DocumentName): object {
  const { title, schema } = DOCUMENTS[name];
  return { title, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}

export function schemaText(name: DocumentName): string {
  return `${JSON.stringify(jsonSchemaOf(name), null, 1)}\n`;
}

export function schemaFile(name: DocumentName): string {
  return path.join(SCHEMA_DIRECTORY, `${name}.schema.json`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  scriptArguments({});
  mkdirSync(SCHEMA_DIRECTORY, { recursive: true });
  for (const name of Object.keys(DOCUMENTS) as DocumentName[])
    writeFileSync(schemaFile(name), schemaText(name));
}
