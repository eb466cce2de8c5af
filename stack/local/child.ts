/**
 * Runs the local stage in a process of its own, as the {@link Stage} that a run drives. On one event loop the
 * driver's send times would show the stage's work. If that process dies, its log line says so and every later
 * question about metrics fails: a stage that is gone is not a stage without traffic.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FaultPlan, FaultTally } from '../../bench/model/fault.ts';
import type { Dispatch, ProfileName } from '../../bench/model/plan.ts';
import type { StageFacts, StageMetrics } from '../../bench/model/result.ts';
import { LineCutter } from '../../bench/node/bounded-file.ts';
import type { Stage } from '../../bench/ports.ts';
import { StageConfigurationError } from './errors.ts';
import { sweep } from './function/function-code.ts';

export { StageConfigurationError } from './errors.ts';

/** Everything a stage's process needs to start. */
export interface StageRequest {
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  readonly dispatch: Dispatch;
  readonly seed: number;
  /** 0 takes any free port. */
  readonly port: number;
  /** What is to go wrong; null for nothing. */
  readonly faults: FaultPlan | null;
  /** Origins that may connect. */
  readonly allowedOrigins: readonly string[];
}

type Optional = 'faults' | 'allowedOrigins';

interface LocalStageRequest
  extends Omit<StageRequest, Optional | 'templatePath'>,
    Partial<Pick<StageRequest, Optional>> {
  /** Null is the reference stack. */
  readonly templatePath: string | null;
  readonly log: (line: string) => void;
  /** Aborted when the start is no longer wanted. */
  readonly interrupted?: AbortSignal;
}

/** What the stage's process can be asked, as plain data over Node's IPC channel. */
export type StageQuestion =
  | { readonly kind: 'start'; readonly request: StageRequest }
  | {
      readonly kind: 'metrics';
      readonly startEpochMs: number;
      readonly endEpochMs: number;
      /** The stage's health is judged from here: starting functions fills any machine for a while. */
      readonly measuredFromEpochMs: number;
    }
  | { readonly kind: 'faults' };

/** The answers, by the kinds of questions. */
export interface StageAnswers {
  readonly start: Pick<StageFacts, 'url' | 'parameters' | 'notes'> & { readonly region: string };
  readonly metrics: StageMetrics;
  readonly faults: readonly FaultTally[];
}

/** Sent to the stage: a question, whose answer carries its number; or a command without an answer. */
export type StageCommand =
  | { readonly kind: 'question'; readonly id: number; readonly question: StageQuestion }
  /** Measurement starts then, UTC milliseconds. */
  | { readonly kind: 'measuring'; readonly fromEpochMs: number }
  | { readonly kind: 'stop' };

/** Sent by the stage. */
export type StageReport =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: StageAnswers[keyof StageAnswers] }
  /** Problems of the configuration, each with its remedy; empty when something else failed. */
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly problems: readonly string[];
      readonly message: string;
    }
  | { readonly kind: 'log'; readonly line: string };

const REFERENCE_TEMPLATE = fileURLToPath(new URL('../template.yaml', import.meta.url));
const ENTRY = fileURLToPath(new URL('child-entry.mjs', import.meta.url));

/** A stage starts in a second or two, on a busy machine in ten. */
const START_LIMIT_MS = 60_000;

/** A line of the stage's output that is longer is a dump. */
const LOG_LINE_LENGTH = 4_096;

/** How long the process gets to close before it is killed: longer than its own limit in serve.ts. */
const STOP_LIMIT_MS = 6_000;
/** The same of one that owes an answer: it has not obeyed for a while. */
const OWING_LIMIT_MS = 1_000;

/** Stages that run now. One that no longer answers would not notice that this process ends. */
const living = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * Starts a local stage in a child process. Rejects with a {@link StageConfigurationError} when the template or its
 * parameters must be changed, with another Error when the stage could not be started.
 */
