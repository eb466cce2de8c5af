/** Starts the raw echo server as a process of its own: a known counterpart for measuring the driver itself. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Transport } from '../model/result.ts';
import { KEY_BYTES } from './loopback-tls.mjs';

const PROGRAM = fileURLToPath(new URL('./echo-server.mjs', import.meta.url));

export interface EchoProcess {
  readonly url: string;
  /** For `clientTls`, where it speaks TLS; null where it does not. */
  readonly tlsKey: string | null;
  readonly pid: number;
  /** Ends the process and resolves when it is gone. */
  close(): Promise<void>;
}

/** A process of a hundred lines starts in a tenth of a second. */
const START_LIMIT_MS = 10_000;

/** Those that run now. One that is stopped would not notice that this process ends. */
const living = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * Starts it and resolves when it listens, on a free port of 127.0.0.1. Rejects when it ends before, takes too long, or is no
 * longer wanted.
 */
export async function startEchoProcess(
  interrupted?: AbortSignal,
  transport: Transport = 'tcp',
): Promise<EchoProcess> {
  const tlsKey = transport === 'tls' ? randomBytes(KEY_BYTES).toString('hex') : null;
  const env = { ...process.env, ...(tlsKey === null ? {} : { ECHO_TLS_KEY: tlsKey }) };
  // Without the arguments of this process: loaders given there would be loaded in the child too.
  const child = fork(PROGRAM, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  living.add(child);
  const ended = once(child, 'exit').finally(() => living.delete(child));
  const failed = ended.then(([code]) => {
    throw new Error(`the echo server ended with code ${code}`);
  });
  failed.catch(() => {});
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const signal = interrupted === undefined ? limit : AbortSignal.any([limit, interrupted]);
  const started = Promise.race([once(child, 'message', { signal }), failed]);
  const [message] = (await started.catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  })) as [{ port: number }];
  return {
    url: `${tlsKey === null ? 'ws' : 'wss'}://127.0.0.1:${message.port}/`,
    tlsKey,
    pid: child.pid!,
    async close() {
      // SIGKILL reaches a stopped process too.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
