/** Every kind of saved data, and the document that is made of it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { COMPARISON, type Comparison } from '../bench/model/comparison.ts';
import { HISTORY, type History } from '../bench/model/history.ts';
import { capacityDocument } from './capacity/document.ts';
import { parseCapacityResult } from './capacity/schema.ts';
import { claimsDocument } from './claims/document.ts';
import { parseClaimsResult } from './claims/schema.ts';
import { comparisonDocument } from './compare/document.ts';
import type { Document } from './document/blocks.ts';
import { historyDocument } from './history/document.ts';
import { parseData, readSaved } from './saved-data.ts';
import { sweepDocument } from './sweep/document.ts';
import { absentRuns, parseSweepResult } from './sweep/saved.ts';
import { writeDocument, writeWhole } from './write.ts';

/** @throws UnreadableResult for broken JSON, another program's file, another schema version, wrong fields */
export const parseHistory = (json: string): History => parseData(HISTORY, json, 'a history');

/** @throws UnreadableResult, as above */
export const parseComparison = (json: string): Comparison => parseData(COMPARISON, json, 'a comparison');

type Reader = (directory: string) => Promise<Document>;

const documentOf =
  <Data>(
    file: string,
    parse: (json: string) => Data,
    document: (data: Data, directory: string) => Document,
  ): Reader =>
  async (directory) =>
    document(await readSaved(join(directory, file), parse), directory);

const DOCUMENTS = {
  'claims.json': documentOf('claims.json', parseClaimsResult, claimsDocument),
  'comparison.json': documentOf('comparison.json', parseComparison, comparisonDocument),
  'capacity.json': documentOf('capacity.json', parseCapacityResult, capacityDocument),
  'history.json': documentOf('history.json', parseHistory, historyDocument),
  'sweep.json': documentOf('sweep.json', parseSweepResult, (result, directory) =>
    sweepDocument(result, absentRuns(directory, result)),
  ),
} as const satisfies Readonly<Record<string, Reader>>;

export type SavedFile = keyof typeof DOCUMENTS;

/**
 * Writes index.html and summary.md of a saved file into its directory, over earlier ones. Returns their paths.
 * @throws UnreadableResult, naming the file, when there is none that can be read
 */
export async function writeSavedReports(file: SavedFile, directory: string): Promise<string[]> {
  return writeDocument(directory, await DOCUMENTS[file](directory));
}

/** Writes comparison.json, index.html and summary.md, over earlier ones. Returns their paths. */
export function writeComparison(directory: string, comparison: Comparison): Promise<string[]> {
  return writeData(directory, 'comparison.json', comparison, comparisonDocument(comparison));
}

/** Writes history.json, index.html and summary.md, over earlier ones. Returns their paths. */
export function writeHistory(directory: string, history: History): Promise<string[]> {
  return writeData(directory, 'history.json', history, historyDocument(history));
}

async function writeData(
  directory: string,
  file: SavedFile,
  data: unknown,
  document: Document,
): Promise<string[]> {
  const path = await writeWhole(directory, file, `${JSON.stringify(data, null, 2)}\n`);
  return [path, ...(await writeDocument(directory, document))];
}

/** The saved file that a directory has; null of a run's. */
export function savedFileIn(directory: string): SavedFile | null {
  const files = Object.keys(DOCUMENTS) as SavedFile[];
  return files.find((file) => existsSync(join(directory, file))) ?? null;
}
