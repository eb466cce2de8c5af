/**
 * The pause after a load that was too much: what is still queued belongs to it, and would be charged to whatever is driven
 * next. A stage has drained when several echoes in a row come promptly, each on a connection of its own, so that they meet
 * different shards.
 */
import type { Clock } from '../ports.ts';

/** Prompt echoes in a row: one may meet the only shard that has no queue. */
const PROMPT_ECHOES = 3;

export interface SettleOptions {
  readonly clock: Clock;
  /** Resolves when an echo has come, rejects when none did within the time. */
  readonly echo: (withinMs: number) => Promise<unknown>;
  /** How long a prompt echo may take, its connection included. */
  readonly promptMs: number;
  /** After this long the stage is driven all the same. */
  readonly patienceMs: number;
  readonly interrupted: AbortSignal;
}

/** Waits, and resolves with how long it took; null when the stage did not drain in that time, or the user had enough. */
export async function settle(options: SettleOptions): Promise<number | null> {
  const { clock, echo, promptMs, patienceMs, interrupted } = options;
  const startMs = clock.now();
  const aborted = whenAborted(interrupted);
  for (let prompt = 0; prompt < PROMPT_ECHOES; ) {
    const fromMs = clock.now();
    const leftMs = startMs + patienceMs - fromMs;
    if (leftMs <= 0 || interrupted.aborted) return null;
    const answered = await Promise.race([isAnswered(echo(leftMs)), aborted]);
    if (!answered) return null;
    prompt = clock.now() - fromMs <= promptMs ? prompt + 1 : 0;
  }
  return clock.now() - startMs;
}

function isAnswered(echo: Promise<unknown>): Promise<boolean> {
  return echo.then(
    () => true,
    () => false,
  );
}

function whenAborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
}
