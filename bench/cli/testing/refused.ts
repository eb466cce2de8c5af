/** For tests of refusals: the command line in this process. */
import { main } from '../../cli.ts';

/** Exit code and error lines of a command line that is refused. */
export async function refused(...args: string[]): Promise<[unknown, string[]]> {
  const { exitCode, stdout, stderr } = process;
  const { write } = stderr;
  const listening = [stdout, stderr].map((stream) => ({ stream, before: stream.listeners('error') }));
  let said = '';
  stderr.write = ((text: string) => {
    said += text;
    return true;
  }) as typeof write;
  try {
    await main(args);
    return [process.exitCode, said.trimEnd().split('\n')];
  } finally {
    stderr.write = write;
    process.exitCode = exitCode;
    for (const { stream, before } of listening)
      for (const listener of stream.listeners('error'))
        if (!before.includes(listener)) stream.off('error', listener as () => void);
  }
}
