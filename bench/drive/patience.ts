/**
 * How long what others have to say is waited for. Everything that is asked of a stage shares one deadline, and one grace
 * after an interruption: a stage that no longer answers costs a run its word, never the run.
 */
import type { Clock, Stage, Timer } from '../ports.ts';

/** A stage that has its answers gives them in a moment, also under load. One that needs longer says so itself. */
const ANSWERS_WITHIN_MS = 20_000;

/** After an interruption somebody waits in front of a terminal. */
const ANSWER_GRACE_MS = 5_000;

/** A worker stops sending and reports its last second; one that takes longer is stuck. */
const STOP_GRACE_MS = 10_000;

interface PatienceOptions {
  readonly clock: Clock;
  /** From now on. */
  readonly withinMs: number;
  /** How much longer from the interruption on. An answer that is there comes within a moment. */
  readonly graceMs: number;
  readonly interrupted: AbortSignal;
}

export class Patience {
  readonly #options: PatienceOptions;
  readonly #timers: Timer[] = [];
  readonly #end: Promise<never>;
  #giveUp: (why: Error) => void = () => {};

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#end = new Promise((_, reject) => {
      this.#giveUp = reject;
    });
    // It may come when nothing is waited for.
    this.#end.catch(() => {});
    const { withinMs, interrupted } = options;
    if (Number.isFinite(withinMs)) this.#endIn(withinMs, `no answer within ${withinMs / 1000} s`);
    if (interrupted.aborted) this.#interrupted();
    else interrupted.addEventListener('abort', this.#interrupted, { once: true });
  }

  /** What the promise comes to; rejects when patience ends before. */
  for<T>(asked: Promise<T>): Promise<T> {
    return Promise.race([asked, this.#end]);
  }

  /** Frees its timers. */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#options.interrupted.removeEventListener('abort', this.#interrupted);
  }

  readonly #interrupted = (): void => {
    const { graceMs } = this.#options;
    this.#endIn(graceMs, `no answer within ${graceMs / 1000} s of the interruption`);
  };

  #endIn(ms: number, why: string): void {
    const { clock } = this.#options;
    this.#timers.push(clock.at(clock.now() + ms, () => this.#giveUp(new Error(why))));
  }
}

/** With a stage that is asked after a run. */
export function patienceWithStage(
  { answersWithinMs: withinMs = ANSWERS_WITHIN_MS }: Pick<Stage, 'answersWithinMs'>,
  clock: Clock,
  interrupted: AbortSignal,
): Patience {
  return new Patience({ clock, withinMs, graceMs: ANSWER_GRACE_MS, interrupted });
}

/** With workers: theirs is the schedule, so only an interruption bounds it. */
export function patienceWithWorkers(clock: Clock, interrupted: AbortSignal): Patience {
  return new Patience({ clock, withinMs: Infinity, graceMs: STOP_GRACE_MS, interrupted });
}
