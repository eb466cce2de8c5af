/** The benchmark's processes: one echo server, and one subject at a time. All end with the benchmark, by their ids. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SubjectMessage, SubjectOutcome, SubjectTask } from './window.ts';

/** A subject that takes longer hangs. */
const SUBJECT_LIMIT_MS = 60_000;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function start(file: string, args: readonly string[], flags: readonly string[]): ChildProcess {
  const place = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(place, args, { execArgv: [...flags], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** An echo server on 127.0.0.1. */
export interface EchoServer {
  readonly port: number;
  /** Processor time it has used, microseconds; NaN where that is not known. */
  cpuMicros(): Promise<number>;
  stop(): void;
}

/** Starts the benchmark's own. */
export function startEchoServer(): Promise<EchoServer> {
  const child = start('./echo-server.mjs', [], []);
  const cpuMicros = () =>
    new Promise<number>((resolve) => {
      child.once('message', ({ cpuMicros }: { cpuMicros: number }) => resolve(cpuMicros));
      child.send('cpu');
    });
  return new Promise((resolve, reject) => {
    child.once('message', ({ port }: { port: number }) =>
      resolve({ port, cpuMicros, stop: () => child.disconnect() }),
    );
    child.once('exit', () => reject(new Error('the echo server ended')));
  });
}

/** Somebody else's that runs already: a faster one than Node allows shows what the clients could do. */
export function echoServerAt(port: number): EchoServer {
  return { port, cpuMicros: () => Promise.resolve(Number.NaN), stop: () => {} };
}

/** What one subject came to, and the share of a core that the server used meanwhile; NaN where that is not known. */
export interface Sample extends SubjectOutcome {
  readonly serverCores: number;
}

/** Runs one subject to its end. Rejects when it ends without an outcome, or takes too long. */
export async function sample(server: EchoServer, task: Omit<SubjectTask, 'port'>): Promise<Sample> {
  const args = [JSON.stringify({ ...task, port: server.port } satisfies SubjectTask)];
  const child = start('./subject.ts', args, ['--import', 'tsx', '--expose-gc']);
  let before = Promise.resolve(0);
  const outcome = await new Promise<SubjectOutcome>((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${task.subject} on ${task.connections}: ${what}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('took too long');
    }, SUBJECT_LIMIT_MS);
    child.on('message', (message: SubjectMessage) => {
      if (message.kind === 'begin') before = server.cpuMicros();
      else if (message.messages > 0) resolve(message);
      else fail('nothing came back in the window; the machine is too busy to measure');
    });
    // The channel is empty when it closes; the exit may come before the last message.
    child.once('disconnect', () => {
      clearTimeout(timer);
      fail('ended early');
    });
  });
  const usedMicros = (await server.cpuMicros()) - (await before);
  return { ...outcome, serverCores: usedMicros / 1000 / outcome.ms };
}
