/**
 * A function's code on disk: one temporary directory per function, which is the environments' task root. It goes away
 * with the function, or with this process if that ends without closing its functions.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';

export interface FunctionCode {
  readonly directory: string;
  remove(): void;
}

/** Writes the source as `index.js`, which Node takes as CommonJS, as Lambda does with inline code. */
export function writeCode(source: string): FunctionCode {
  const directory = mkdtempSync(join(tmpdir(), 'bench-function-'));
  writeFileSync(join(directory, 'index.js'), source);
  directories.add(directory);
  return { directory, remove: () => removeDirectory(directory) };
}

/** Directories in use. */
const directories = new Set<string>();

function removeDirectory(directory: string): void {
  directories.delete(directory);
  rmSync(directory, { recursive: true, force: true });
}

process.on('exit', () => {
  for (const directory of directories) removeDirectory(directory);
});

/**
 * The directory that holds this project's `@aws-sdk` packages. Lambda's Node runtimes include the SDK; given as NODE_PATH,
 * this directory stands for theirs.
 */
export function sdkDirectory(): string {
  const found = createRequire(import.meta.url).resolve('@aws-sdk/client-apigatewaymanagementapi');
  const marker = `${sep}node_modules${sep}`;
  return found.slice(0, found.indexOf(`${marker}@aws-sdk${sep}`) + marker.length - 1);
}
