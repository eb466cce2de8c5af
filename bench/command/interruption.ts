/** Ctrl-C as an abort signal, for commands that have something to tidy up or to say before they end. */

export interface Interruption {
  readonly signal: AbortSignal;
  /** Interrupts from within, as a prompt that swallows Ctrl-C must. */
  interrupt(): void;
  /** Stops listening. */
  dispose(): void;
}

/**
 * Listens for SIGINT and SIGTERM. A second one is for `again` to answer; without it, it ends the process at once, as it does
 * where nobody listens.
 */
export function listenForInterruption(again?: () => void): Interruption {
  const controller = new AbortController();
  const dispose = () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
  const interrupt = () => {
    if (controller.signal.aborted) again?.();
    else if (again === undefined) dispose();
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return { signal: controller.signal, interrupt, dispose };
}
