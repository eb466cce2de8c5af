/** Ctrl-C, and whatever else asks a command to end, as an abort signal: there is something to save or to say before it ends. */
import { note } from '../node/terminal.ts';
import { EXIT } from './exit.ts';

/** From a terminal, from a supervisor, and from a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** After the second signal: what was measured is being written, and no wait that is left is longer. */
const SAVE_LIMIT_MS = 15_000;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Interrupts from within, as a prompt that swallows Ctrl-C must. */
  interrupt(): void;
  /** Stops listening. */
  dispose(): void;
}

/** Somebody does not want to wait, and yet what was measured is not thrown away. */
export function endSoon(doing = 'what was measured is being saved'): void {
  note(`Interrupted again: ${doing}, which takes ${SAVE_LIMIT_MS / 1000} s at most.`);
  setTimeout(() => process.exit(EXIT.interrupted), SAVE_LIMIT_MS).unref();
}

/**
 * Listens for the signals. A second one is for `again`, which is called once: by default it bounds how long saving may take.
 * With null it ends the process at once, as it does where nobody listens: for commands that have nothing to save.
 */
export function listenForInterruption(again: (() => void) | null = endSoon): Interruption {
  const controller = new AbortController();
  let isAgain = false;
  const dispose = () => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  };
  const interrupt = () => {
    if (!controller.signal.aborted) {
      if (again === null) dispose();
      controller.abort();
    } else if (!isAgain) {
      isAgain = true;
      again?.();
    }
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return { signal: controller.signal, interrupt, dispose };
}
