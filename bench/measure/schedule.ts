/**
 * The schedule says when each message of a run is due and which stream sends it. It is pure: it never looks at a clock,
 * never sleeps, and does not know what happened to earlier messages, so intended times cannot drift.
 *
 * There is one global schedule per plan and seed. Message i belongs to stream i mod connections, and a worker that
 * drives a share of the streams walks the same schedule and stops only at what is its own: the messages of a run do not
 * depend on the number of threads or machines.
 */
import type { Arrival, Plan } from '../model/plan.ts';
import { type Random, seededRandom } from './random.ts';

/** A ramp starts at this fraction of its final rate, and warms up there: at zero, warm-up would send nothing. */
export const RAMP_START_FRACTION = 0.1;

/** A cursor over the messages of a plan, in order of their due times. Allocates nothing while it moves. */
export interface Schedule {
  /** Number of the message the cursor is at, from 0 over the whole run. */
  readonly index: number;
  /** Stream that sends it. */
  readonly stream: number;
  /** When it is due, in milliseconds from the start of warm-up; Infinity after the last one. */
  readonly dueMs: number;
  /** Moves to the next message of the share. */
  advance(): void;
}

/** Due time of message i, from the previous due time where the process needs it. */
type DueTimes = (index: number, previousMs: number) => number;

/** Evenly spaced. Computed from the index, not by adding, so rounding does not accumulate. */
function constantTimes(ratePerSecond: number): DueTimes {
  return (index) => (index * 1000) / ratePerSecond;
}

/** Poisson process: exponential gaps (inverse transform sampling), one draw per message. */
function poissonTimes(ratePerSecond: number, random: Random): DueTimes {
  const meanGapMs = 1000 / ratePerSecond;
  return (_index, previousMs) => previousMs - Math.log(1 - random.next()) * meanGapMs;
}

/**
 * Warm-up at the start rate a, then a rate that rises linearly from a to b over the duration T. The count due by time t
 * of the rise is n = a·t + (b − a)·t²/2T, solved for t.
 */
function rampTimes(plan: { warmupMs: number; durationMs: number }, ratePerSecond: number): DueTimes {
  const startRate = (ratePerSecond * RAMP_START_FRACTION) / 1000;
  const slope = (ratePerSecond / 1000 - startRate) / plan.durationMs;
  const warmupCount = Math.ceil(plan.warmupMs * startRate);
  return (index) => {
    if (index < warmupCount) return index / startRate;
    const n = index - warmupCount;
    return plan.warmupMs + (Math.sqrt(startRate * startRate + 2 * slope * n) - startRate) / slope;
  };
}

function dueTimes(plan: Plan, ratePerSecond: number, arrival: Arrival): DueTimes {
  switch (arrival) {
    case 'constant':
      return constantTimes(ratePerSecond);
    case 'poisson':
      return poissonTimes(ratePerSecond, seededRandom(plan.seed).fork('arrivals'));
    case 'ramp':
      return rampTimes(plan, ratePerSecond);
  }
}

/** The part of the streams that a cursor stops at: those ≡ index (mod of). */
interface Part {
  readonly index: number;
  readonly of: number;
}

const WHOLE: Part = { index: 0, of: 1 };

class OpenSchedule implements Schedule {
  index = 0;
  stream = 0;
  dueMs: number;
  readonly #times: DueTimes;
  readonly #streams: number;
  readonly #endMs: number;
  readonly #part: Part;

  constructor(times: DueTimes, streams: number, endMs: number, part: Part) {
    this.#times = times;
    this.#streams = streams;
    this.#endMs = endMs;
    this.#part = part;
    // A part without streams has no message to stop at, and would look for one to the end of the run.
    this.dueMs = part.index < streams ? this.#bounded(times(0, 0)) : Number.POSITIVE_INFINITY;
    if (!this.#isOwn()) this.advance();
  }

  advance(): void {
    do this.#step();
    while (!this.#isOwn());
  }

  /** Past the last message there is nothing left to look for. */
  #isOwn(): boolean {
    return this.stream % this.#part.of === this.#part.index || this.dueMs === Number.POSITIVE_INFINITY;
  }

  #step(): void {
    this.index++;
    this.stream = this.stream + 1 === this.#streams ? 0 : this.stream + 1;
    this.dueMs = this.#bounded(this.#times(this.index, this.dueMs));
  }

  #bounded(dueMs: number): number {
    return dueMs < this.#endMs ? dueMs : Number.POSITIVE_INFINITY;
  }
}

/**
 * The open-loop schedule of a plan, or of the share of it whose streams are ≡ index (mod of); only for plans whose load is
 * open.
 */
export function scheduleOf(plan: Plan, part: Part = WHOLE): Schedule {
  if (plan.load.kind !== 'open') throw new Error('a closed loop has no schedule');
  const { ratePerSecond, arrival } = plan.load;
  return new OpenSchedule(
    dueTimes(plan, ratePerSecond, arrival),
    plan.connections,
    plan.warmupMs + plan.durationMs,
    part,
  );
}
