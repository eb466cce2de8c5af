/**
 * The local stage in a process of its own, as the {@link Stage} a run drives. Gateway, streams and the driver would
 * otherwise share one event loop, and the driver's send times would show the stage's work. If that process dies, its log
 * line says so and every later question about metrics is an error: a stage that is gone is not a stage without traffic.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FaultPlan, FaultTally } from '../../bench/core/fault.ts';
import type { Dispatch, ProfileName } from '../../bench/core/plan.ts';
import type { StageFacts, StageMetrics } from '../../bench/core/result.ts';
import { LineCutter } from '../../bench/edge/bounded-file.ts';
import type { Stage } from '../../bench/ports.ts';
import { StageConfigurationError } from './configuration-error.ts';
import { sweep } from './function/process-runtime.ts';

export { StageConfigurationError } from './configuration-error.ts';

interface LocalStageRequest {
  /** Null is the reference stack. */
  readonly templatePath: string | null;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly profile: ProfileName;
  readonly dispatch: Dispatch;
  readonly seed: number;
  /** 0 takes any free port. */
  readonly port: number;
  /** What is to go wrong; nothing when left out. */
  readonly faults?: FaultPlan | null;
  /** Origins that may connect; none when left out. */
  readonly allowedOrigins?: readonly string[];
  readonly log: (line: string) => void;
  /** Aborted when nobody waits for the start any more. */
  readonly interrupted?: AbortSignal;
}

const REFERENCE_TEMPLATE = fileURLToPath(new URL('../template.yaml', import.meta.url));
const ENTRY = fileURLToPath(new URL('child-entry.mjs', import.meta.url));

/** A stage starts in a second or two, on a busy machine in ten. */
const START_LIMIT_MS = 60_000;

/** A line of the stage's output that is longer is a dump. */
const LOG_LINE_LENGTH = 4_096;

/** How long the process gets to close before it is killed: longer than its own limit in serve.ts. */
const STOP_LIMIT_MS = 6_000;
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
  const {
    log,
    templatePath,
    faults = null,
    allowedOrigins = [],
    interrupted = new AbortController().signal,
    ...rest
  } = request;
  const process = new StageProcess(log);
  const command: StageCommand = {
    kind: 'start',
    request: { ...rest, faults, allowedOrigins, templatePath: templatePath ?? REFERENCE_TEMPLATE },
  };
  const answer = await process.start(command, interrupted);
  return {
    facts: factsOf(request, answer),
    hasMetrics: true,
    metrics: (startEpochMs, endEpochMs, reading) =>
      process.metrics(startEpochMs, endEpochMs, reading?.measuredFromEpochMs ?? startEpochMs),
    ...(faults === null ? {} : faultsOf(process)),
    close: () => process.stop(),
  };
}

function faultsOf(process: StageProcess): Pick<Stage, 'measuring' | 'faults'> {
  return {
    measuring: (fromEpochMs) => process.measuring(fromEpochMs),
    faults: () => process.faults(),
  };
}

function factsOf(request: LocalStageRequest, answer: StageAnswer): StageFacts {
  const { url, region, parameters, notes } = answer;
  return { kind: 'local', url, name: request.stackName, region, parameters, profile: request.profile, notes };
}

interface Answers {
  readonly metrics: StageMetrics;
  readonly faults: readonly FaultTally[];
}

interface Question {
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

class StageProcess {
  readonly #child: ChildProcess;
  readonly #log: (line: string) => void;
  readonly #questions = new Map<number, Question>();
  readonly #exited: Promise<void>;
  #asked = 0;
  #isStopping = false;
  #starting: { resolve: (answer: StageAnswer) => void; reject: (error: Error) => void } | null = null;

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

