/** Functions in processes of this machine: the runtime of every stage on real time. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { Environment } from './environment.ts';
import { type FunctionOptions, LocalFunction } from './function.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { FunctionRuntime, RunnableCode } from './runtime.ts';
import { RuntimeApi } from './runtime-api.ts';

/** Deploys the function. No process is started before the first invocation. Throws if the resource is invalid. */
export function startFunction(options: FunctionOptions): LocalFunction {
  return new LocalFunction(options, (functionOptions) => new ProcessRuntime(functionOptions));
}

class ProcessRuntime implements FunctionRuntime {
  readonly ready: Promise<void>;
  readonly #options: FunctionOptions;
  readonly #sdkDirectory = sdkDirectory();
  readonly #starting = RuntimeApi.start();
  #runtimeApi: RuntimeApi | null = null;

  constructor(options: FunctionOptions) {
    this.#options = options;
    this.ready = this.#starting.then((runtimeApi) => {
      this.#runtimeApi = runtimeApi;
    });
  }

  deploy(settings: FunctionSettings): RunnableCode {
    const { region, apiAddresses } = this.#options;
    const code = writeCode(settings.source);
    return {
      start: (context) =>
        new Environment({
          ...context,
          settings,
          region,
          runtimeApi: this.#runtimeApi!,
          taskRoot: code.directory,
          sdkDirectory: this.#sdkDirectory,
          apiAddresses,
        }),
      remove: () => code.remove(),
    };
  }

  async close(): Promise<void> {
    await (await this.#starting).close();
  }
}

// A function's code on disk: one temporary directory per function, which is the environments' task root. It goes away
// with the function, or with this process if that ends without closing its functions. A process that is killed outright
// can't clean up, so each directory carries the id of its process, and the next process to write code sweeps up after
// those that no longer run.

interface FunctionCode {
  readonly directory: string;
  remove(): void;
}

/** What the directories of a process are called, up to six characters that mkdtemp adds. */
export const directoryPrefix = (pid: number): string => `bench-function-${pid}-`;

/** Writes the source as `index.js`, which Node takes as CommonJS, as Lambda does with inline code. */
function writeCode(source: string): FunctionCode {
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

/**
 * The directory that holds this project's `@aws-sdk` packages. Lambda's Node runtimes include the SDK; given as NODE_PATH,
 * this directory stands for theirs.
 */
function sdkDirectory(): string {
  const found = createRequire(import.meta.url).resolve('@aws-sdk/client-apigatewaymanagementapi');
  const marker = `${sep}node_modules${sep}`;
  return found.slice(0, found.indexOf(`${marker}@aws-sdk${sep}`) + marker.length - 1);
}
