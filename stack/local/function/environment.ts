/**
 * Runs a function in a child process, one event at a time, through the Runtime API. It is ready when it asks for its
 * first event, free again when it asks for the next, and killed, never asked, when its time is up. The child leads
 * its own process group: Ctrl-C in the terminal reaches this process alone, and killing the group also ends whatever
 * the function started. If this process is killed outright, the child sees its descriptors close and ends itself.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Timer } from '../../../bench/ports.ts';
import { type ApiAddress, type FunctionOptions, LocalFunction } from './function.ts';
import { writeCode } from './function-code.ts';
import type { LogTail } from './function-log.ts';
import { environmentVariables, type FunctionSettings } from './function-settings.ts';
import {
  type EnvironmentContext,
  type ExecutionEnvironment,
  exited,
  type FunctionRuntime,
  failedOutcome,
  type Outcome,
  type RunnableCode,
  timedOut,
} from './runtime.ts';
import { RuntimeApi, type RuntimeClient, type RuntimeEvent, type RuntimeFailure } from './runtime-api.ts';

/** Lambda gives the init phase ten seconds ("Understanding the Lambda execution environment lifecycle"). */
const INIT_LIMIT_MS = 10_000;

/** Longest wait for the rest of an ended process's output. */
const OUTPUT_WAIT_MS = 500;

/** A process that ended without a complaint. */
const CLEAN_EXIT = 'exit status 0';

/** Part of the function's memory that V8's old space may take; the rest is for buffers, stacks and Node itself. */
const HEAP_SHARE = 0.9;

/** Lambda's runtimes take `index.js` for CommonJS whatever is in it; so must a Node of this machine that would look. */
const MODULE_FLAGS = ['--experimental-detect-module', '--experimental-require-module']
  .filter((flag) => process.allowedNodeEnvironmentFlags.has(flag))
  .map((flag) => flag.replace('--', '--no-'));

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));

export interface EnvironmentOptions extends EnvironmentContext {
  readonly settings: FunctionSettings;
  readonly region: string;
  readonly runtimeApi: RuntimeApi;
  readonly taskRoot: string;
  readonly sdkDirectory: string;
  readonly apiAddresses: readonly ApiAddress[];
}

interface Work {
  readonly requestId: string;
  readonly payload: string;
  readonly settle: (outcome: Outcome) => void;
  /** Clock reading when the runtime took the event; null before. */
  startedMs: number | null;
}

