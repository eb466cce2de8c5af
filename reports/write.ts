/**
 * Writes reports. Rendering is pure; each file is written beside its name and then renamed, so a reader or a CI job never
 * sees half a report.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document } from './document/blocks.ts';
import { renderHtml } from './document/html.ts';
import { renderMarkdown } from './document/markdown.ts';
import { readRun } from './run/directory.ts';
import { runDocument } from './run/document.ts';
import { renderJunit } from './run/junit.ts';

/**
 * Reads the run directory and writes its reports into it, JUnit included, over earlier ones. Returns their paths.
 * @throws UnreadableResult when there is no readable result.json
 */
export async function writeReports(directory: string): Promise<string[]> {
  const reading = await readRun(directory);
  const document = await writeDocument(directory, runDocument(reading));
  return [...document, await writeWhole(directory, 'junit.xml', renderJunit(reading.result))];
}

/** Writes index.html and summary.md, over earlier ones. Returns their paths. */
export async function writeDocument(directory: string, document: Document): Promise<string[]> {
  const rendered = { 'index.html': renderHtml(document), 'summary.md': renderMarkdown(document) };
  return Promise.all(Object.entries(rendered).map(([name, text]) => writeWhole(directory, name, text)));
}

/** Writes one report, over an earlier one: beside its name first, so that a reader never sees half of it. Returns its path. */
export async function writeWhole(directory: string, name: string, text: string): Promise<string> {
  const path = join(directory, name);
  const unfinished = join(directory, `.${name}.${process.pid}.tmp`);
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return path;
}
