/**
 * Carries out a fault plan on a local stage. A wrapper stands where a fault can strike (faulty-*.ts), and a stage
 * without a plan has none. Nothing happens before {@link FaultInjector.measuring}. Chance is forked from the stage's
 * by the fault's name, so the stage and the other faults draw what they would draw without it.
 */
import {
  emptyFaultCounts,
  emptyFaultTally,
  type FaultCounts,
  type FaultPlan,
  type FaultTally,
} from '../../../bench/model/fault.ts';
import type { Clock, Random } from '../../../bench/ports.ts';
import { Appointments } from '../gateway/delay-line.ts';
import { type ArmedFault, FaultPeriod } from './fault-period.ts';

/** Told of every text frame at the moment it leaves for its client. */
export type FrameTap = (connectionId: string, text: string) => void;

/** A connection as far as it can be struck. */
export interface StrikableConnection {
  readonly connectionId: string;
  /** Resets it: the client sees 1006. */
  kill(): void;
  /** From now on it carries nothing in either direction, for good. */
  silence(): void;
}

export interface FaultInjectorOptions {
  /** May be empty, for a stage that is only listened to. */
  readonly plan: FaultPlan;
  readonly clock: Clock;
  readonly random: Random;
  /** For tests that must know what was really delivered. */
  readonly tap?: FrameTap | undefined;
}

export class FaultInjector {
  readonly clock: Clock;
  readonly tap: FrameTap | null;
  readonly stall = new Stall();
  /** The connections that are open and carry messages, in the order they opened. */
  readonly connections = new Set<StrikableConnection>();
  readonly #plan: FaultPlan;
  readonly #random: Random;
  /** Beginnings and ends of faults. */
  readonly #schedule: Appointments;
  /** Messages that are held up. */
  readonly #holds: Appointments;
  #period: FaultPeriod | null = null;
  #isAtWork = false;

  constructor({ plan, clock, random, tap }: FaultInjectorOptions) {
    this.clock = clock;
    this.tap = tap ?? null;
    this.#plan = plan;
    this.#random = random;
    this.#schedule = new Appointments(clock);
    this.#holds = new Appointments(clock);
  }

  /** The faults as armed; null before measurement and after its end. */
  get period(): FaultPeriod | null {
    return this.#isAtWork ? this.#period : null;
  }

  /** Arms the plan: its times count from this UTC millisecond, its tallies from zero. A second call begins anew. */
  measuring(fromEpochMs: number): void {
    this.finish();
    this.#isAtWork = true;
    this.#period = new FaultPeriod(this.#plan, this.#random, fromEpochMs - this.clock.epochAt(0));
    for (const armed of this.#period.at('connection')) this.#armConnectionFault(armed);
    for (const armed of this.#period.at('gateway')) this.#armStall(armed);
  }

  /** Measurement is over: nothing strikes any more, what waited at the gate goes, and the tallies stay. */
  finish(): void {
    this.#schedule.cancelAll();
    this.#isAtWork = false;
    this.stall.release();
  }

  /** What each fault did, in the plan's order. */
  tallies(): FaultTally[] {
    if (this.#period === null) return this.#plan.faults.map(emptyFaultTally);
    return this.#period.faults.map(({ tally }) => ({ ...tally }));
  }

  /** What was done to a connection, by all faults together. */
  tallyOf(connectionId: string): FaultCounts {
    return { ...emptyFaultCounts(), ...this.#period?.byConnection.get(connectionId) };
  }

  /** What was done to messages whose JSON body has this text as `stream`. */
  tallyOfStream(stream: string): FaultCounts {
    return { ...emptyFaultCounts(), ...this.#period?.byStream.get(stream) };
  }

  struckStreams(): string[] {
    return [...(this.#period?.byStream.keys() ?? [])];
  }

  /** Lets what comes into or out of a gateway pass its gate; what must wait is counted for the fault that shut it. */
  passGate(connectionId: string, task: () => void): void {
    const holder = this.stall.isHolding
      ? this.period?.at('gateway').find((armed) => armed.isActive(this.clock.now()))
      : undefined;
    holder?.count('touched', { connectionId, stream: null });
    this.stall.pass(task);
  }

  /** Ends every fault for good, and forgets what is held up. */
  close(): void {
    this.finish();
    this.#holds.cancelAll();
  }

  /** Calls the task after the time, unless the injector is closed before. */
  after(waitMs: number, task: () => void): void {
    this.#holds.at(this.clock.now() + waitMs, task);
  }

  #armStall(armed: ArmedFault): void {
    this.#schedule.at(armed.fromMs, () => {
      this.stall.begin();
      if (armed.untilMs !== null) this.#schedule.at(armed.untilMs, () => this.stall.end());
    });
  }

  /**
   * By `ratio`, each connection that is open when the fault begins is struck with that chance, all at the same moment; those
   * that open later are not. By rate, one connection picked by chance is struck when the fault begins and then at even
   * intervals while it is at work.
   */
  #armConnectionFault(armed: ArmedFault): void {
    if (armed.fault.ratePerSecond !== null) {
      this.#armNext(armed, 0, 1_000 / armed.fault.ratePerSecond);
      return;
    }
    this.#schedule.at(armed.fromMs, () => {
      const nowMs = Math.max(this.clock.now(), armed.fromMs);
      for (const connection of [...this.connections]) if (armed.picks(nowMs)) strike(armed, connection);
    });
  }

  /** Intervals are counted from the beginning, so that late timers do not add up. */
  #armNext(armed: ArmedFault, index: number, intervalMs: number): void {
    const dueMs = armed.fromMs + index * intervalMs;
    if (!armed.isActive(dueMs)) return;
    this.#schedule.at(dueMs, () => {
      const picked = armed.pickOf([...this.connections]);
      if (picked !== undefined) strike(armed, picked);
      this.#armNext(armed, index + 1, intervalMs);
    });
  }
}

function strike(armed: ArmedFault, connection: StrikableConnection): void {
  armed.count('touched', { connectionId: connection.connectionId, stream: null });
  if (armed.fault.do === 'kill') connection.kill();
  else connection.silence();
}

/**
 * A gate that everything into and out of a gateway passes. While it is shut, what comes waits; when it opens, all of it
 * goes at once in the order in which it came, and what that brings about queues behind it.
 */
class Stall {
  readonly #waiting: (() => void)[] = [];
  /** It may be shut by several at a time. */
  #holds = 0;

  get isHolding(): boolean {
    return this.#holds > 0 || this.#waiting.length > 0;
  }

  /** Does it now, or when the gate opens. */
  pass(task: () => void): void {
    if (this.isHolding) this.#waiting.push(task);
    else task();
  }

  /** Like {@link pass}, for what has a result. */
  passing<T>(task: () => Promise<T>): Promise<T> {
    if (!this.isHolding) return task();
    return new Promise((resolve, reject) => this.pass(() => task().then(resolve, reject)));
  }

  begin(): void {
    this.#holds += 1;
  }

  /** Opens the gate, unless another still holds it shut. */
  end(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    // Tasks stay in the list until all have run, so that what they cause finds the gate still occupied.
    for (let next = 0; next < this.#waiting.length; next++) this.#waiting[next]!();
    this.#waiting.length = 0;
  }

  /** Opens the gate whoever holds it. */
  release(): void {
    this.#holds = 1;
    this.end();
  }
}
