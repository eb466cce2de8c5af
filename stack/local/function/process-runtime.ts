/** Functions in processes of this machine: the runtime of every stage on real time. */
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { Environment } from './environment.ts';
import { type FunctionOptions, LocalFunction } from './function.ts';
import { writeCode } from './function-code.ts';
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

/**
 * The directory that holds this project's `@aws-sdk` packages. Lambda's Node runtimes include the SDK; given as NODE_PATH,
 * this directory stands for theirs.
 */
function sdkDirectory(): string {
  const found = createRequire(import.meta.url).resolve('@aws-sdk/client-apigatewaymanagementapi');
  const marker = `${sep}node_modules${sep}`;
  return found.slice(0, found.indexOf(`${marker}@aws-sdk${sep}`) + marker.length - 1);
}