export async function openLocalStage(request: LocalStageRequest): Promise<Stage> {
  const { log, templatePath, faults = null, allowedOrigins = [], interrupted, ...rest } = request;
  const process = new StageProcess(log);
  const full = { ...rest, faults, allowedOrigins, templatePath: templatePath ?? REFERENCE_TEMPLATE };
  const facts = await process.start(full, interrupted ?? new AbortController().signal);
  const ofFaults: Pick<Stage, 'measuring' | 'faults'> = {
    measuring: (fromEpochMs) => process.measuring(fromEpochMs),
    faults: () => process.ask({ kind: 'faults' }),
  };
  return {
    facts: { kind: 'local', ...facts, name: request.stackName, profile: request.profile },
    hasMetrics: true,
    metrics: (startEpochMs, endEpochMs, reading) => {
      const measuredFromEpochMs = reading?.measuredFromEpochMs ?? startEpochMs;
      return process.ask({ kind: 'metrics', startEpochMs, endEpochMs, measuredFromEpochMs });
    },
    ...(faults === null ? {} : ofFaults),
    close: () => process.stop(),
  };
}

interface Asked {
  readonly resolve: (answer: StageAnswers[keyof StageAnswers]) => void;
  readonly reject: (error: Error) => void;
}

class StageProcess {
  readonly #child: ChildProcess;
  readonly #log: (line: string) => void;
  readonly #asked = new Map<number, Asked>();
  readonly #exited: Promise<void>;
  #questions = 0;
  #isStopping = false;

  constructor(log: (line: string) => void) {
    this.#log = log;
    // A process group of its own keeps the terminal's Ctrl-C from the stage and from its functions' processes.
    this.#child = fork(ENTRY, { detached: true, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      const lines = new LineCutter(log, LOG_LINE_LENGTH);
      stream?.setEncoding('utf8').on('data', (text: string) => lines.take(text));
      stream?.on('end', () => lines.end());
    }
    living.add(this.#child);
    this.#child.on('message', (message) => this.#hear(message as StageReport));
    this.#exited = new Promise((resolve) => {
      const ended = (how: string) => {
        this.#ended(how);
        resolve();
      };
      this.#child.once('error', (error) => ended(error.message));
      this.#child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    });
  }

  async start(request: StageRequest, interrupted: AbortSignal): Promise<StageAnswers['start']> {
    // What does not start in time, or is not wanted any more, has nothing to close.
    const kill = (why: string) => {
      this.#isStopping = true;
      this.#rejectAll(new Error(why));
      this.#child.kill('SIGKILL');
    };
    const cancel = () => kill('the local stage was interrupted while it started');
    const seconds = START_LIMIT_MS / 1000;
    const limit = setTimeout(() => kill(`the local stage did not start within ${seconds} s`), START_LIMIT_MS);
    interrupted.addEventListener('abort', cancel, { once: true });
    try {
      const started = this.ask({ kind: 'start', request });
      if (interrupted.aborted) cancel();
      return await started;
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(limit);
      interrupted.removeEventListener('abort', cancel);
    }
  }

  ask<K extends keyof StageAnswers>(question: StageQuestion & { kind: K }): Promise<StageAnswers[K]> {
    if (!this.#child.connected) return Promise.reject(new Error('the local stage is no longer running'));
    const id = this.#questions++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve: (answer) => resolve(answer as StageAnswers[K]), reject });
      this.#say({ kind: 'question', id, question });
    });
  }

  measuring(fromEpochMs: number): void {
    if (this.#child.connected) this.#say({ kind: 'measuring', fromEpochMs });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#child.connected) this.#say({ kind: 'stop' });
    const limitMs = this.#asked.size > 0 ? OWING_LIMIT_MS : STOP_LIMIT_MS;
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), limitMs);
    await this.#exited;
    clearTimeout(limit);
    // One that was killed could not clean up.
    if (this.#child.signalCode !== null) sweep(tmpdir());
  }

  /** A channel that closes while something is said to it is noticed by the exit that follows. */
  #say(command: StageCommand): void {
    this.#child.send(command, () => {});
  }

  #hear(report: StageReport): void {
    if (report.kind === 'log') {
      this.#log(report.line);
      return;
    }
    const asked = this.#asked.get(report.id);
    this.#asked.delete(report.id);
    if (report.kind === 'answer') asked?.resolve(report.answer);
    else
      asked?.reject(
        report.problems.length > 0 ? new StageConfigurationError(report.problems) : new Error(report.message),
      );
  }

  #ended(how: string): void {
    living.delete(this.#child);
    if (!this.#isStopping) this.#log(`the local stage ended unexpectedly: ${how}`);
    this.#rejectAll(new Error(`the local stage ended: ${how}`));
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}
