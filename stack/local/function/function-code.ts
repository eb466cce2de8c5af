/**
 * Keeps a function's code on disk, in a temporary directory that goes with the function or with this process. A
 * process that is killed outright can't clean up, so each directory carries the id of its process, and the next
 * process to write code sweeps up after those that no longer run.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface FunctionCode {
  readonly directory: string;
  remove(): void;
}

/** What the directories of a process are called, up to six characters that mkdtemp adds. */
export const directoryPrefix = (pid: number): string => `bench-function-${pid}-`;

/** Writes the source as `index.js`, which Node takes as CommonJS, as Lambda does with inline code. */
export function writeCode(source: string): FunctionCode {
  if (!isSwept) sweep(tmpdir());
  isSwept = true;
  const directory = mkdtempSync(join(tmpdir(), directoryPrefix(process.pid)));
  writeFileSync(join(directory, 'index.js'), source);
  directories.add(directory);
  return { directory, remove: () => removeDirectory(directory) };
}

const directories = new Set<string>();

function removeDirectory(directory: string): void {
  directories.delete(directory);
  rmSync(directory, { recursive: true, force: true });
}

process.on('exit', () => {
  for (const directory of directories) removeDirectory(directory);
});

/** Once per process is enough. */
let isSwept = false;

/** Removes the directories in `parent` whose process no longer runs. An id taken by another process keeps them a while. */
export function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^bench-function-(\d+)-\w{6}$/.exec(name)?.[1] ?? process.pid);
    if (isRunning(pid)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another user's: not ours to remove.
    }
  }
}

/** A process that may not be signalled runs all the same. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
