/**
 * Reading back what was saved. A directory may come from another machine, another version or an editor, so each saved file has
 * a schema that is checked, and one version, 1: it only ever grows, unknown fields are kept, and another version is refused
 * by number, so that an old tool never misreads a new file.
 */

import { basename } from 'node:path';
import type { z } from 'zod';
import { OperatingError, wrongFields } from '../bench/model/failure.ts';
import { readTextFile, SAVED_FILE_BYTES } from '../bench/node/bounded-file.ts';

/** The version of saved files that this tool reads. */
const SCHEMA_VERSION = 1;

/** A saved file that can't be read. The message says what is wrong and, where there is one, the remedy. */
export class UnreadableResult extends OperatingError {
  override readonly name = 'UnreadableResult';
}

/**
 * Parses the text of a saved file by its schema.
 * @param what what the file should be, as in “the result of a run”
 * @throws UnreadableResult for truncated or broken JSON, another program's file, another schema version, wrong fields
 */
export function parseData<Schema extends z.ZodType>(
  schema: Schema,
  json: string,
  what: string,
): z.infer<Schema> {
  const value = parseJson(json);
  assertVersion(value, what);
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new UnreadableResult(`${wrongFields(parsed.error)}. Restore it from a copy, or make it again.`);
  return parsed.data;
}

/**
 * Reads a saved file and parses it.
 * @throws UnreadableResult, naming the file, when it is missing or `parse` can't take it
 */
export async function readSaved<Data>(path: string, parse: (json: string) => Data): Promise<Data> {
  const json = textOf(path);
  try {
    return parse(json);
  } catch (error) {
    if (error instanceof UnreadableResult)
      throw new UnreadableResult(`${path} can't be read: ${error.message}`);
    throw error;
  }
}

function textOf(path: string): string {
  try {
    return readTextFile(path, SAVED_FILE_BYTES);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UnreadableResult(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${path} does not exist: name the directory that has ${basename(path)}.`
        : `${path} can't be read: ${message}`,
    );
  }
}

function parseJson(json: string): unknown {
  if (json.trim() === '')
    throw new UnreadableResult('the file is empty: it was cut off before it was saved.');
  try {
    return JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isTruncated = !json.trimEnd().endsWith('}');
    const guess = isTruncated
      ? 'it is cut short, so what wrote it was probably killed while saving'
      : 'it is not JSON';
    throw new UnreadableResult(`${guess} (${reason}).`);
  }
}

function assertVersion(value: unknown, what: string): void {
  const version = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (version === SCHEMA_VERSION) return;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new UnreadableResult(
      `it has schema ${version} and this tool reads schema ${SCHEMA_VERSION}: use the newer version that wrote it.`,
    );
  }
  throw new UnreadableResult(`it is not ${what}: it does not say "schema": ${SCHEMA_VERSION}.`);
}
