/**
 * Runs the template's own function code on a virtual clock, in this process. It is compiled once by node:vm as the
 * body of a function whose parameters stand for the globals that know of time, chance and the machine, and evaluated
 * anew for each environment. Computing takes no time; only waiting does. Any module that needs a machine is refused
 * by name. This keeps mistakes from making a simulation unrepeatable; it is no prison.
 */
import * as buffer from 'node:buffer';
import * as events from 'node:events';
import * as util from 'node:util';
import { compileFunction } from 'node:vm';
import type { Random } from '../../../bench/ports.ts';
import { environmentVariables, type FunctionSettings } from '../function/function-settings.ts';
import { awslambda } from '../function/invocation.mjs';
import type { FunctionRuntime, RunnableCode } from '../function/runtime.ts';
import type { Apis } from '../gateway/apis.ts';
import { callbackSdk } from './callback-client.ts';
import { CodeEnvironment } from './code-environment.ts';
import { delayOf, type SandboxTime } from './sandbox-time.ts';

export interface SimulatedRuntimeOptions {
  readonly random: Random;
  readonly region: string;
  /** Whose connections functions post to. */
  readonly apis: Apis;
}

/** Names that the code finds as its own, in the order of its parameters. */
const PARAMETERS = `
  exports require module __filename __dirname globalThis global process console
  Date Math performance crypto fetch AbortSignal awslambda
  setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate`
  .trim()
  .split(/\s+/);

type Body = (...given: unknown[]) => void;

export class CodeRuntime implements FunctionRuntime {
  readonly ready = Promise.resolve();
  readonly #options: SimulatedRuntimeOptions;
  #started = 0;

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options;
  }

  deploy(settings: FunctionSettings): RunnableCode {
    const body = compiled(settings);
    return {
      start: (context) => {
        const random = this.#options.random.fork(`environment ${this.#started++}`);
        return new CodeEnvironment({
          ...context,
          settings,
          random,
          load: (time, line) => this.#load(body, settings, { random, time, line }),
        });
      },
      remove: () => {},
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Evaluates the module for one environment and returns what it exports. */
  #load(body: Body | SyntaxError, settings: FunctionSettings, parts: EnvironmentParts): unknown {
    if (body instanceof SyntaxError) throw body;
    const { apis, region } = this.#options;
    const module = { exports: {} };
    const sdk = callbackSdk({ apis, time: parts.time, random: parts.random });
    const globals: Record<string, unknown> = {
      ...parts.time.globals(),
      exports: module.exports,
      module,
      require: requireFrom(modulesOf(sdk, parts.time)),
      __filename: '/var/task/index.js',
      __dirname: '/var/task',
      process: processOf(settings, region),
      console: consoleOf(parts.line),
      crypto: undefined,
      fetch: undefined,
      awslambda,
    };
    globals.globalThis = globals.global = shadowed(globals);
    body(...PARAMETERS.map((name) => globals[name]));
    return module.exports;
  }
}

/** The global object with what the code must not reach in it replaced. */
function shadowed(globals: Readonly<Record<string, unknown>>): object {
  const own = Object.entries(globals).map(([name, value]) => [name, { value, writable: true }]);
  return Object.create(globalThis, Object.fromEntries(own) as PropertyDescriptorMap) as object;
}

interface EnvironmentParts {
  readonly random: Random;
  readonly time: SandboxTime;
  /** Prints a line to the function's log. */
  readonly line: (text: string) => void;
}

/** Code that can't be parsed fails when it is loaded, as on Lambda, and not when it is deployed. */
function compiled({ source, functionName }: FunctionSettings): Body | SyntaxError {
  try {
    return compileFunction(source, PARAMETERS, { filename: `${functionName}/index.js` }) as Body;
  } catch (error) {
    return error as SyntaxError;
  }
}

function processOf(settings: FunctionSettings, region: string) {
  const taskRoot = '/var/task';
  const env = environmentVariables({ settings, region, runtimeApi: '', taskRoot, sdkDirectory: '' });
  const major = /nodejs(\d+)/.exec(settings.runtime)?.[1] ?? '0';
  return {
    env,
    argv: [],
    platform: 'linux',
    version: `v${major}.0.0`,
    versions: { node: `${major}.0.0` },
    on: () => {},
    nextTick: (task: (...given: unknown[]) => void, ...given: unknown[]) =>
      queueMicrotask(() => task(...given)),
  };
}

function consoleOf(line: (text: string) => void) {
  const print = (...parts: unknown[]) => {
    for (const text of util.format(...parts).split('\n')) line(text);
  };
  return { log: print, info: print, warn: print, error: print, debug: print, trace: print };
}

/** Agents only carry settings here: nothing is connected. */
class InertAgent {
  readonly options: unknown;

  constructor(options?: unknown) {
    this.options = options;
  }

  destroy(): void {}
}

function modulesOf(sdk: unknown, time: SandboxTime): Readonly<Record<string, unknown>> {
  const http = { Agent: InertAgent };
  const timers = Object.entries(time.globals()).filter(([name]) => /^(set|clear)/.test(name));
  const sleep = async (delayMs: unknown, value: unknown) => {
    await time.sleep(delayOf(delayMs));
    return value;
  };
  return {
    '@aws-sdk/client-apigatewaymanagementapi': sdk,
    'node:timers/promises': { setTimeout: sleep },
    'node:timers': Object.fromEntries(timers),
    'node:http': http,
    'node:https': http,
    'node:events': events.default,
    'node:buffer': buffer,
    'node:util': util,
  };
}

function requireFrom(modules: Readonly<Record<string, unknown>>): (name: string) => unknown {
  return (name) => {
    const found = modules[name] ?? modules[`node:${name}`];
    if (found !== undefined) return found;
    const there = Object.keys(modules).join(', ');
    const message = `Cannot find module '${name}': simulated functions can require ${there}`;
    throw Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' });
  };
}