  async start(command: StageCommand, interrupted: AbortSignal): Promise<StageAnswer> {
    // What does not start in time, or is not wanted any more, has nothing to close.
    const kill = (why: string) => {
      this.#isStopping = true;
      this.#starting?.reject(new Error(why));
      this.#child.kill('SIGKILL');
    };
    const cancel = () => kill('the local stage was interrupted while it started');
    const seconds = START_LIMIT_MS / 1000;
    const limit = setTimeout(() => kill(`the local stage did not start within ${seconds} s`), START_LIMIT_MS);
    interrupted.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#starting = { resolve, reject };
        this.#say(command);
        if (interrupted.aborted) cancel();
      });
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      clearTimeout(limit);
      interrupted.removeEventListener('abort', cancel);
    }
  }

  metrics(startEpochMs: number, endEpochMs: number, measuredFromEpochMs: number): Promise<StageMetrics> {
    return this.#ask((id) => ({ kind: 'metrics', id, startEpochMs, endEpochMs, measuredFromEpochMs }));
  }

  measuring(fromEpochMs: number): void {
    if (this.#child.connected) this.#say({ kind: 'measuring', fromEpochMs });
  }

  faults(): Promise<readonly FaultTally[]> {
    return this.#ask((id) => ({ kind: 'faults', id }));
  }

  /** The answer is of the question's kind: the stage answers each by its number. */
  #ask<K extends keyof Answers>(question: (id: number) => StageCommand & { kind: K }): Promise<Answers[K]> {
    if (!this.#child.connected) return Promise.reject(new Error('the local stage is no longer running'));
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve: (answer) => resolve(answer as Answers[K]), reject });
      this.#say(question(id));
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#child.connected) this.#say({ kind: 'stop' });
    // One that owes an answer has not obeyed for a while.
    const limitMs = this.#questions.size > 0 ? OWING_LIMIT_MS : STOP_LIMIT_MS;
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

  #hear(message: StageReport): void {
    switch (message.kind) {
      case 'started':
        this.#starting?.resolve(message.answer);
        this.#starting = null;
        return;
      case 'failed':
        this.#starting?.reject(errorOf(message.problems, message.message));
        this.#starting = null;
        return;
      case 'metrics':
        this.#question(message.id)?.resolve(message.metrics);
        return;
      case 'faults':
        this.#question(message.id)?.resolve(message.tallies);
        return;
      case 'questionFailed':
        this.#question(message.id)?.reject(new Error(message.message));
        return;
      case 'log':
        this.#log(message.line);
    }
  }

  #question(id: number): Question | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }

  #ended(how: string): void {
    living.delete(this.#child);
    const error = new Error(`the local stage ended: ${how}`);
    if (!this.#isStopping) this.#log(`the local stage ended unexpectedly: ${how}`);
    this.#starting?.reject(error);
    this.#starting = null;
    for (const question of this.#questions.values()) question.reject(error);
    this.#questions.clear();
  }
}

function errorOf(problems: readonly string[], message: string): Error {
  return problems.length > 0 ? new StageConfigurationError(problems) : new Error(message);
}

// What the driver's process and the local stage's process say to each other. Plain data over Node's IPC channel.

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
  readonly faults: FaultPlan | null;
  readonly allowedOrigins: readonly string[];
}

interface StageAnswer {
  readonly url: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Said to the stage. */
export type StageCommand =
  | { readonly kind: 'start'; readonly request: StageRequest }
  | {
      readonly kind: 'metrics';
      readonly id: number;
      readonly startEpochMs: number;
      readonly endEpochMs: number;
      /** The stage's health is judged from here: starting functions fills any machine for a while. */
      readonly measuredFromEpochMs: number;
    }
  /** Measurement starts then, UTC milliseconds. */
  | { readonly kind: 'measuring'; readonly fromEpochMs: number }
  | { readonly kind: 'faults'; readonly id: number }
  | { readonly kind: 'stop' };

/** Said by the stage. */
export type StageReport =
  | { readonly kind: 'started'; readonly answer: StageAnswer }
  /** Problems of the configuration, each with its remedy; empty when something else failed. */
  | { readonly kind: 'failed'; readonly problems: readonly string[]; readonly message: string }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: StageMetrics }
  | { readonly kind: 'faults'; readonly id: number; readonly tallies: readonly FaultTally[] }
  | { readonly kind: 'questionFailed'; readonly id: number; readonly message: string }
  | { readonly kind: 'log'; readonly line: string };
