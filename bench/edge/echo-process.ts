/** Starts the raw echo server as a process of its own: a known counterpart for measuring the driver itself. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./echo-server.mjs', import.meta.url));

export interface EchoProcess {
  readonly url: string;
  readonly pid: number;
  /** Ends the process and answers when it is gone. */
  close(): Promise<void>;
}

/** Starts it and answers when it listens, on a free port of 127.0.0.1. Rejects when it ends before. */
export async function startEchoProcess(): Promise<EchoProcess> {
  // Without the arguments of this process: loaders given there would be loaded in the child too.
  const child = fork(PROGRAM, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`the echo server ended with code ${code}`);
  });
  failed.catch(() => {});
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }];
  return {
    url: `ws://127.0.0.1:${message.port}/`,
    pid: child.pid!,
    async close() {
      // SIGKILL reaches a stopped process too.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
