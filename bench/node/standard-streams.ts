/**
 * Standard output and standard error as what they are to a command that measures: somewhere to tell people things. Whoever
 * reads them may leave (`… | head`, a closed terminal), and the disk behind them may be full; neither ends a run. Only a
 * result that was asked for on standard output and could not be written there is a failure, and is told by the exit code.
 */

/** The reader left on purpose, as `head` does. */
const LEFT = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** Exit code of an operating error. */
const FAILED = 1;

let isGuarded = false;

/** From here on no error of either stream reaches anybody who does not ask for it. */
export function guardStandardStreams(): void {
  if (isGuarded) return;
  isGuarded = true;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Why a result for a program could not be written; null where it was, or where its reader left. Fails the command, too. */
export function failureOf(error: NodeJS.ErrnoException | null | undefined): string | null {
  if (error === null || error === undefined || LEFT.has(error.code ?? '')) return null;
  // Whoever sets the command's own exit code may do so after this.
  process.once('exit', () => {
    process.exitCode ||= FAILED;
  });
  return error.message;
}

/** How long a standard error that nobody reads keeps the process from ending. */
const STALLED_MS = 3_000;

/**
 * Sees to it that the process ends when its work is done, whatever else has not ended: a call that nobody waits for, a pipe
 * of a process that is gone, a standard error that nobody reads. Standard output is waited for while somebody may read it.
 */
export function endWhenIdle(): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 && !process.stdout.destroyed) endWhenIdle();
    else process.exit();
  }, STALLED_MS).unref();
}
