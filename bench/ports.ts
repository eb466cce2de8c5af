/**
 * The seams of the product: everything that has an effect, as types only.
 *
 * Code that measures, drives or models is written against these, never against Node or a vendor, so the same code
 * runs on real sockets and real time, and on a virtual clock from a seed.
 */

import type { Rollup } from './measure/rollup.ts';
import type { ShareEvent } from './measure/share.ts';
import type { FaultTally } from './model/fault.ts';
import type { Plan } from './model/plan.ts';
import type { ReadinessState } from './model/readiness-state.ts';
import type { StageFacts, StageMetrics } from './model/result.ts';

/** A cancellable appointment made with {@link Clock.at}. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as a parameter. One clock per process or simulation; readings of two clocks are never subtracted. */
export interface Clock {
  /** Milliseconds with fraction, monotonic, origin arbitrary. */
  now(): number;
  /** UTC milliseconds since 1970 that correspond to a reading of {@link now}. */
  epochAt(nowMs: number): number;
  /** Calls `task` once, at or after `dueMs` (a {@link now} reading). A due time in the past runs on a later turn. */
  at(dueMs: number, task: () => void): Timer;
}

/**
 * Wakes one task at due times, as precisely as it can. A timer of the {@link Clock} made for senders: it holds one
 * appointment, so keeping it allocates nothing, and what wakes the thread is the plan's choice.
 */
export interface Pacer {
  /**
   * Calls the task once, at or after `dueMs` (a reading of the clock), never before it and never within this call. Takes
   * the place of the appointment before. A due time in the past runs on a later turn, after arrivals that wait.
   */
  wakeAt(dueMs: number): void;
  /** Forgets the appointment. Another may be made. */
  cancel(): void;
}

/** Makes the pacer that calls the task. */
export type NewPacer = (task: () => void) => Pacer;

export type { Random } from './measure/random.ts';

/** Why the driver cut a connection: a short stable word, and what there is to say of it. */
export interface Cut {
  readonly code: string;
  readonly detail: string;
}

/** What a connection tells its owner. One object per connection, so that no closure is made per message. */
export interface ConnectionEvents {
  opened(): void;
  /** One complete text message, as UTF-8 in bytes[start, end), valid only during the call. */
  received(bytes: Uint8Array, start: number, end: number): void;
  /**
   * The connection ended: RFC 6455 close code (1006 without a close frame). Where the driver cut it, for what it received,
   * `cut` says so. Called at most once, after opened.
   */
  closed(code: number, reason: string, cut?: Cut): void;
  /** The connection could not be opened. `code` is a short stable word: ECONNREFUSED, HTTP_429, TIMEOUT … */
  failed(code: string, detail: string): void;
}

/** An open (or opening) WebSocket, seen from the client. */
export interface Connection {
  /** Whether {@link send} would send: false from the moment either side has begun to close. */
  isOpen(): boolean;
  /**
   * Sends one text message, at the latest when the task that called ends. Callable only while open. The bytes may be
   * reused after the call.
   */
  send(bytes: Uint8Array): void;
  /** Bytes accepted by {@link send} that the operating system has not taken yet. */
  backlogBytes(): number;
  /** Starts the closing handshake and gives up on it after a limit of the implementation's. */
  close(): void;
}

/** Opens client connections. */
export interface Dialer {
  dial(url: string, events: ConnectionEvents): Connection;
}

/** Where a run is driven to, opened and ready for traffic. */
export interface Stage {
  readonly facts: StageFacts;
  /** Whether the stage's metrics can be read: a bare URL has none. */
  readonly hasMetrics: boolean;
  /** What must be seen of it before it is driven. Absent where one echo shows all there is to see. */
  readonly readiness?: Readiness;
  /** How long the first echo may take. Where nothing is said: a minute, and of a bare URL none is waited for. */
  readonly echoWithinMs?: number;
  /** How long everything that is asked of it after a run may take; seconds where nothing is said. */
  readonly answersWithinMs?: number;
  /** Metrics of the whole seconds or minutes that cover the window (UTC milliseconds). Null when there are none. */
  metrics(startEpochMs: number, endEpochMs: number, reading?: MetricsReading): Promise<StageMetrics | null>;
  /** Told when measurement starts, UTC milliseconds, before it does: what a fault plan's times count from. */
  measuring?(fromEpochMs: number): void;
  /** What the stage's fault plan did, by its own count and in the plan's order. Absent where there is none. */
  faults?(): Promise<readonly FaultTally[]>;
  /** What changed on the stage since it was opened, as a sentence; null when nothing did. Absent where nothing can. */
  changed?(): Promise<string | null>;
  /** Frees what opening it took; a deployed stage stays deployed. */
  close(): Promise<void>;
}

/** What shows that a pipeline reads all that it is sent, although it says so before it does. */
export interface Readiness {
  /** Null where it was seen before. Rejects when the stage can't be asked. */
  ask(): Promise<ReadinessState | null>;
  /** It was seen: what is asked later need not see it again. */
  met(): void;
}

/** Something a run waits for, as a person wants to know it. */
export interface Waiting {
  /** A clause without a full stop. */
  readonly what: string;
  /** When waiting ends at the latest, a reading of the clock. */
  readonly untilMs: number;
}

/** What the asker knows of the run: what metrics that come late should come to, when was measured, and who waits. */
export interface MetricsReading {
  /** Start of the measured window, UTC milliseconds: what came before is preparation. */
  readonly measuredFromEpochMs: number;
  /** Records the streams must have accepted in the window, which tells when all are counted. */
  readonly expectedRecords: number;
  /** Aborted when nobody wants to wait any longer: what there is by then is the answer. */
  readonly interrupted: AbortSignal;
  /** Told why the answer is not there yet, and again when that changes. */
  readonly waiting: (waiting: Waiting) => void;
}

/** The share of a run that one worker drives: the streams whose number is ≡ index (mod of). */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** What a worker needs to know to drive its share. Plain data. */
export interface Assignment {
  readonly plan: Plan;
  readonly share: Share;
  readonly url: string;
  /** Run identity carried in every message: 16 hexadecimal digits. */
  readonly runId: string;
  /** Values of the plan's headers; they exist here and nowhere in a result. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Drives one share of a run: a thread, the whole process in simulation, or another machine. */
export interface Worker {
  /** Opens the share's connections and resolves when all are open or have failed. */
  open(): Promise<void>;
  /** Starts the schedule at the given UTC millisecond and resolves when the share has drained and closed. */
  drive(startEpochMs: number): Promise<void>;
  /** Stops sending now, drains nothing more, and lets {@link drive} resolve. */
  interrupt(): void;
}

/** Receives what a worker reports while it works. */
export type ShareListener = (event: ShareEvent) => void;

/** The phases of a run, in order. */
export type Phase = 'probing' | 'opening' | 'warming up' | 'measuring' | 'draining' | 'reading metrics';

/** Watches a run. Told of each phase as it begins, with the sums so far, which go on growing. */
export interface RunObserver {
  phase(phase: Phase, rollup: Rollup, startMs: number): void;
  /** Told why the phase goes on, and again when that changes. */
  waiting?(waiting: Waiting): void;
}
