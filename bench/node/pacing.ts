/**
 * What wakes a thread for due times, as the plan chooses. A timer sleeps in whole milliseconds, so it is half a millisecond late at
 * the median and costs next to nothing. A metronome is a thread that sleeps until the due time and wakes this thread's event loop:
 * a tenth of a millisecond late, for a fifth of a core at thousands of messages a second and next to nothing at hundreds. Spinning
 * takes one turn of the event loop after the other: hundredths of a millisecond late, for a whole core. All read arrivals on every turn.
 */
import { Worker as NodeThread } from 'node:worker_threads';
import type { Pacing } from '../model/plan.ts';
import type { NewPacer, Pacer } from '../ports.ts';
import { BYTES, DUE, NAPPING, NO_APPOINTMENT, SLEEP, SLEEPING, WAKES } from './metronome-memory.mjs';

export interface PacingFacility {
  readonly newPacer: NewPacer;
  /** Differs from what was asked where it could not be had. */
  inForce(): Pacing;
}

/** What wakes this thread for due times, as asked. */
export function pacingOf(asked: Pacing): PacingFacility {
  if (asked === 'timer') return { newPacer: timerPacer, inForce: () => asked };
  if (asked === 'spin') return { newPacer: spinPacer, inForce: () => asked };
  const metronomes: Metronome[] = [];
  return {
    newPacer: (task) => {
      const metronome = new Metronome(task);
      metronomes.push(metronome);
      return metronome;
    },
    inForce: () =>
      metronomes.every((metronome) => metronome.inForce() === 'metronome') ? 'metronome' : 'timer',
  };
}

/** A wait that is longer is slept by a timer first: by then the longest rounding of a timer is over. */
const SPIN_MS = 3;

/** Needs nothing but the event loop. */
class LoopPacer implements Pacer {
  readonly #task: () => void;
  readonly #spinMs: number;
  #dueMs = Number.POSITIVE_INFINITY;
  #timeout: NodeJS.Timeout | null = null;
  /** Whether a turn is asked for: it may be asked for once only, or every appointment would start another spin. */
  #turning = false;
  readonly #timeUp = (): void => {
    this.#timeout = null;
    this.#turn();
  };
  readonly #look = (): void => {
    this.#turning = false;
    this.#turn();
  };

  /** Spins through the last `spinMs` of a wait; 0 never spins. */
  constructor(task: () => void, spinMs: number) {
    this.#task = task;
    this.#spinMs = spinMs;
  }

  wakeAt(dueMs: number): void {
    this.cancel();
    this.#dueMs = dueMs;
    this.#wait();
  }

  cancel(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#timeout === null) return;
    clearTimeout(this.#timeout);
    this.#timeout = null;
  }

  #wait(): void {
    const waitMs = this.#dueMs - performance.now();
    if (waitMs <= this.#spinMs) this.#askForTurn();
    // Node cuts fractions off, which would run the task early.
    else this.#timeout = setTimeout(this.#timeUp, Math.ceil(waitMs - this.#spinMs));
  }

  #askForTurn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#look);
  }

  #turn(): void {
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    if (this.#dueMs > performance.now()) {
      this.#wait();
      return;
    }
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#task();
  }
}

/** Sleeps by the event loop's timer. */
const timerPacer = (task: () => void): Pacer => new LoopPacer(task, 0);

/** Never sleeps for the last milliseconds before a due time. */
const spinPacer = (task: () => void): Pacer => new LoopPacer(task, SPIN_MS);

const PROGRAM = new URL('./metronome-thread.mjs', import.meta.url);

/**
 * Rest after a wake, which bounds the wakes to some 5,000 a second (with what the system adds to every sleep). Shorter
 * rests cost more processor time than they take off the lag.
 */
const GAP_MS = 0.1;

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

/**
 * The two threads share a few words of memory; `Atomics.waitAsync` brings the wake into the event loop. Where the thread can't be
 * had, or dies, a timer takes over and {@link Metronome.inForce} says so.
 */
export class Metronome implements Pacer {
  readonly #task: () => void;
  readonly #memory = new SharedArrayBuffer(BYTES);
  readonly #words = new Int32Array(this.#memory);
  readonly #due = new BigInt64Array(this.#memory);
  /** Reading of hrtime at zero of this thread's clock, whose origin is the thread's start. */
  readonly #originNanos = Number(process.hrtime.bigint()) - performance.now() * NANOS_PER_MILLI;
  readonly #timer: Pacer;
  readonly #woken: () => void = () => this.#wokenUp();
  #thread: NodeThread | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
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
    if (dueMs <= performance.now() || this.inForce() === 'timer') this.#timer.wakeAt(dueMs);
    else this.#appoint();
  }

  cancel(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#thread?.unref();
    this.#timer.cancel();
    Atomics.store(this.#due, DUE, NO_APPOINTMENT);
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

  #fire(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#timer.cancel();
    this.#thread?.unref();
    this.#task();
  }
}