export class Environment implements RuntimeClient, ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #child: ChildProcess;
  readonly #leave: () => void;
  readonly #exited: Promise<void>;
  #give: ((event: RuntimeEvent) => void) | null = null;
  #work: Work | null = null;
  #tail: LogTail | undefined;
  #timer: Timer | null = null;
  #initialised = false;
  #failure: RuntimeFailure | null = null;
  /** How the process ended; null while it runs. */
  #ending: string | null = null;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { address, leave } = options.runtimeApi.register(this);
    this.#leave = leave;
    this.#child = startProcess(options, address);
    living.add(this.#child);
    for (const output of [this.#child.stdout, this.#child.stderr])
      output?.on('data', (text: string) => this.#tail?.add(text));
    this.#exited = this.#watch();
    this.#timer = options.clock.at(options.clock.now() + INIT_LIMIT_MS, () => this.#timeOut(INIT_LIMIT_MS));
  }

  get alive(): boolean {
    return this.#ending === null;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Runs one event; only one at a time. If the runtime is not ready yet, it takes the event as soon as it is. */
  invoke(requestId: string, event: unknown, tail?: LogTail): Promise<Outcome> {
    this.#tail = tail;
    return new Promise((settle) => {
      const payload = JSON.stringify(event);
      const work = { requestId, payload, settle, startedMs: null };
      if (this.#ending !== null) {
        settle(this.#outcomeOfEnd(work, this.#ending));
        return;
      }
      this.#work = work;
      this.#handOver();
    });
  }

  /** Ends the process and all it started. Resolves when it has ended. */
  kill(): Promise<void> {
    killGroup(this.#child);
    return this.#exited;
  }

  next(give: (event: RuntimeEvent) => void): void {
    if (!this.#initialised) this.#timer?.cancel();
    this.#initialised = true;
    this.#give = give;
    this.#handOver();
  }

  response(requestId: string, payload: string): boolean {
    return this.#settle(requestId, (durationMs) => ({ kind: 'ok', payload, durationMs }));
  }

  error(requestId: string, failure: RuntimeFailure): boolean {
    return this.#settle(requestId, (durationMs) => ({ kind: 'error', ...failure, durationMs }));
  }

  initError(failure: RuntimeFailure): void {
    this.#failure ??= failure;
  }

  #handOver(): void {
    const give = this.#give;
    const work = this.#work;
    if (!give || !work) return;
    this.#give = null;
    const { clock, settings } = this.#options;
    work.startedMs = clock.now();
    const dueMs = work.startedMs + settings.timeoutMs;
    this.#timer = clock.at(dueMs, () => this.#timeOut(settings.timeoutMs));
    const { requestId, payload } = work;
    this.#tail?.started(requestId);
    give({ requestId, payload, functionArn: settings.functionArn, deadlineEpochMs: clock.epochAt(dueMs) });
  }

  #settle(requestId: string, outcomeOf: (durationMs: number) => Outcome): boolean {
    const work = this.#work;
    if (!work || work.requestId !== requestId || work.startedMs === null) return false;
    this.#timer?.cancel();
    this.#work = null;
    work.settle(outcomeOf(this.#options.clock.now() - work.startedMs));
    return true;
  }

  #timeOut(limitMs: number): void {
    this.#failure = timedOut(limitMs);
    killGroup(this.#child);
  }

  /** Resolves when the process has ended and what it had printed has been read. */
  #watch(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#end(`could not be started: ${error.message}`);
        resolve();
      });
      this.#child.once('close', resolve);
      this.#child.once('exit', (code, signal) => {
        this.#end(signal === null ? `exit status ${code}` : `signal: ${signal}`);
        // A process that the function detached may hold its output open for ever.
        const { clock } = this.#options;
        const timer = clock.at(clock.now() + OUTPUT_WAIT_MS, resolve);
        this.#child.once('close', () => timer.cancel());
      });
    });
  }

  /** The process has ended. Work under way ends with the reason; work not yet taken can go elsewhere unless init failed. */
  #end(how: string): void {
    if (this.#ending !== null) return;
    this.#ending = how;
    this.#timer?.cancel();
    this.#leave();
    living.delete(this.#child);
    const work = this.#work;
    this.#work = null;
    this.#options.ended(this);
    work?.settle(this.#outcomeOfEnd(work, how));
  }

  #outcomeOfEnd(work: Work, how: string): Outcome {
    if (work.startedMs === null && this.#initialised) return { kind: 'undelivered' };
    const why = how === CLEAN_EXIT ? 'without providing a reason' : `with error: ${how}`;
    const durationMs = work.startedMs === null ? 0 : this.#options.clock.now() - work.startedMs;
    return failedOutcome(work.requestId, this.#failure ?? exited(why), durationMs);
  }
}

function startProcess(options: EnvironmentOptions, address: string): ChildProcess {
  const { settings, region, taskRoot, sdkDirectory, functionLog, apiAddresses, runtimeApi } = options;
  const heapMb = Math.floor(settings.memoryMb * HEAP_SHARE);
  // The addresses travel as an argument: a variable would be one that Lambda does not set.
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${heapMb}`, ...MODULE_FLAGS, BOOTSTRAP, JSON.stringify(apiAddresses)],
    {
      cwd: taskRoot,
      env: environmentVariables({ settings, region, runtimeApi: address, taskRoot, sdkDirectory }),
      // Beyond the usual three: the Runtime API, and what closes when this process ends.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    },
  );
  child.stdout!.setEncoding('utf8').on('data', functionLog.stream());
  child.stderr!.setEncoding('utf8').on('data', functionLog.stream());
  runtimeApi.connect(child.stdio[3] as Socket);
  child.stdio[4]!.on('error', () => {});
  return child;
}

/** Children of this process that run now, so that none outlives it when it ends without closing its functions. */
const living = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of living) killGroup(child);
});

/** The negative id means the group. Where there are no groups, or the group is gone, the process itself is killed. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

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
