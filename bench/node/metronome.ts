/**
 * A pacer with a thread of its own that sleeps until the next due time and wakes this thread's event loop: a tenth of a
 * millisecond late where a timer is half a one, for a fifth of a core at thousands of messages a second and next to
 * nothing at hundreds. The two share a few words of memory; `Atomics.waitAsync` brings the wake into the event loop. Where
 * the thread can't be had, or dies, a timer takes over and {@link Metronome.inForce} says so.
 */
import { Worker as NodeThread } from 'node:worker_threads';
import type { Pacing } from '../model/plan.ts';
import type { Pacer } from '../ports.ts';
import { timerPacer } from './loop-pacer.ts';
import { BYTES, DUE, NAPPING, NO_APPOINTMENT, SLEEP, SLEEPING, WAKES } from './metronome-memory.mjs';

const PROGRAM = new URL('./metronome-thread.mjs', import.meta.url);

/**
 * Rest after a wake, which bounds the wakes to some 5,000 a second (with what the system adds to every sleep). Shorter
 * rests cost more processor time than they take off the lag.
 */
export const GAP_MS = 0.1;

const NANOS_PER_MILLI = 1e6;

/** Of ES2024; the compiler's library of ES2023 does not have it, and every supported Node does. */
interface AsyncWait {
  readonly waitAsync?: (
    words: Int32Array,
    index: number,
    value: number,
  ) => { readonly async: boolean; readonly value: unknown };
}

const { waitAsync } = Atomics as AsyncWait;

export class Metronome implements Pacer {
  readonly #task: () => void;
  readonly #memory = new SharedArrayBuffer(BYTES);
  readonly #words = new Int32Array(this.#memory);
  readonly #due = new BigInt64Array(this.#memory);
  /** Reading of hrtime at zero of this thread's clock, whose origin is the thread's start. */
  readonly #originNanos = Number(process.hrtime.bigint()) - performance.now() * NANOS_PER_MILLI;
  readonly #timer: Pacer;
  readonly #woken: () => void = () => this.#wokenUp();
  readonly #turn: () => void = () => this.#lookAgain();
  #thread: NodeThread | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #turning = false;
  #up = false;
  #dead = false;

  constructor(task: () => void, program: URL = PROGRAM) {
    this.#task = task;
    this.#timer = timerPacer(() => this.#fire());
    try {
      this.#start(program);
    } catch {
      this.#dead = true;
    }
  }

  /** What wakes the thread at present: a timer before the metronome is up, and after its death. */
  inForce(): Pacing {
    return this.#up && !this.#dead ? 'metronome' : 'timer';
  }

  wakeAt(dueMs: number): void {
    this.#timer.cancel();
    this.#dueMs = dueMs;
    if (dueMs <= performance.now()) this.#askForTurn();
    else if (this.inForce() === 'timer') this.#timer.wakeAt(dueMs);
    else this.#appoint();
  }

  cancel(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#thread?.unref();
    this.#timer.cancel();
    Atomics.store(this.#due, DUE, NO_APPOINTMENT);
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#dead = true;
    this.cancel();
    await this.#thread?.terminate();
  }

  #start(program: URL): void {
    if (waitAsync === undefined) throw new Error('Atomics.waitAsync is missing');
    this.#listenForWake();
    // Without the arguments of this process: loaders given there would be loaded in the thread too.
    const workerData = { memory: this.#memory, gapMs: GAP_MS };
    this.#thread = new NodeThread(program, { workerData, execArgv: [] });
    this.#thread.unref();
    this.#thread.on('error', () => this.#died());
    this.#thread.on('exit', () => this.#died());
  }

  /** An appointment keeps the process alive, as a timer does. */
  #appoint(): void {
    this.#thread?.ref();
    const dueNanos = this.#originNanos + this.#dueMs * NANOS_PER_MILLI;
    Atomics.store(this.#due, DUE, BigInt(Math.ceil(dueNanos)));
    if (Atomics.compareExchange(this.#words, SLEEP, SLEEPING, NAPPING) === SLEEPING) {
      Atomics.notify(this.#words, SLEEP);
    }
  }

  #listenForWake(): void {
    const wakes = Atomics.load(this.#words, WAKES);
    const wait = waitAsync!(this.#words, WAKES, wakes);
    // Not to be waited for when a wake came in between.
    if (wait.async) void (wait.value as Promise<unknown>).then(this.#woken);
    else setImmediate(this.#woken);
  }

  #wokenUp(): void {
    this.#listenForWake();
    if (this.#dead) return;
    if (!this.#up) this.#takeOver();
    else if (this.#dueMs <= performance.now()) this.#fire();
    // A wake for an appointment that was moved meanwhile, or less than a rounding too early.
    else if (this.#dueMs !== Number.POSITIVE_INFINITY) this.#appoint();
  }

  /** The thread is up: the timer's appointment becomes its own. */
  #takeOver(): void {
    this.#up = true;
    if (this.#dueMs !== Number.POSITIVE_INFINITY) this.wakeAt(this.#dueMs);
  }

  #died(): void {
    if (this.#dead) return;
    this.#dead = true;
    if (this.#dueMs !== Number.POSITIVE_INFINITY) this.wakeAt(this.#dueMs);
  }

  #askForTurn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  #lookAgain(): void {
    this.#turning = false;
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    if (this.#dueMs <= performance.now()) this.#fire();
    else this.wakeAt(this.#dueMs);
  }

  #fire(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#thread?.unref();
    this.#task();
  }
}
